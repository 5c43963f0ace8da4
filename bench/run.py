"""`make bench`: how many pages a second, signed in, with own prices and 10,000 products, behind nginx as on one server.

    make bench                              this code, the code before it was made fast, and a bare Flask app, in one run
    make bench ARGS="--before none"         without the code before
    make bench ARGS="--seconds 3 --dry"     a short look that leaves the figures as they are

The client shares the machine with the server, and machines differ: read the ratios. Only errors make it fail.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
from flask_migrate import upgrade
from tqdm import tqdm

from app import create_app
from app.settings import Settings
from bench.front import Running, running
from bench.load import Buyer, Figures, hidden, measure
from bench.report import RESULTS, Measured, write
from bench.wire import Answer, Wire
from bench.world import PASSWORD, fill
from sandbox.running.ports import pick_ports
from sandbox.square import SquareServer
from tests.servers import MariaDB, Redis, new_database

ROOT = Path(__file__).resolve().parent.parent
CONNECTIONS = 16
# The last code before the work of issue 4 on speed began.
BEFORE = "f9d3eb1"
_PLENTY = "1000000 per minute"
_TOKEN = "read-the-figures-of-the-bench"  # of a shop that lives for a minute
_WARM_SECONDS = 2.0


def main() -> int:
    """0 when every answer was one."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--products", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=10, help="for each thing measured")
    parser.add_argument("--before", default=BEFORE, help="the commit to compare with, or none")
    parser.add_argument("--dry", action="store_true", help="print, and write nothing")
    options = parser.parse_args()
    measured: dict[str, Measured] = {}
    with ExitStack() as stack:
        database, redis = stack.enter_context(MariaDB()), stack.enter_context(Redis())
        square = stack.enter_context(SquareServer())
        place = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        trees = {"now": ROOT}
        if options.before != "none" and (old := _check_out(options.before, place / "code")):
            trees = {"before": old, **trees}
        for name, code in trees.items():
            environ = settings_environ(new_database(database, f"bench_{name}"), square, str(place / name))
            environ |= {"METRICS_TOKEN": _TOKEN, "TRUSTED_PROXIES": "1", "REDIS_URL": redis.url}
            _prepare_in(code, environ, options.products)
            measured[name] = _measure_shop(name, code, place / name, environ, options)
        sizes = [figures.size for figures in measured["now"].figures]
        bare = _measure_bare(place / "bare", sizes, options.seconds / 2)
    text = write(options.products, CONNECTIONS, measured, bare)
    if not options.dry:
        RESULTS.write_text(text)
    print(text)
    return 1 if any(figures.errors for each in measured.values() for figures in each.figures) else 0


def settings_environ(database_url: str, square: SquareServer, folder: str) -> dict[str, str]:
    """The settings of a shop to measure, by the names the environment has for them."""
    Path(folder).mkdir(parents=True, exist_ok=True)
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
        # Sixteen who never think are no crowd that must be sent away.
        "BUSY_AFTER_MILLISECONDS": "0",
    }


def prepare(environ: dict[str, str], products: int, buyers: int) -> None:
    """Migrate the database and fill it."""
    app = create_app(Settings.from_env(environ))
    with app.app_context():
        upgrade(directory=str(ROOT / "migrations"))
        fill(products, buyers=buyers)


@contextmanager
def running_shop(environ: dict[str, str], log_path: Path) -> Iterator[None]:
    """The shop under gunicorn alone, two processes of four threads, until the end of the block."""
    command = [sys.executable, "-m", "gunicorn", "--workers", "2", "--threads", "4"]
    command += ["--bind", f"127.0.0.1:{environ['PORT']}", "wsgi:app"]
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


def _check_out(commit: str, folder: Path) -> Path | None:
    """The code of a commit in a folder of its own; None where there is no history, as in a release."""
    folder.mkdir(parents=True)
    packed = subprocess.run(["git", "archive", commit], cwd=ROOT, capture_output=True, check=False)
    if packed.returncode:
        print(f"Without the code before: {packed.stderr.decode(errors='replace').strip()}")
        return None
    subprocess.run(["tar", "-x", "-C", str(folder)], input=packed.stdout, check=True)
    return folder


def _prepare_in(code: Path, environ: dict[str, str], products: int) -> None:
    """In a process of its own, because it may be another version of the same modules."""
    script = f"import os; from bench.run import prepare; prepare(dict(os.environ), {products}, buyers={CONNECTIONS})"
    subprocess.run([sys.executable, "-c", script], cwd=code, env={**os.environ, **environ}, check=True)


def _measure_shop(
    name: str, code: Path, folder: Path, environ: dict[str, str], options: argparse.Namespace
) -> Measured:
    url = environ["SITE_URL"]
    with running("wsgi:app", code, folder, int(environ["PORT"]), environ) as server:
        buyers = [Buyer(url, f"buyer{n}@example.com", PASSWORD) for n in range(1, CONNECTIONS + 1)]
        wires = [Wire(url, buyer) for buyer in buyers]
        looks = _cache_looks(url)
        figures = [
            _measure_one(what, wires, act, options.seconds)
            for what, act in tqdm(_things(options.products), desc=f"Measuring {name}", unit="thing")
        ]
        found = {each: count - looks.get(each, 0) for each, count in _cache_looks(url).items()}
        memory = server.memory()
        orders = [lambda _number, b=buyer: _place(b) for buyer in buyers]
        figures.append(measure("place an order", orders, options.seconds))
    return Measured(figures, _queries_by_route(server), found, memory)


def _things(products: int) -> list[tuple[str, Callable[[Wire], Answer]]]:
    dice = random.Random(1)
    return [
        ("listing", lambda w: w.get(f"/catalog/category-{dice.randint(1, 40)}?page={dice.randint(1, 10)}")),
        ("product", lambda w: w.get(f"/products/product-{dice.randint(1, products)}")),
        ("search", lambda w: w.get(f"/search?q={dice.choice(('amber', 'birch+kelp', 'BN-0004', 'harbor'))}")),
        ("cart add and view", lambda w: _add_and_view(w, dice.randint(1, 10))),
    ]


def _add_and_view(wire: Wire, sku_id: int) -> Answer:
    """As without JavaScript: the form is sent, and the cart looked at. A cart of ten lines, once all are in it."""
    added = wire.post("/cart/items", sku_id=sku_id, quantity=12)
    return wire.get("/cart") if added.status_code == 303 else Answer(599, b"", {})


def _measure_one(name: str, wires: list[Wire], act: Callable[[Wire], Answer], seconds: float) -> Figures:
    steps = [lambda _number, w=wire: act(w) for wire in wires]
    measure(name, steps, _WARM_SECONDS)
    for wire in wires:
        wire.spent.clear()
    figures = measure(name, steps, seconds)
    # Somebody waits for each request, not for both of "add and view".
    figures.times_of_requests = [spent for wire in wires for spent in wire.spent]
    return figures


def _measure_bare(folder: Path, sizes: list[int], seconds: float) -> list[Figures]:
    port = pick_ports(("bare",), 8200, folder.parent / "bare-port.json")["bare"]
    url = f"http://127.0.0.1:{port}"
    with running("bench.bare:app", ROOT, folder, port, {}):
        wires = [Wire(url) for _ in range(CONNECTIONS)]
        return [
            _measure_one(f"{size} letters", wires, lambda w, s=size: w.get(f"/page/{s}"), seconds)
            for size in tqdm(sizes, desc="Measuring a bare app", unit="size")
        ]


def _place(buyer: Buyer) -> httpx.Response:
    """Cart, delivery, review and the press: five requests, the whole of them is what is timed."""
    buyer.post("/cart/items", sku_id=random.randint(1, 60), quantity=12)
    delivery = buyer.get("/checkout/")
    buyer.post("/checkout/", **hidden(delivery.text, "#delivery-form"))
    review = buyer.get("/checkout/review")
    return buyer.post(
        "/checkout/place",
        **{**hidden(review.text, "#review"), "source_token": "cnon:card-nonce-ok", "accept_terms": "y"},
    )


def _cache_looks(url: str) -> dict[str, int]:
    """Looks into the cache so far by "hit" and "miss", as /metrics has them."""
    answer = httpx.get(f"{url}/metrics", headers={"Authorization": f"Bearer {_TOKEN}"}, timeout=30)
    found = re.findall(r'^tradepost_cache_looks_total\{.*result="(\w+)".*\} (\S+)$', answer.text, re.M)
    totals: dict[str, int] = {}
    for result, count in found:
        totals[result] = totals.get(result, 0) + int(float(count))
    return totals


def _queries_by_route(server: Running) -> dict[str, int]:
    """The most queries each route took, as the shop's own log lines say."""
    most: dict[str, int] = {}
    for line in server.log.read_text(errors="replace").splitlines():
        if not line.startswith("{"):
            continue
        said = json.loads(line)
        if said.get("event") == "request" and said.get("status", 500) < 400:
            key = f"{said['method']} {said['route']}"
            most[key] = max(most.get(key, 0), said.get("queries") or 0)
    return most


if __name__ == "__main__":
    sys.exit(main())
