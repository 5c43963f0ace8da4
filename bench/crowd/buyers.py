"""What Locust runs: signed-in buyers who look around, search, fill carts, order and look at their orders.

They know no more than a browser does: forms and links are read from the pages, and what htmx would ask for is asked for with
its headers. Nothing of the shop is imported. What to do stands in the environment (CROWD_…), what came of it goes to a file.
"""

from __future__ import annotations

import os
import random
import re
import time
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlencode

import gevent
from gevent.lock import BoundedSemaphore
from locust import FastHttpUser, between, events, task
from locust.exception import StopUser

from bench.crowd.answers import judge, retry_after, standing
from bench.crowd.diary import Diary
from bench.crowd.thinking import THINKING

BUYERS = int(os.environ["CROWD_BUYERS"])
SECONDS = float(os.environ["CROWD_SECONDS"])
PASSWORD = os.environ["CROWD_PASSWORD"]
WORDS = os.environ["CROWD_WORDS"].split(",")
CATEGORIES = int(os.environ["CROWD_CATEGORIES"])
RESULT = Path(os.environ["CROWD_RESULT"])

_CARD = "cnon:card-nonce-ok"
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
_PRODUCT = re.compile(r'href="(/products/[^"?#]+)"')
_ADD = re.compile(r'id="add-(\d+)" action="/cart/items"')
_LINE = re.compile(r'id="line-form-(\d+)"')
_ORDER = re.compile(r'href="(/orders/TP-\d+)"')
_CROWDED_CART = 25
_TRIES = 8
_MOST_SECONDS_TO_COME_IN = 900


diary = Diary()
door = BoundedSemaphore(4)


class Buyer(FastHttpUser):
    """One person with a browser, who thinks between two clicks."""

    wait_time = between(*THINKING)
    connection_timeout = 60.0
    network_timeout = 60.0
    numbers: ClassVar[Iterator[int]] = iter(range(1, 1_000_000))

    def on_start(self) -> None:
        """Come in, a few at a time, and wait until everybody is: so no password is checked in the measured time."""
        self.number = next(self.numbers)
        self.dice = random.Random(self.number)
        self.page, self.path, self.token = "", "/", ""
        with door:
            if not any(self.sign_in() for _ in range(_TRIES)):
                diary.kept_out += 1
                raise StopUser
            self.find_cart_of_last_time()
        diary.signed_in += 1
        self.clicks = self.shop_for_ever()
        diary.everybody_is_in.wait()
        gevent.sleep(self.dice.uniform(0, THINKING[1]))

    def find_cart_of_last_time(self) -> None:
        """Nobody begins with an empty cart."""
        self.read("home", "/")
        for sku_id in self.dice.sample(range(1, 200), self.dice.randint(1, 3)):
            told = {"csrf_token": self.token, "sku_id": str(sku_id), "quantity": "12"}
            self.send("cart fragment", "/cart/items", told, **self.htmx("add-note", ""))

    def sign_in(self) -> bool:
        self.read("sign in", "/login")
        told = {"csrf_token": self.token, "email": f"buyer{self.number}@example.com", "password": PASSWORD}
        return self.send("sign in", "/login", told) == 303

    @task
    def click(self) -> None:
        """The next step of the visit; whoever was sent away takes it again, as the page asked."""
        next(self.clicks)
        # Between two clicks a browser's connection has long been closed by the shop.
        self.client.client.clientpool.close()

    # --- What people do ----------------------------------------------------------------------------------------

    def shop_for_ever(self) -> Iterator[None]:
        """One visit after the other; when the measured time begins, people are in the middle of theirs."""
        steps = (self.look_around, self.search, self.see_cart, self.order, self.see_orders)
        first = self.dice.randrange(len(steps))
        while True:
            for step in steps[first:]:
                yield from step()
            first = 0

    def look_around(self) -> Iterator[None]:
        if self.dice.random() < 0.3:
            self.read("home", "/")
            yield
        for _ in range(self.dice.randint(1, 3)):
            category = f"/catalog/category-{self.dice.randint(1, CATEGORIES)}"
            self.read("listing", category)
            yield
            if self.dice.random() < 0.5:
                # "Next" is a boosted link: htmx fetches the page and takes the list out of it.
                page = f"{category}?page={self.dice.randint(2, 5)}"
                self.read("listing", page, **self.htmx("listing", "", Boosted="true"))
                yield
            if self.dice.random() < 0.4:
                yield from self.add_one()
            yield from self.see_product()

    def see_product(self) -> Iterator[None]:
        links = _PRODUCT.findall(self.page)
        if not links:
            return
        self.read("product", self.dice.choice(links))
        yield
        if self.dice.random() < 0.5:
            yield from self.add_one()

    def add_one(self) -> Iterator[None]:
        """The button beside a quantity: an htmx fragment comes back, with the badge."""
        found = _ADD.findall(self.page)
        if not found:
            return
        sku_id = self.dice.choice(found)
        told = {
            "csrf_token": self.token,
            "sku_id": sku_id,
            "next": self.path,
            "quantity": str(12 * self.dice.randint(1, 4)),
        }
        self.send("cart fragment", "/cart/items", told, **self.htmx(f"add-note-{sku_id}", f"add-{sku_id}"))
        yield

    def search(self) -> Iterator[None]:
        if self.dice.random() < 0.6:
            self.read("search", "/search?" + urlencode({"q": self.search_words()}))
            yield
            yield from self.see_product()

    def search_words(self) -> str:
        if self.dice.random() < 0.2:
            return f"BN-{self.dice.randint(1, 400):06d}"
        return " ".join(self.dice.sample(WORDS, self.dice.randint(1, 2)))

    def see_cart(self) -> Iterator[None]:
        self.read("cart page", "/cart")
        yield
        lines = _LINE.findall(self.page)
        if lines and self.dice.random() < 0.6:
            line = self.dice.choice(lines)
            told = {"csrf_token": self.token, "quantity": str(12 * self.dice.randint(1, 6))}
            self.send("cart fragment", f"/cart/items/{line}", told, **self.htmx("cart", f"line-form-{line}"))
            yield

    def order(self) -> Iterator[None]:
        """Delivery, review, the press, and the page that says thanks."""
        lines = len(_LINE.findall(self.page))
        if not lines or (self.dice.random() > 0.35 and lines < _CROWDED_CART):
            return
        if self.read("checkout", "/checkout/") != 200:
            return
        yield
        chosen = standing(self.page, "delivery-form") | {"po_number": f"PO-{self.dice.randrange(10**6)}"}
        if (
            self.send("checkout", "/checkout/", chosen) != 303
            or self.read("checkout", "/checkout/review") != 200
        ):
            return
        yield
        told = standing(self.page, "review") | {"source_token": _CARD, "accept_terms": "y"}
        if (
            self.send("placing", "/checkout/place", told, **self.htmx("review", "review")) == 204
            and self.went_to
        ):
            diary.placed.append(self.went_to.rpartition("/")[2])
            self.read("confirmation", self.went_to)
        yield

    def see_orders(self) -> Iterator[None]:
        if self.dice.random() > 0.4:
            return
        page = f"?page={self.dice.randint(2, 3)}" if self.dice.random() < 0.2 else ""
        self.read("orders", f"/orders/{page}")
        yield
        links = _ORDER.findall(self.page)
        if links:
            path = self.dice.choice(links)
            self.read("order", path)
            yield
            if self.dice.random() < 0.3:
                self.read("order", f"{path}/print")
                yield
        if self.dice.random() < 0.2:
            self.read("orders", "/orders/invoices")
            yield

    # --- How a browser asks ------------------------------------------------------------------------------------

    def htmx(self, target: str, trigger: str, **more: str) -> dict[str, str]:
        """The headers htmx sends with a request, and the token that `hx-headers` of the body adds."""
        names = {
            "Request": "true",
            "Target": target,
            "Trigger": trigger,
            "Current-URL": f"{self.host}{self.path}",
            **more,
        }
        return {f"HX-{name}": value for name, value in names.items() if value} | {"X-CSRFToken": self.token}

    def read(self, kind: str, path: str, **headers: str) -> int:
        """Open a page; sent away, wait as asked and open it again."""
        for _ in range(_TRIES):
            answer = self.ask(kind, "GET", path, headers=headers)
            if answer.status_code != 503:
                break
            gevent.sleep(retry_after(answer))
        if answer.status_code == 200:
            self.page, self.path = answer.text, path
            token = _TOKEN.search(self.page)
            self.token = unescape(token[1]) if token else self.token
        return int(answer.status_code)

    def send(self, kind: str, path: str, told: dict[str, str], **headers: str) -> int:
        """Press a button; sent away, wait as asked and press it again."""
        headers |= {**_FORM, "Referer": f"{self.host}{self.path}", "Origin": str(self.host)}
        for _ in range(_TRIES):
            answer = self.ask(kind, "POST", path, headers=headers, data=urlencode(told))
            if answer.status_code != 503:
                break
            gevent.sleep(retry_after(answer))
        given = answer.headers or {}
        self.went_to = str(given.get("HX-Redirect") or given.get("Location") or "")
        return int(answer.status_code)

    def ask(self, kind: str, method: str, path: str, **sent: Any) -> Any:
        # Each from an address of its own, as the proxy in front would say.
        sent["headers"] = {
            **sent["headers"],
            "X-Forwarded-For": f"10.20.{self.number // 250}.{self.number % 250}",
        }
        began = time.perf_counter()
        answer = self.client.request(method, path, name=kind, allow_redirects=False, **sent)
        outcome = judge(kind, answer)
        diary.note(kind, time.perf_counter() - began, int(answer.status_code), outcome)
        if outcome in {"error", "refused"}:
            words = f"{outcome}: {kind} {method} {re.sub(r'[0-9]+', 'N', path)} {answer.status_code} {answer.error or ''}".strip()
            diary.failures[words] = diary.failures.get(words, 0) + 1
        return answer


@events.test_start.add_listener
def open_the_doors(environment: Any, **_: Any) -> None:
    """Measure from the moment in which everybody is signed in, for so many seconds."""

    def measure() -> None:
        until = time.monotonic() + _MOST_SECONDS_TO_COME_IN
        while diary.signed_in + diary.kept_out < BUYERS and time.monotonic() < until:
            gevent.sleep(0.2)
        diary.everybody_is_in.set()
        # The first clicks are spread over the longest thinking.
        gevent.sleep(THINKING[1])
        diary.began = time.time()
        gevent.sleep(SECONDS)
        diary.ended = time.time()
        environment.runner.quit()

    gevent.spawn(measure)


@events.quit.add_listener
def write_down(**_: Any) -> None:
    diary.keep(RESULT)
