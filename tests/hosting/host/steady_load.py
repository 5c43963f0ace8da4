"""A steady stream of visitors who read and put goods into their carts; every answer that is not a right one is kept."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Protocol, Self

import httpx
from bs4 import BeautifulSoup

from tests.hosting.host import checks

_THINK_SECONDS = 0.05
# Longer than nginx waits for the shop, so that it is nginx that gives up first, and says so.
_SECONDS = 70


@dataclass
class Tally:
    """What the visitors saw; `waits` are the seconds each answer took."""

    reads: int = 0
    posts: int = 0
    waits: list[float] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    @property
    def requests(self) -> int:
        return self.reads + self.posts

    def wait_at(self, share: float) -> float:
        """The seconds within which that share of the answers came."""
        ordered = sorted(self.waits)
        return ordered[min(int(len(ordered) * share), len(ordered) - 1)]

    def in_words(self) -> str:
        return (
            f"{self.requests} requests ({self.posts} of them into carts), {len(self.failed)} failed; half within "
            f"{self.wait_at(0.5) * 1000:.0f} ms, all within {self.wait_at(1) * 1000:.0f} ms"
        )


class Buyer:
    """Signed in, with one connection that is kept open; adds the same quantity of one sku with every third request."""

    def __init__(self, url: str, certificate: str, email: str, password: str):
        self._http = httpx.Client(base_url=url, verify=certificate, timeout=_SECONDS, follow_redirects=False)
        self._referrer = {"Referer": f"{url}/"}
        sent = {"csrf_token": self._token("/login"), "email": email, "password": password}
        answer = self._http.post("/login", data=sent, headers=self._referrer)
        checks.expect(answer.status_code == 303, f"{email} can sign in: {answer.status_code}")
        self._csrf = self._token("/cart")

    def _token(self, path: str) -> str:
        found = BeautifulSoup(self._http.get(path).text, "html.parser").select_one("[name=csrf_token]")
        checks.expect(found is not None, f"{path} has a form")
        return str(found["value"]) if found else ""

    def read(self, path: str) -> int:
        return self._http.get(path).status_code

    def add(self, sku_id: int, quantity: int) -> int:
        sent = {"csrf_token": self._csrf, "sku_id": sku_id, "quantity": quantity}
        return self._http.post("/cart/items", data=sent, headers=self._referrer).status_code

    def close(self) -> None:
        self._http.close()


class Wares(Protocol):
    """Pages to read, and a sku to put into carts by the case."""

    sku_id: int
    pack: int
    pages: list[str]


class SteadyLoad:
    """Runs from entering the block to leaving it: all buyers at once, each with a moment's thought between requests."""

    def __init__(self, buyers: list[Buyer], goods: Wares):
        self.tally = Tally()
        self._goods = goods
        self._told = threading.Event()
        self._lock = threading.Lock()
        self._threads = [
            threading.Thread(target=self._visit, args=(buyer, number), daemon=True)
            for number, buyer in enumerate(buyers)
        ]

    def _visit(self, buyer: Buyer, number: int) -> None:
        goods = self._goods
        first = number % len(goods.pages)
        pages = itertools.cycle(goods.pages[first:] + goods.pages[:first])
        for turn in itertools.count():
            if self._told.wait(_THINK_SECONDS):
                return
            if turn % 3 == 2:
                self._ask("POST /cart/items", 303, lambda: buyer.add(goods.sku_id, goods.pack))
            else:
                path = next(pages)
                self._ask(f"GET {path}", 200, lambda path=path: buyer.read(path))  # type: ignore[misc]

    def _ask(self, what: str, right: int, step: Callable[[], int]) -> None:
        began = time.perf_counter()
        try:
            status = step()
            wrong = "" if status == right else f"{what}: {status}"
        except httpx.HTTPError as error:
            wrong = f"{what}: {type(error).__name__} {error}"
        with self._lock:
            self.tally.waits.append(time.perf_counter() - began)
            self.tally.reads += what.startswith("GET")
            self.tally.posts += what.startswith("POST")
            if wrong:
                self.tally.failed.append(wrong)

    def await_requests(self, count: int) -> None:
        """Until so many more have been answered."""
        until, deadline = self.tally.requests + count, time.monotonic() + 120
        while self.tally.requests < until and time.monotonic() < deadline:
            time.sleep(0.05)

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._told.set()
        for thread in self._threads:
            thread.join(timeout=_SECONDS)
