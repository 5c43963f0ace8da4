"""`make bench`: listing, product, search, cart and placing an order against MariaDB with 10,000 products under gunicorn.

The client shares the machine with the server, so the figures say how one build compares with another on the same
machine, not what a server could do by itself.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from flask_migrate import upgrade
from tqdm import tqdm

from app import create_app
from app.settings import Settings
from app.shared import clock
from bench.load import Buyer, Figures, hidden, measure
from bench.world import PASSWORD, fill
from sandbox.running.ports import pick_ports
from sandbox.square import SquareServer
from tests.servers import MariaDB, new_database

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "bench" / "results.md"
CONNECTIONS = 16
_PLENTY = "1000000 per minute"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--products", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=10, help="for each thing measured")
    options = parser.parse_args()
    with MariaDB() as database, SquareServer() as square, tempfile.TemporaryDirectory() as folder:
        environ = settings_environ(new_database(database, "bench"), square, folder)
        prepare(environ, options.products, buyers=CONNECTIONS)
        log_path = Path(folder) / "web.log"
        with running_shop(environ, log_path):
            all_figures = _measure_all(environ["SITE_URL"], options)
        with_queries = _queries_by_route(log_path)
    text = _report(options.products, all_figures, with_queries)
    RESULTS.write_text(text)
    print(text)


def settings_environ(database_url: str, square: SquareServer, folder: str) -> dict[str, str]:
    """The settings of a shop to measure, by the names the environment has for them."""
    port = pick_ports(("bench",), 8100, Path(folder) / "ports.json")["bench"]
    return {
        "TRADEPOST_INSTANCE": folder,
        "DATABASE_URL": database_url,
        "SECRET_KEY": secrets.token_hex(32),
        "DATA_KEY": secrets.token_hex(32),
        "SITE_URL": f"http://127.0.0.1:{port}",
        "PORT": str(port),
        "SQUARE_BASE_URL": square.url,
        "SQUARE_ACCESS_TOKEN": square.token,
        "SQUARE_LOCATION_ID": square.location_id,
        "MAIL_DEFAULT_SENDER": "shop@example.com",
        # On, so that counting is in the figures; so high that a few buyers may do here what many would elsewhere.
        "PUBLIC_LIMIT": _PLENTY,
        "CART_LIMIT": _PLENTY,
        "PAYMENT_LIMIT": _PLENTY,
        "LOG_LEVEL": "INFO",
    }


def prepare(environ: dict[str, str], products: int, buyers: int) -> None:
    """Migrate the database and fill it."""
    app = create_app(Settings.from_env(environ))
    with app.app_context():
        upgrade(directory=str(ROOT / "migrations"))
        fill(products, buyers=buyers)


@contextmanager
def running_shop(environ: dict[str, str], log_path: Path) -> Iterator[None]:
    """The shop under gunicorn, two processes of four threads, until the end of the block."""
    bind = f"127.0.0.1:{environ['PORT']}"
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "--workers",
        "2",
        "--threads",
        "4",
        "--bind",
        bind,
        "wsgi:app",
    ]
    with log_path.open("wb") as log:
        server = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environ}, stdout=log, stderr=log)
        try:
            _wait_until_ready(environ["SITE_URL"])
            yield
        finally:
            server.terminate()
            server.wait(timeout=30)


def _wait_until_ready(url: str) -> None:
    for _ in range(100):
        try:
            if httpx.get(f"{url}/healthz", timeout=2).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.1)
    raise RuntimeError("the shop did not start")


def _measure_all(url: str, options: argparse.Namespace) -> list[Figures]:
    buyers = [Buyer(url, f"buyer{n}@example.com", PASSWORD) for n in range(1, CONNECTIONS + 1)]
    dice = random.Random(1)
    things: list[tuple[str, Callable[[Buyer], httpx.Response]]] = [
        ("listing", lambda b: b.get(f"/catalog/category-{dice.randint(1, 40)}?page={dice.randint(1, 10)}")),
        ("product", lambda b: b.get(f"/products/product-{dice.randint(1, options.products)}")),
        ("search", lambda b: b.get(f"/search?q={dice.choice(('amber', 'birch kelp', 'BN-0004', 'harbor'))}")),
        ("cart add", lambda b: b.post("/cart/items", sku_id=dice.randint(1, 60), quantity=12)),
        ("cart page", lambda b: b.get("/cart")),
        ("place an order", _place),
    ]
    figures = []
    for name, thing in tqdm(things, desc="Measuring", unit="thing"):
        steps = [lambda _number, b=buyer, t=thing: t(b) for buyer in buyers]
        for step in steps[:4]:
            step(0)
        figures.append(measure(name, steps, options.seconds))
    return figures


def _place(buyer: Buyer) -> httpx.Response:
    """Cart, delivery, review and the press: four requests, the whole of them is what is timed."""
    buyer.post("/cart/items", sku_id=random.randint(1, 60), quantity=12)
    delivery = buyer.get("/checkout/")
    buyer.post("/checkout/", **hidden(delivery.text, "#delivery-form"))
    review = buyer.get("/checkout/review")
    return buyer.post(
        "/checkout/place",
        **{**hidden(review.text, "#review"), "source_token": "cnon:card-nonce-ok", "accept_terms": "y"},
    )


def _queries_by_route(log_path: Path) -> dict[str, int]:
    """The most queries each route took, as the shop's own log lines say."""
    most: dict[str, int] = {}
    for line in log_path.read_text(errors="replace").splitlines():
        if not line.startswith("{"):
            continue
        said = json.loads(line)
        if said.get("event") == "request" and said.get("status", 500) < 400:
            key = f"{said['method']} {said['route']}"
            most[key] = max(most.get(key, 0), said.get("queries") or 0)
    return most


_ROUTES = {
    "listing": "GET /catalog/<category>",
    "product": "GET /products/<slug>",
    "search": "GET /search",
    "cart add": "POST /cart/items",
    "cart page": "GET /cart",
    "place an order": "POST /checkout/place",
}


def _report(products: int, figures: list[Figures], queries: dict[str, int]) -> str:
    listing = figures[0].rate
    lines = [
        "# The last figures",
        "",
        f"{clock.now():%Y-%m-%d}, {os.cpu_count()} cores, Python {platform.python_version()}, MariaDB, gunicorn 2 × 4, "
        f"{products:,} products, {CONNECTIONS} connections, client on the same machine. Signed in, with own prices.",
        "Such machines are noisy: compare the ratios, within one run. “Place an order” is cart, delivery, review and the "
        "press, five requests and the payment service.",
        "",
        "| what | requests/s | of listing | p50 ms | p99 ms | bytes | queries | errors |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    lines += [
        f"| {each.name} | {each.rate:.0f} | {each.rate / listing:.2f} | {each.percentile(0.5):.0f} | {each.percentile(0.99):.0f} "
        f"| {each.size:,} | {queries.get(_ROUTES[each.name], 0)} | {each.errors} |"
        for each in figures
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
