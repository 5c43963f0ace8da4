"""`make load`: buyers by the hundred in a shop with a past; the figures go to bench/load.md.

    make load                          100 buyers, five minutes
    make load ARGS="--times 10"        1,000 buyers: slower, never wrong
    make load ARGS="--soak 30"         100 buyers, thirty minutes: is memory flat?

Fails when answers are errors, the books differ from Square's, or (soak) memory grows; times are printed beside their targets.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from bench.crowd.figures import Told
from bench.crowd.past import BUYERS_EACH, Size
from bench.crowd.report import Run, write
from bench.crowd.settle import settle
from bench.crowd.shop import Shop
from bench.crowd.watch import Watch
from bench.world import _WORDS, CATEGORIES, PASSWORD
from sandbox.running.children import Child
from tests.source import ROOT

RESULTS = ROOT / "bench" / "load.md"
USUAL = 100
_TO_COME_IN = 900.0
_TO_LEAVE = 240.0


def main() -> int:
    """0 when nothing was wrong."""
    options = _read_options()
    # Told to stop, it ends what it started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    began = time.monotonic()

    def say(words: str) -> None:
        print(f"[{time.monotonic() - began:5.0f} s] {words}", flush=True)

    buyers = options.buyers * options.times
    size = Size(options.products, max(options.customers, -(-buyers // BUYERS_EACH)), options.orders)
    minutes = options.soak or options.minutes
    settings = dict(each.split("=", 1) for each in options.setting)
    with Shop(size, settings, say) as shop:
        result = shop.folder / "diary.json"
        with Watch(shop) as watch:
            child = shop.crowd(buyers, _told_to_buyers(buyers, minutes * 60, result))
            say(f"{buyers:,} buyers sign in")
            _wait_for(child, result, minutes * 60 + _TO_COME_IN + _TO_LEAVE, say)
        told = Told.from_file(json.loads(result.read_text()))
        settled = settle(shop, size, told.placed, say)
        run = Run(
            _title(options), size, buyers, options.times > 1, bool(options.soak), told, settled, watch.samples,
            _slow_statements(shop),
        )  # fmt: skip
        if options.logs:
            _keep_logs(shop, options.logs)
    text = write(run, options.result)
    print(f"\n{text}")
    for words, count in sorted(told.failures.items(), key=lambda each: -each[1])[:20]:
        print(f"{count:6} × {words}")
    failures = run.failures()
    print("\n".join(["Wrong:", *failures]) if failures else "Nothing wrong.")
    return 1 if failures else 0


def _read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make load", description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--times", type=int, default=1, help="so many times the usual buyers")
    parser.add_argument(
        "--soak", type=float, default=0, metavar="MINUTES", help="go on for so long and judge memory"
    )
    parser.add_argument("--buyers", type=int, default=USUAL)
    parser.add_argument("--products", type=int, default=5_000)
    parser.add_argument("--customers", type=int, default=500)
    parser.add_argument("--orders", type=int, default=20_000)
    parser.add_argument(
        "--setting", action="append", default=[], metavar="NAME=VALUE", help="of the shop, for trials"
    )
    parser.add_argument("--logs", type=Path, help="a folder to keep the processes' logs in")
    parser.add_argument("--result", type=Path, default=RESULTS)
    return parser.parse_args()


def _title(options: argparse.Namespace) -> str:
    if options.soak:
        return f'make load ARGS="--soak {options.soak:g}"'
    return "make load" if options.times == 1 else f'make load ARGS="--times {options.times}"'


def _told_to_buyers(buyers: int, seconds: float, result: Path) -> dict[str, str]:
    return {
        "CROWD_BUYERS": str(buyers), "CROWD_SECONDS": str(seconds), "CROWD_PASSWORD": PASSWORD,
        "CROWD_WORDS": ",".join(_WORDS), "CROWD_CATEGORIES": str(CATEGORIES), "CROWD_RESULT": str(result),
        "PYTHONPATH": str(ROOT),
    }  # fmt: skip


def _wait_for(child: Child, result: Path, seconds: float, say: Callable[[str], None]) -> None:
    """Until the buyers have gone home and left their diary."""
    deadline, told_at = time.monotonic() + seconds, time.monotonic()
    while child.is_running:
        if time.monotonic() > deadline:
            raise RuntimeError(f"the buyers do not come to an end:\n{child.last_words(40)}")
        if time.monotonic() - told_at > 60:
            told_at = time.monotonic()
            say("they are shopping")
        time.sleep(1)
    if not result.exists():
        raise RuntimeError(f"the buyers left no diary:\n{child.last_words(40)}")


def _slow_statements(shop: Shop) -> list[str]:
    """Those the database itself wrote down, the costliest first: how often, seconds in all, rows looked at, how it begins."""
    rows = shop.database.ask(
        "SELECT COUNT(*), ROUND(SUM(TIME_TO_SEC(query_time) + MICROSECOND(query_time) / 1e6), 1), MAX(rows_examined), "
        "LEFT(REGEXP_REPLACE(CONVERT(sql_text USING utf8mb4), '[0-9]+', 'N'), 160) AS beginning "
        "FROM mysql.slow_log WHERE db = 'crowd' GROUP BY beginning ORDER BY 2 DESC LIMIT 8"
    )
    return [
        f"{count} times, {seconds} s, {looked_at:,} rows: `{words}`"
        for count, seconds, looked_at, words in rows
    ]


def _keep_logs(shop: Shop, place: Path) -> None:
    place.mkdir(parents=True, exist_ok=True)
    for name in shop.children:
        (place / f"{name}.log").write_bytes((shop.folder / "logs" / f"{name}.log").read_bytes())


if __name__ == "__main__":
    sys.exit(main())
