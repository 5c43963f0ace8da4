"""A client that asks again and again over several connections, and counts."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx
from bs4 import BeautifulSoup

TIMEOUT = httpx.Timeout(30)


@dataclass
class Figures:
    """What one measured thing came to; seconds are seconds, sizes are bytes of the body as sent. A thing may be several
    requests; `times_of_requests` has each of them where they were measured one by one."""

    name: str
    seconds: float = 0.0
    times: list[float] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    errors: int = 0
    times_of_requests: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        return len(self.times) / self.seconds

    def percentile(self, share: float) -> float:
        """The time, in milliseconds, under which that share of the answers came."""
        ordered = sorted(self.times_of_requests or self.times)
        return ordered[min(int(len(ordered) * share), len(ordered) - 1)] * 1000

    @property
    def size(self) -> int:
        return int(statistics.median(self.sizes)) if self.sizes else 0


class Buyer:
    """A signed-in browser without a screen."""

    def __init__(self, url: str, email: str, password: str):
        self.http = httpx.Client(base_url=url, timeout=TIMEOUT, follow_redirects=False)
        page = self.http.get("/login")
        answer = self.http.post(
            "/login", data={**hidden(page.text, "form[method=post]"), "email": email, "password": password}
        )
        if answer.status_code != 303:
            raise RuntimeError(f"signing in answered {answer.status_code}")
        self.csrf = BeautifulSoup(self.http.get("/cart").text, "lxml").select_one("[name=csrf_token]")[
            "value"
        ]  # type: ignore[index]

    def get(self, path: str) -> httpx.Response:
        return self.http.get(path)

    def post(self, path: str, **data: object) -> httpx.Response:
        return self.http.post(
            path, data={"csrf_token": self.csrf, **data}, headers={"Referer": str(self.http.base_url)}
        )


def hidden(html: str, form: str) -> dict[str, str]:
    """What a form of the page would send untouched: hidden fields, ticked choices, prefilled texts."""
    element = BeautifulSoup(html, "lxml").select_one(form)
    if element is None:
        raise RuntimeError(f"no {form} on the page")
    chosen = element.select("input[type=hidden], input[checked], input[type=text][value]")
    return {str(each["name"]): str(each.get("value", "")) for each in chosen if each.get("name")}


def measure(name: str, steps: list[Callable[[int], httpx.Response]], seconds: float) -> Figures:
    """Let each step run in a thread of its own, over and over, for so long; `step(round)` makes one request."""
    figures = Figures(name)
    lock = threading.Lock()
    until = time.perf_counter() + seconds
    started = time.perf_counter()

    def go(step: Callable[[int], httpx.Response]) -> None:
        number = 0
        while time.perf_counter() < until:
            before = time.perf_counter()
            answer = step(number)
            taken = time.perf_counter() - before
            number += 1
            with lock:
                figures.times.append(taken)
                figures.sizes.append(int(answer.headers.get("content-length") or len(answer.content)))
                figures.errors += answer.status_code >= 400

    threads = [threading.Thread(target=go, args=(step,)) for step in steps]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    figures.seconds = time.perf_counter() - started
    return figures
