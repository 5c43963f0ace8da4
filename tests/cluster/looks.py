"""What one person sees: their own change on the next page of any machine, and an honest page while the shop is away."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
import pymysql
from bs4 import BeautifulSoup

from tests.cluster.galera import Node
from tests.cluster.world import DATABASE, ClusterWorld

_PAGES = (
    "/", "/catalog", "/search?q=candle", "/login", "/register", "/contact", "/cart", "/checkout/", "/orders",
    "/account", "/pages/terms", "/admin/", "/admin/orders/",
)  # fmt: skip
_LAG_SECONDS = 0.4
_CLOSED = httpx.codes.SERVICE_UNAVAILABLE


def stale_pages(world: ClusterWorld, rounds: int) -> int:
    """Add one unit at one machine and look at the cart at the next, so many times; how often it was not there yet.

    The next machine's node is made to lag: on one machine a page takes longer than the change to get there.
    """
    visitor = httpx.Client(base_url=world.shop_url, timeout=30)
    browser = world.browser(world.goods.buyers[-1])
    browser.sign_in()
    visitor.cookies = browser.cookies
    sku_id, stale = world.goods.plenty[0], 0
    token = _token(visitor.get("/cart").text)
    for wanted in range(1, rounds + 1):
        here, there = world.web_url(wanted % 3), world.web_url((wanted + 1) % 3)
        form = {"csrf_token": token, "sku_id": str(sku_id), "quantity": "1"}
        with _lagging(world.galera.nodes[(wanted + 1) % 3]) as let_go_soon:
            visitor.post(f"{here}/cart/items", data=form, headers={"Referer": f"{here}/cart"})
            let_go_soon()
            stale += _units(visitor.get(f"{there}/cart").text) != wanted
    visitor.close()
    browser.close()
    return stale


@contextmanager
def _lagging(node: Node) -> Iterator[Callable[[], None]]:
    """The node takes in no change to carts until some tenths of a second after it is told to go on; pages may read them."""
    with pymysql.connect(unix_socket=str(node.socket), user="root", database=DATABASE) as connection:
        connection.cursor().execute("LOCK TABLES cart_lines READ")
        timer = threading.Timer(_LAG_SECONDS, lambda: connection.cursor().execute("UNLOCK TABLES"))
        yield timer.start
        timer.join()


def _token(html: str) -> str:
    return str(_one(html, "[name=csrf_token]", "value"))


def _units(html: str) -> int:
    return int(_one(html, "form input[name=quantity]", "value") or 0)


def _one(html: str, css: str, attribute: str) -> str:
    found = BeautifulSoup(html, "lxml").select_one(css)
    return str(found[attribute]) if found is not None else ""


def dishonest_pages(world: ClusterWorld, machine: int, cookies: httpx.Cookies) -> list[str]:
    """Pages of a machine whose database is away that say anything but "closed for a moment, try again in …"."""
    wrong = []
    # One who is signed in: strangers are sent to the sign-in page first, and meet the closed shop there.
    with httpx.Client(
        base_url=world.web_url(machine), timeout=30, cookies=cookies, follow_redirects=True
    ) as visitor:
        for path in _PAGES:
            wrong += _judge(path, visitor.get(path))
        form = {"csrf_token": "any", "sku_id": "1", "quantity": "1"}
        wrong += _judge("POST /login", visitor.post("/login", data=form))
        ready = visitor.get("/readyz")
        if ready.status_code != _CLOSED or ready.json()["checks"]["database"]["ok"]:
            wrong.append(f"/readyz: {ready.status_code}")
        if visitor.get("/healthz").status_code != httpx.codes.OK:
            wrong.append("/healthz: the process lives")
    return [f"machine {machine}, {each}" for each in wrong]


def _judge(path: str, answer: httpx.Response) -> list[str]:
    says_when = answer.headers.get("Retry-After", "").isdigit()
    is_honest = answer.status_code == _CLOSED and says_when and "closed for a moment" in answer.text
    return [] if is_honest else [f"{path}: {answer.status_code}, Retry-After {says_when}"]


def wait_for(what: Callable[[], bool], seconds: float) -> float:
    """Seconds until it is so; TimeoutError after that many."""
    began = time.monotonic()
    while not what():
        if time.monotonic() - began > seconds:
            raise TimeoutError(f"not so after {seconds:.0f} s")
        time.sleep(0.1)
    return time.monotonic() - began


def is_open(world: ClusterWorld, machine: int) -> bool:
    """Whether the machine shows its front page and calls itself ready."""
    try:
        return all(
            httpx.get(f"{world.web_url(machine)}{path}", timeout=10).status_code == httpx.codes.OK
            for path in ("/", "/readyz")
        )
    except httpx.HTTPError:
        return False
