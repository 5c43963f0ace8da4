"""Buyers and staff with browsers that know no script, in a shop that fails under their hands."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

import httpx
from bs4 import BeautifulSoup, Tag

from tests.factories import PASSWORD
from tests.placing import CARD_DECLINED, CARD_OK

_TIMEOUT = httpx.Timeout(15)
_BROKEN = 500
_REFUSED = 400
_MOST_PRESSES = 6
_NEWEST = 8
_PAY_LINK = 'a[href^="/pay/"]'
_ON_ACCOUNT = "input[name=payment_method][value=terms]:not([disabled])"
# How often somebody who may orders on account, leaves an order whose card was refused, and looks for what is to be paid.
_ON_ACCOUNT_OFTEN, _LEAVES_IT, _PAYS_BY_LINK = 0.5, 0.5, 0.06


# What is typed into a form, or how that is made from what the form shows.
Values = Mapping[str, str] | Callable[[Tag], Mapping[str, str]]


class NoPage(Exception):
    """No answer, or an error page: the person tries again later."""


@dataclass(frozen=True)
class Page:
    """What came back after redirects."""

    url: str
    status: int
    soup: BeautifulSoup

    @property
    def path(self) -> str:
        return urlsplit(self.url).path

    def form(self, css: str) -> Tag | None:
        found = self.soup.select_one(css)
        return found if found is None or found.name == "form" else found.find_parent("form")


class Browser:
    """One person's browser with its own cookies."""

    def __init__(self, url: str, email: str, way: httpx.BaseTransport | None = None):
        self._email = email
        self._http = httpx.Client(base_url=url, timeout=_TIMEOUT, follow_redirects=True, transport=way)

    @property
    def cookies(self) -> httpx.Cookies:
        return self._http.cookies

    def open(self, path: str) -> Page:
        return self._ask("GET", path)

    def send(self, page: Page, form: Tag, values: Mapping[str, str]) -> Page:
        """Press the button of a form, with what stands in it and these values over it."""
        target = urljoin(page.url, str(form.get("action") or page.url))
        return self._ask("POST", target, data=standing(form) | dict(values), headers={"Referer": page.url})

    def sign_in(self) -> None:
        page = self.open("/login")
        form = page.form("form input[name=password]")
        if form is not None:
            self.send(page, form, {"email": self._email, "password": PASSWORD})

    def is_signed_out(self, page: Page) -> bool:
        return page.path == "/login"

    def _ask(self, method: str, target: str, **sent: object) -> Page:
        try:
            answer = self._http.request(method, target, **sent)  # type: ignore[arg-type]
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise NoPage(type(error).__name__) from error
        if answer.status_code >= _BROKEN:
            raise NoPage(f"status {answer.status_code}")
        return Page(str(answer.url), answer.status_code, BeautifulSoup(answer.text, "lxml"))

    def close(self) -> None:
        self._http.close()


def standing(form: Tag) -> dict[str, str]:
    """What a form would send untouched."""
    chosen = form.select("input[type=hidden], input[checked], input[type=text][value]")
    return {str(each["name"]): str(each.get("value", "")) for each in chosen if each.get("name")}


@dataclass
class Told:
    """What people were told, to be compared with the books afterwards."""

    placed: set[str] = field(default_factory=set)
    cancelled: set[str] = field(default_factory=set)
    # When staff last sent the link that pays an order, in seconds since 1970.
    links: dict[str, float] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)


class Buyer:
    """Fills a cart, orders, presses again when nothing came back, and sometimes thinks better of it."""

    def __init__(
        self,
        browser: Browser,
        told: Told,
        dice: random.Random,
        plenty: tuple[int, ...],
        scarce: tuple[int, ...],
        share_of_scarce: float,
    ):
        self._browser = browser
        self._told = told
        self._dice = dice
        self._plenty, self._scarce = plenty, scarce
        self._share_of_scarce = share_of_scarce
        self._to_cancel: list[tuple[float, str]] = []
        self._waits = False

    def live(self, stop: threading.Event, pause: threading.Event) -> None:
        """Until told to stop; no new orders while there is a pause."""
        while not stop.is_set():
            try:
                if pause.is_set():
                    stop.wait(0.5)
                elif self._dice.random() < _PAYS_BY_LINK:
                    self._pay_by_link()
                else:
                    self._order()
                self._cancel_what_is_due()
            except NoPage:
                stop.wait(0.3)
        self._browser.close()

    def _order(self) -> None:
        browser, dice = self._browser, self._dice
        if self._waits:
            self._look_again()
            return
        page = browser.open("/cart")
        if browser.is_signed_out(page) or page.form('form[action="/logout"], form[action$="logout"]') is None:
            browser.sign_in()
        self._add_goods(page)
        page = browser.open("/checkout/")
        form = page.form("#delivery-form")
        if form is None:
            self._waits = page.path.startswith("/orders")
            self._clear_the_cart(page)
            return
        review = browser.send(page, form, {"po_number": f"PO-{dice.randrange(10**6)}"})
        if review.form("#review") is not None:
            self._press(review)

    def _look_again(self) -> None:
        """The order is being placed, the shop said: what became of it? Asked once a second, not all the time."""
        time.sleep(1)
        self._waits = self._browser.open("/checkout/").path.startswith("/orders")

    def _add_goods(self, page: Page) -> None:
        scarce = self._dice.random() < self._share_of_scarce
        sku_id = self._dice.choice(self._scarce if scarce else self._plenty)
        token = page.soup.select_one("[name=csrf_token]")
        if token is not None:
            values = {
                "csrf_token": str(token["value"]),
                "sku_id": str(sku_id),
                "quantity": str(self._dice.randint(1, 3)),
            }
            self._browser._ask("POST", "/cart/items", data=values, headers={"Referer": page.url})

    def _clear_the_cart(self, page: Page) -> None:
        """Checkout led back to the cart: what was sold to others meanwhile is taken out."""
        for form in page.soup.select('form[action$="/remove"]'):
            self._browser.send(page, form, {})

    def _press(self, review: Page) -> None:
        """Until there is an answer: the same page pressed again, as somebody does who sees an error."""
        card = CARD_DECLINED if self._dice.random() < 0.12 else CARD_OK
        values = {"accept_terms": "y"}
        if review.soup.select_one(_ON_ACCOUNT) is not None and self._dice.random() < _ON_ACCOUNT_OFTEN:
            values["payment_method"] = "terms"
        for _ in range(_MOST_PRESSES):
            form = review.form("#review")
            if form is None:
                return
            try:
                page = self._browser.send(review, form, values | {"source_token": card})
            except NoPage:
                time.sleep(0.1)
                continue
            if page.path.startswith(("/checkout/done/", "/orders/")) and page.status < _REFUSED:
                self._placed(page)
                return
            if page.form("#review") is None:
                return
            if card == CARD_DECLINED and self._dice.random() < _LEAVES_IT:
                self._pay_by_link()
                return
            review, card = page, CARD_OK  # refused, with the reason; another card then

    def _pay_by_link(self) -> None:
        """An open invoice, or the newest order that failed; now and then with a card that says no."""
        page = self._find_to_pay()
        if page is None:
            return
        card = CARD_DECLINED if self._dice.random() < 0.2 else CARD_OK
        for _ in range(_MOST_PRESSES):
            form = page.form("#pay-form")
            if form is None:
                return
            try:
                answer = self._browser.send(page, form, {"source_token": card})
            except NoPage:
                time.sleep(0.1)
                continue  # the same page once more: it knows the payment it asked after
            if answer.status < _REFUSED:
                return
            page, card = answer, CARD_OK

    def _find_to_pay(self) -> Page | None:
        invoices = self._browser.open("/orders/invoices")
        issued = [
            row
            for row in invoices.soup.select("tr")
            if row.select_one(_PAY_LINK) and "Not issued" not in row.get_text()
        ]
        if issued:
            link = self._dice.choice(issued).select_one(_PAY_LINK)
            return self._browser.open(str(link["href"])) if link else None
        listed = self._browser.open("/orders/")
        for row in listed.soup.select("#orders-list tbody tr")[:_NEWEST]:
            order = row.select_one("a[href]")
            if order is None or "ailed" not in row.get_text():
                continue
            link = self._browser.open(str(order["href"])).soup.select_one(_PAY_LINK)
            if link is not None:
                return self._browser.open(str(link["href"]))
        return None

    def _placed(self, page: Page) -> None:
        number = page.path.rstrip("/").rpartition("/")[2]
        if number in {"", "orders"}:
            return
        with self._told.lock:
            self._told.placed.add(number)
        chance = self._dice.random()
        if chance < 0.2:
            self._to_cancel.append((0.0, number))
        elif chance < 0.4:
            self._to_cancel.append((time.monotonic() + self._dice.uniform(1, 6), number))

    def _cancel_what_is_due(self) -> None:
        due = [each for each in self._to_cancel if each[0] <= time.monotonic()]
        for each in due:
            page = self._browser.open(f"/orders/{each[1]}")
            form = page.form('form[action$="/cancel"]')
            if form is not None:
                answer = self._browser.send(page, form, {"reason": "Ordered twice"})
                if answer.status < _REFUSED:
                    with self._told.lock:
                        self._told.cancelled.add(each[1])
            self._to_cancel.remove(each)


class Staff:
    """Somebody at the order desk, who presses the buttons that an order shows."""

    def __init__(self, browser: Browser):
        self._browser = browser
        self.retried = 0  # jobs that gave up and were tried again

    def press(self, path: str, button: str, values: Values, done: str = "") -> bool:
        """Open a page of the back office and send the form whose address ends so, with these values or what is made of the
        form; says yes when asked. False without such a form, after a refusal, or where `done` is not on the page then."""
        page = self._browser.open(path)
        if self._browser.is_signed_out(page):
            self._browser.sign_in()
            page = self._browser.open(path)
        form = page.form(f'form[action$="/{button}"]') or page.form(f'form[action*="/{button}?"]')
        if form is None:
            return False
        page = self._browser.send(page, form, values(form) if callable(values) else values)
        question = page.form("form.confirm-page")
        if question is not None:
            page = self._browser.send(page, question, {})
        return page.status < _REFUSED and done in page.soup.get_text()

    def close(self) -> None:
        self._browser.close()
