"""A person with a browser that knows no script: opens pages, follows links, presses buttons, and reads."""

import re
from collections.abc import Mapping
from urllib.parse import urljoin, urlsplit

import httpx
from bs4 import BeautifulSoup, Tag

from sandbox.touring.forms import fill, find_form, words_of
from sandbox.touring.patient import reload
from sandbox.touring.trouble import TourFailed

_SECONDS = 30
_MOST_SHOWN = 700
# An amount of money as the shop writes it. Whoever is not approved must never be sent one.
_AMOUNT = re.compile(r"\$\s?\d[\d,]*\.\d\d")
_BROKEN = 500


class Page:
    """What came back: its address after redirects, its status, and what a person reads on it."""

    def __init__(self, person: "Person", response: httpx.Response):
        self.person = person
        self.status = response.status_code
        self.url = str(response.url)
        self.path = response.url.path
        self.source = response.text
        self.soup = BeautifulSoup(self.source, "html.parser")

    @property
    def text(self) -> str:
        """The words of the page, without scripts and styles."""
        spoken = BeautifulSoup(self.source, "html.parser")
        for element in spoken(["script", "style", "template", "title"]):
            element.decompose()
        return words_of(spoken)

    def shows(self, *sentences: str) -> "Page":
        """TourFailed unless every one of these stands on the page."""
        text = self.text
        for sentence in sentences:
            if sentence not in text:
                raise TourFailed(f"{self.person.name} reads {sentence!r} on {self.path}", self.seen())
        return self

    def hides(self, *sentences: str) -> "Page":
        """TourFailed if any of these stands anywhere in the answer, attributes included."""
        for sentence in sentences:
            if sentence in self.source:
                raise TourFailed(f"{self.person.name} finds no {sentence!r} on {self.path}", self.seen())
        return self

    def is_at(self, path: str) -> "Page":
        """TourFailed unless the address begins with `path` after all redirects."""
        if not self.path.startswith(path):
            raise TourFailed(f"{self.person.name} is led to {path}", f"{self.path}: {self.seen()}")
        return self

    def select(self, css: str, what: str) -> Tag:
        """The first element that fits; `what` names it for whoever reads the failure."""
        found = self.soup.select_one(css)
        if found is None:
            raise TourFailed(f"{what} on {self.path}", self.seen())
        return found

    def link(self, words: str) -> str:
        """The address behind a link with these words."""
        for each in self.soup.select("a[href]"):
            if words_of(each) == words or each.get("aria-label") == words:
                return urljoin(self.url, str(each["href"]))
        raise TourFailed(f"a link {words!r} on {self.path}", self.seen())

    def follow(self, words: str) -> "Page":
        return self.person.open(self.link(words))

    def press(
        self,
        button: str,
        answers: Mapping[str, str | bool] | None = None,
        files: Mapping[str, tuple[str, bytes, str]] | None = None,
        *,
        within: str = "",
        status: int | tuple[int, ...] = 200,
    ) -> "Page":
        """Fill in the form of a button by the words of its labels, and press it; `within` narrows to part of the page."""
        part = (
            BeautifulSoup(str(self.select(within, f"the part {within}")), "html.parser")
            if within
            else self.soup
        )
        form, pressed = find_form(part, button)
        filled = fill(form, pressed, answers or {}, files or {})
        target = urljoin(self.url, filled.action or self.url)
        if filled.method == "get":
            return self.person.send("GET", target, params=filled.values, status=status)
        return self.person.send(
            "POST",
            target,
            data=filled.values,
            files=filled.files or None,
            headers={"Referer": self.url},
            status=status,
        )

    def seen(self) -> str:
        """The beginning of what a person would read, for whoever reads the failure."""
        main = self.soup.select_one("main") or self.soup
        words = words_of(main) if isinstance(main, Tag) else self.text
        return f"status {self.status}, {words[:_MOST_SHOWN]}"


class Person:
    """One browser with its own cookies. Until `sees_prices`, an amount of money in any answer ends the tour."""

    def __init__(self, name: str, shop: str):
        self.name = name
        self.sees_prices = False
        self._shop = shop
        self._client = httpx.Client(follow_redirects=True, timeout=_SECONDS, headers={"Accept": "text/html"})

    def open(self, address: str, status: int | tuple[int, ...] = 200) -> Page:
        """Open a path of the shop, or an address of it."""
        return self.send("GET", urljoin(self._shop + "/", address), status=status)

    def send(self, method: str, address: str, *, status: int | tuple[int, ...], **sent: object) -> Page:
        if urlsplit(address).netloc != urlsplit(self._shop).netloc:
            raise TourFailed(f"{self.name} stays on {self._shop}", f"a way to {address}")
        try:
            response = reload(
                lambda: self._client.request(method, address, **sent),  # type: ignore[arg-type]
                only_unsent=method != "GET",
            )
        except httpx.HTTPError as error:
            raise TourFailed(
                f"an answer to {method} {address}", f"{type(error).__name__}: {error}"
            ) from error
        page = Page(self, response)
        self._check(page, method, status, response.headers.get("x-request-id", "none"))
        return page

    def _check(self, page: Page, method: str, status: int | tuple[int, ...], request_id: str) -> None:
        allowed = status if isinstance(status, tuple) else (status,)
        if page.status not in allowed:
            kind = (
                "an error of the shop, see the log of its web processes" if page.status >= _BROKEN else "that"
            )
            seen = f"{page.seen()} ({kind}; request {request_id})"
            raise TourFailed(
                f"{method} {page.path} answers {' or '.join(map(str, allowed))} to {self.name}", seen
            )
        if not self.sees_prices and (found := _AMOUNT.search(page.source)):
            start = max(found.start() - 120, 0)
            seen = " ".join(page.source[start : found.end() + 40].split())
            raise TourFailed(f"no amount of money is sent to {self.name} on {page.path}", seen)

    def close(self) -> None:
        self._client.close()
