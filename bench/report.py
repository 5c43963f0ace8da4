"""The figures as a page: what was asked for, what is, what was, and what a bare app does."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from pathlib import Path

from app.shared import clock
from bench.load import Figures

RESULTS = Path(__file__).resolve().parent / "results.md"

# Requests a second that issue 4 asks for, and the milliseconds 99 of 100 answers come within.
TARGETS = {"listing": 250, "product": 350, "search": 180, "cart add and view": 100}
_P99 = 150
_STATEMENTS = 10
_LISTING_BYTES = 40 * 1024
_MEMORY = 200
_HIT_RATE = 0.8

_ROUTES = {
    "listing": "GET /catalog/<category>",
    "product": "GET /products/<slug>",
    "search": "GET /search",
    "cart add and view": "GET /cart",
    "place an order": "POST /checkout/place",
}


@dataclass(frozen=True)
class Measured:
    """One shop: figures of each thing, the most statements by route, looks into the cache, MiB of each worker."""

    figures: list[Figures]
    queries: dict[str, int]
    looks: dict[str, int]
    memory: list[float]

    @property
    def hit_rate(self) -> float:
        return self.looks.get("hit", 0) / max(sum(self.looks.values()), 1)


def write(products: int, connections: int, measured: dict[str, Measured], bare: list[Figures]) -> str:
    """The whole page in Markdown."""
    now, before = measured["now"], measured.get("before")
    lines = [
        "# How fast the shop is",
        "",
        f"{clock.now():%Y-%m-%d}, {os.cpu_count()} cores, Python {platform.python_version()}, MariaDB, Redis, gunicorn 2 × 4 "
        f"behind nginx, {products:,} products, {connections} connections, client on the same machine. Signed in, with own "
        "prices; listing and product pages are asked for at random, so that most are new. “Bare” is a Flask app that "
        "answers with as many letters and does nothing else, in the same run; “before” is the code as it was, in the same "
        "run, too: compare the ratios. “Add and view” is two requests on a cart of ten lines, counted "
        "together and timed one by one; “place an order” is five and the payment service, timed together.",
        "",
        "| what | asked for | requests/s | before | now / before | bare | now / bare | p50 ms | p99 ms | bytes | statements | errors |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for number, each in enumerate(now.figures):
        old = before.figures[number] if before else None
        lines.append(_row(each, old, bare[number], now.queries.get(_ROUTES[each.name], 0)))
    lines += ["", *(f"- {each}" for each in _verdicts(now, before))]
    return "\n".join(lines) + "\n"


def _row(now: Figures, old: Figures | None, bare: Figures, statements: int) -> str:
    target = TARGETS.get(now.name)
    cells = [
        now.name,
        f"{target}" if target else "",
        f"{now.rate:.0f}",
        f"{old.rate:.0f}" if old else "",
        f"{now.rate / old.rate:.2f}" if old else "",
        f"{bare.rate:.0f}",
        f"{now.rate / bare.rate:.2f}",
        f"{now.percentile(0.5):.0f}",
        f"{now.percentile(0.99):.0f}",
        f"{now.size:,}",
        f"{statements}",
        f"{now.errors}",
    ]
    return f"| {' | '.join(cells)} |"


def _verdicts(now: Measured, before: Measured | None) -> list[str]:
    asked = [each for each in now.figures if each.name in TARGETS]
    slowest = max(asked, key=lambda each: each.percentile(0.99))
    most = max(now.queries.get(_ROUTES[each.name], 0) for each in asked)
    listing = now.figures[0].size
    memory = " + ".join(f"{each:.0f}" for each in now.memory)
    was = f" (before: {sum(before.memory):.0f})" if before else ""
    return [
        f"requests/s: {_met(all(each.rate >= TARGETS[each.name] for each in asked))}",
        f"p99 under {_P99} ms: {_met(slowest.percentile(0.99) < _P99)}, the slowest is {slowest.name}",
        f"at most {_STATEMENTS} statements a page: {_met(most <= _STATEMENTS)}, at most {most}",
        f"listing under 40 KB: {_met(listing < _LISTING_BYTES)}, {listing:,} bytes"
        + (f" (before: {before.figures[0].size:,})" if before else ""),
        f"two workers under {_MEMORY} MiB: {_met(sum(now.memory) < _MEMORY)}, {memory} MiB after the run{was}",
        f"cache hits over 80 %: {_met(now.hit_rate > _HIT_RATE)}, {now.hit_rate:.1%} of "
        f"{sum(now.looks.values()):,} looks while browsing",
    ]


def _met(is_met: bool) -> str:
    return "met" if is_met else "**not met**"
