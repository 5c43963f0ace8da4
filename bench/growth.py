"""`make bench-growth`: what a listing and a search cost with ten times as many products, on MariaDB and on SQLite.

Both shops stand side by side in one process and are asked in turns, so that a noisy machine slows both alike; the
figures are ratios of medians. Pages are whole pages, for a signed-in buyer with own prices; what the shop keeps between
pages is kept.
"""

from __future__ import annotations

import argparse
import os
import platform
import secrets
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from flask_migrate import upgrade
from sqlalchemy import select, text
from tqdm import tqdm

from app import create_app
from app.accounts.models import User
from app.extensions import db
from app.settings import Settings
from app.shared import clock
from bench.world import CATEGORIES, fill
from tests.client import ShopClient, sign_in
from tests.servers import MariaDB, new_database

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "bench" / "growth.md"
FEW, MANY = 10_000, 100_000
MOST_LISTING, MOST_SEARCH = 1.3, 5.0
# So often every search is one nobody has made yet: what was found is kept for a minute.
_ROUNDS = 48
# What even a small server gives its database; the tests' own has less than 100,000 products need.
_BUFFER_POOL = 256 * 1024**2
_KEY = secrets.token_hex(32)

_WORDS = (
    "amber",
    "birch",
    "cedar",
    "dune",
    "ember",
    "fern",
    "grove",
    "harbor",
    "indigo",
    "juniper",
    "kelp",
    "linen",
)

THINGS: dict[str, Callable[[int], str]] = {
    "listing": lambda n: f"/catalog/category-{n % CATEGORIES + 1}?page={n % 5 + 1}",
    "listing by name": lambda n: f"/catalog/category-{n % CATEGORIES + 1}?sort=name&page={n % 5 + 1}",
    "whole catalogue": lambda n: f"/catalog?page={n % 5 + 1}",
    "search, a name": lambda n: f"/search?q={_two_words(n)}+{n * 149 % 9_000}",
    "search, two words": lambda n: f"/search?q={_two_words(n * 7)}",
    "search, one word": lambda n: f"/search?q={_WORDS[n % 12][: 3 + n // 12 % 4]}",
    "search, a sku": lambda n: f"/search?q=BN-{n * 149 % 9_000:06d}",
    "search, nothing": lambda n: f"/search?q=zeppelin{n}",
}  # fmt: skip


@dataclass(frozen=True)
class Growth:
    """What one thing costs in both shops, in milliseconds."""

    engine: str
    thing: str
    few: float
    many: float

    @property
    def ratio(self) -> float:
        """How much more it costs with ten times as many products."""
        return self.many / self.few

    @property
    def most(self) -> float:
        """How much more it may cost."""
        return MOST_SEARCH if self.thing.startswith("search") else MOST_LISTING


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=_ROUNDS, help="how often each page is asked for")
    parser.add_argument("--engine", choices=["mariadb", "sqlite", "both"], default="both")
    options = parser.parse_args()
    engines = ["mariadb", "sqlite"] if options.engine == "both" else [options.engine]
    figures = [each for engine in engines for each in _measure(engine, options.rounds)]
    report = _report(figures)
    RESULTS.write_text(report)
    print(report)
    if any(each.ratio > each.most for each in figures):
        raise SystemExit("Something grows more than it may.")


def _two_words(n: int) -> str:
    """Those of product n, and of one in 144 others."""
    return f"{_WORDS[n % 12]}+{_WORDS[n // 12 % 12]}"


def _measure(engine: str, rounds: int) -> Iterator[Growth]:
    with ExitStack() as stack:
        server = stack.enter_context(MariaDB()) if engine == "mariadb" else None
        clients = []
        for count in (FEW, MANY):
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            url = new_database(server, f"growth_{count}") if server else f"sqlite:///{folder}/shop.db"
            clients.append(_build_shop(url, folder, count))
        spent: dict[tuple[str, int], list[float]] = {each: [] for each in product(THINGS, range(2))}
        for number in tqdm(range(rounds), desc=f"Asking {engine}", unit="round"):
            for (thing, address), which in product(THINGS.items(), range(2)):
                spent[thing, which].append(_ask(clients[which], address(number)))
        for thing in THINGS:
            few, many = (
                statistics.median(spent[thing, which][1:]) for which in range(2)
            )  # the first warms it up
            yield Growth(engine, thing, few, many)


def _build_shop(url: str, folder: str, count: int) -> ShopClient:
    app = create_app(Settings.from_env(_environ(url, folder)))
    app.test_client_class = ShopClient
    with app.app_context():
        upgrade(directory=str(ROOT / "migrations"))
        fill(count, buyers=1)
        analyze = (
            "ANALYZE"
            if url.startswith("sqlite")
            else "ANALYZE TABLE products, skus, product_search, price_breaks"
        )
        with db.engine.connect() as connection:
            if not url.startswith("sqlite"):
                connection.execute(text(f"SET GLOBAL innodb_buffer_pool_size = {_BUFFER_POOL:d}"))
            connection.execute(text(analyze))
            connection.commit()
        client = app.test_client()
        assert isinstance(client, ShopClient)
        sign_in(client, db.session.scalars(select(User)).one())
        return client


def _environ(url: str, folder: str) -> dict[str, str]:
    return {
        "TRADEPOST_INSTANCE": folder,
        "DATABASE_URL": url,
        "SECRET_KEY": _KEY,
        "DATA_KEY": _KEY,
        "SITE_URL": "http://localhost",
        "SQUARE_BASE_URL": "http://localhost:1",
        "SQUARE_ACCESS_TOKEN": "nobody pays here",
        "SQUARE_LOCATION_ID": "nowhere",
        "MAIL_DEFAULT_SENDER": "shop@example.com",
        "PUBLIC_LIMIT": "1000000 per minute",
        "LOG_LEVEL": "WARNING",
    }


def _ask(client: ShopClient, address: str) -> float:
    began = time.perf_counter()
    answer = client.get(address)
    spent = time.perf_counter() - began
    if answer.status_code != 200:
        raise RuntimeError(f"{address} answered {answer.status_code}")
    return spent * 1000


def _how_busy() -> str:
    load, cores = os.getloadavg()[2], os.cpu_count() or 1
    said = f"The machine had {cores} cores and a load of {load:.0f} at the end"
    return (
        f"{said}: far above its cores, the ratios of short pages say little."
        if load > 2 * cores
        else f"{said}."
    )


def _report(figures: list[Growth]) -> str:
    lines = [
        "# How the cost of a page grows with the catalogue",
        "",
        f"{clock.now():%Y-%m-%d}, Python {platform.python_version()}, by `make bench-growth`: whole pages for a signed-in "
        f"buyer with own prices, one after the other in one process, {FEW:,} and {MANY:,} products side by side and asked "
        f"in turns; medians. MariaDB with a buffer pool of {_BUFFER_POOL // 1024**2} MB. No search is made "
        "twice, as what it found would be kept. A listing may cost "
        f"{MOST_LISTING} times as much, a search {MOST_SEARCH:.0f} times.",
        "",
        _how_busy(),
        "",
        f"| database | page | ms at {FEW:,} | ms at {MANY:,} | ratio | may be |",
        "| --- | --- | ---: | ---: | ---: | ---: |",
    ]
    lines += [
        f"| {each.engine} | {each.thing} | {each.few:.1f} | {each.many:.1f} | {each.ratio:.2f} | {each.most} |"
        for each in figures
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
