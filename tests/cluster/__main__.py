"""`python -m tests.cluster`: the shop on three machines; the status is 1 when anything is not as it must be."""

from __future__ import annotations

import argparse
import json
import signal
import sys
from pathlib import Path

import click

from tests.cluster.drive import drive
from tests.cluster.report import say


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.cluster", description=__doc__)
    parser.add_argument("--orders", type=int, default=90, help="people stop after so many (default: 90)")
    parser.add_argument("--minutes", type=float, default=4, help="or after so long (default: 4)")
    parser.add_argument("--json", type=Path, help="write the figures there, too")
    parser.add_argument("--logs", type=Path, help="keep there what the processes said")
    given = parser.parse_args()
    # Ended from outside, it still ends what it began.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    figures = drive(given.orders, given.minutes, lambda words: click.echo(words, err=True), given.logs)
    click.echo(say(figures))
    if given.json:
        given.json.write_text(json.dumps(figures.to_json(), indent=2) + "\n")
    return 0 if figures.is_good else 1


if __name__ == "__main__":
    sys.exit(main())
