"""`make bench-hanging`: what browsing buyers feel while others press "Place order" and Square answers late or never.

Browsers think between clicks, so that the machine itself is not the limit; the payers press as soon as they may. The
figures are other people's waits, and how long a press kept its payer: compare the rows of one run.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import httpx

from app.shared import clock
from bench.load import Buyer, Figures, hidden
from bench.run import ROOT, prepare, running_shop, settings_environ
from bench.world import PASSWORD
from sandbox.square import SquareServer
from sandbox.square.faults import Fault
from tests.servers import MariaDB, new_database

RESULTS = ROOT / "bench" / "hanging.md"
BROWSERS = 12
PAYERS = 12
_THINK = (0.4, 0.8)


@dataclass
class Story:
    """One way in which Square behaves, and what came of it."""

    name: str
    fault: Fault | None
    browsing: Figures = field(default_factory=lambda: Figures("browsing"))
    paying: Figures = field(default_factory=lambda: Figures("paying"))
    said: dict[str, int] = field(default_factory=dict)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--products", type=int, default=1_000)
    parser.add_argument("--seconds", type=float, default=30, help="for each way Square behaves")
    options = parser.parse_args()
    stories = [
        Story("answers at once", None),
        Story("answers after 6 s", Fault(call="payments.create", kind="latency", seconds=6)),
        Story("answers after 10 s", Fault(call="payments.create", kind="latency", seconds=10)),
        Story("never answers", Fault(call="payments.create", kind="no_answer", seconds=60)),
    ]
    with MariaDB() as database, SquareServer() as square, tempfile.TemporaryDirectory() as folder:
        environ = settings_environ(new_database(database, "bench"), square, folder)
        prepare(environ, options.products, buyers=BROWSERS + PAYERS)
        with running_shop(environ, Path(folder) / "web.log"):
            buyers = [
                Buyer(environ["SITE_URL"], f"buyer{n}@example.com", PASSWORD)
                for n in range(1, BROWSERS + PAYERS + 1)
            ]
            for story in stories:
                _tell(story, square, buyers, options)
    text = _report(options, stories)
    RESULTS.write_text(text)
    print(text)


def _tell(story: Story, square: SquareServer, buyers: list[Buyer], options: argparse.Namespace) -> None:
    """Some browse and others press, while Square behaves as the story says."""
    until = time.perf_counter() + options.seconds
    with _misbehaving(square, story.fault):
        threads = [
            *(
                threading.Thread(target=_browse, args=(each, story, options.products, until))
                for each in buyers[:BROWSERS]
            ),
            *(threading.Thread(target=_pay, args=(each, story, until)) for each in buyers[BROWSERS:]),
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    # The circuit breaker rests for a minute; the next story begins with a closed one.
    time.sleep(70 if story.fault else 0)


@contextmanager
def _misbehaving(square: SquareServer, fault: Fault | None) -> Iterator[None]:
    if fault is not None:
        square.office.faults.add(fault)
    try:
        yield
    finally:
        square.office.faults.clear()


def _timed(figures: Figures, step: Callable[[], httpx.Response]) -> httpx.Response:
    before = time.perf_counter()
    answer = step()
    figures.times.append(time.perf_counter() - before)
    figures.errors += answer.status_code >= 500
    return answer


def _browse(buyer: Buyer, story: Story, products: int, until: float) -> None:
    dice = random.Random(id(buyer))
    while time.perf_counter() < until:
        path = dice.choice(("/cart", f"/products/product-{dice.randint(1, products)}", "/catalog/category-1"))
        _timed(story.browsing, partial(buyer.get, path))
        time.sleep(dice.uniform(*_THINK))


def _pay(buyer: Buyer, story: Story, until: float) -> None:
    while time.perf_counter() < until:
        buyer.post("/cart/items", sku_id=random.randint(1, 60), quantity=12)
        delivery = buyer.get("/checkout/")
        buyer.post(
            "/checkout/", **hidden(delivery.text, "#delivery-form")
        ) if delivery.status_code == 200 else None
        review = buyer.get("/checkout/review")
        if review.status_code != 200:
            time.sleep(1)
            continue
        form = {**hidden(review.text, "#review"), "source_token": "cnon:card-nonce-ok", "accept_terms": "y"}
        answer = _timed(story.paying, partial(buyer.post, "/checkout/place", **form))
        where = answer.headers.get("location", "").partition("?")[0].rsplit("/", 1)[0]
        key = f"{answer.status_code} {where}".strip()
        story.said[key] = story.said.get(key, 0) + 1
        time.sleep(random.uniform(*_THINK))


def _report(options: argparse.Namespace, stories: list[Story]) -> str:
    usual = stories[0].browsing.percentile(0.95)
    lines = [
        "# While Square hangs",
        "",
        f"{clock.now():%Y-%m-%d}, {os.cpu_count()} cores, Python {platform.python_version()}, MariaDB, gunicorn 2 × 4, "
        f"{options.products:,} products. {BROWSERS} buyers browse with {_THINK[0]}–{_THINK[1]} s of thinking, {PAYERS} "
        f"others press “Place order”, {options.seconds:.0f} s each.",
        "",
        "| Square | browsing p95, of usual | p50 ms | p95 ms | p99 ms | longest press s | presses | what they got | 5xx |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | --- | ---: |",
    ]
    for each in stories:
        p50, p95, p99 = (each.browsing.percentile(share) for share in (0.5, 0.95, 0.99))
        got = ", ".join(f"{count} × {what}" for what, count in sorted(each.said.items()))
        lines.append(
            f"| {each.name} | {p95 / usual:.2f} | {p50:.0f} | {p95:.0f} | {p99:.0f} | {max(each.paying.times):.1f} "
            f"| {len(each.paying.times)} | {got} | {each.browsing.errors + each.paying.errors} |"
        )
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
