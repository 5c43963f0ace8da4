"""`python -m tests.faults`: the long form of the fault suite; the status is 1 when anything is not as it must be."""

from __future__ import annotations

import argparse
import json
import signal
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import click

from tests.faults.drive import Wanted, drive
from tests.faults.points import Fault
from tests.faults.report import say

# Fixed, so that two runs order the same faults in the same turn; what they meet there is up to the machine.
SEEDS = {"rq": 20261120, "embedded": 20261121}
_OUTSIDE_LONG, _OUTSIDE_SHORT = 6.0, 2.0  # seconds


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--orders", type=int, default=500, help="at least so many (default: 500)")
    parser.add_argument("--faults", type=int, default=300, help="at least so many (default: 300)")
    parser.add_argument(
        "--each", type=int, default=20, help="every fault at least so often (default: 20; 0: no matter)"
    )
    parser.add_argument(
        "--minutes", type=float, default=90, help="the faults of a mode end after that (default: 90)"
    )
    parser.add_argument("--mode", choices=[*SEEDS, "both"], default="both")
    parser.add_argument("--seed", type=int, help=f"instead of {SEEDS}")
    parser.add_argument("--pace", type=float, default=0.2, help="seconds between two faults (default: 0.2)")
    parser.add_argument("--density", type=float, default=3, help="faults per order at most (default: 3)")
    parser.add_argument("--json", type=Path, help="write the figures there, too")
    parser.add_argument(
        "--after",
        type=Path,
        nargs="*",
        default=[],
        help="complete these runs (files of --json), with a seed of its own",
    )
    parser.add_argument("--logs", type=Path, help="keep there what the processes said")
    given = parser.parse_args()
    # In the short form every process is to be killed among few faults; in the long one there is time.
    every = _OUTSIDE_LONG if given.each else _OUTSIDE_SHORT
    earlier = [run for path in given.after for run in json.loads(path.read_text())]
    # Ended from outside, it still ends what it began.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    modes = list(SEEDS) if given.mode == "both" else [given.mode]
    results = []
    for mode in modes:
        runs = [run for run in earlier if run["mode"] == mode]
        wanted = Wanted(
            given.orders,
            given.faults,
            given.each,
            given.minutes,
            given.pace,
            every,
            given.density,
            _struck(runs),
        )
        seed = SEEDS[mode] + len(runs) * 1000 if given.seed is None else given.seed
        results.append(drive(mode, seed, wanted, lambda words: click.echo(words, err=True), given.logs))
        click.echo(say(results[-1]) + "\n")
    if given.json:
        given.json.write_text(json.dumps([each.to_json() for each in results], indent=2) + "\n")
    return 0 if all(each.is_good for each in results) else 1


def _struck(runs: list[dict[str, Any]]) -> Counter[Fault]:
    """What struck in runs that came out well; one that did not counts for nothing."""
    struck: Counter[Fault] = Counter()
    for run in runs:
        if not any(run["zeros"].values()):
            struck += Counter(
                {Fault.parse(words): count for words, count in run["faults_by_point_and_kind"].items()}
            )
    return struck


if __name__ == "__main__":
    sys.exit(main())
