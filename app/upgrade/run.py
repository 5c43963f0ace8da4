"""What was typed after `flask upgrade`, carried out. Runs from a copy of itself (runner.py), with nothing but Python."""

from __future__ import annotations

import argparse
import signal
import sys
from contextlib import suppress
from pathlib import Path

from app.upgrade.back import go_back
from app.upgrade.closing import Closing, alone
from app.upgrade.finish import go_on
from app.upgrade.forward import upgrade
from app.upgrade.journal import CLOSED, DONE, READY, find_journal
from app.upgrade.refused import UpgradeRefused
from app.upgrade.shop import Options, Shop

_DONE = """Done: {version} runs.
The shop's processes renew themselves: gunicorn's and the background with their next piece of work, Passenger's within ten
seconds. With systemd this does it at once: sudo systemctl reload tradepost-web && sudo systemctl restart tradepost-relay 'tradepost-worker@*'
"""


def main(typed: list[str]) -> int:
    """The command's exit status; everything it has to say goes to standard output, and into .upgrade/log."""
    given = _parse(typed)
    # A terminal in a browser is closed easily: the upgrade goes on without it.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _interrupt)
    place = given.shop / ".upgrade"
    try:
        with alone(place), (place / "log").open("a") as log:

            def say(line: str) -> None:
                for stream in (sys.stdout, log):
                    with suppress(OSError):
                        stream.write(f"{line}\n")
                        stream.flush()

            return _run(Shop(given.shop, given.instance, say, Closing(given.shop)), given)
    except UpgradeRefused as refusal:
        sys.stderr.write(f"{refusal.message}\n")
    except OSError as error:
        sys.stderr.write(f"{error.filename or 'A file'}: {error.strerror}. Nothing was changed.\n")
    return 1


def _run(shop: Shop, given: argparse.Namespace) -> int:
    journal = find_journal(shop.place)
    is_shut = (shop.place / "closed").exists()
    if journal is not None and (journal.phase in {CLOSED, READY} or is_shut):
        shop.say("The last upgrade was interrupted. Going on with it first.")
        if not go_on(shop, journal):
            shop.say("It was undone: everything is as it was before. Run the command again to start anew.")
            return 1
        shop.say(_DONE.format(version=shop.version))
        return 0
    if journal is None and is_shut:
        shop.closing.open()
    if given.go_on:
        shop.say("There is nothing to go on with: no upgrade was interrupted.")
        return 0
    options = Options(
        given.anyway, given.replace_changed, given.check, given.to_backup, given.lose, given.wait
    )
    if given.back:
        go_back(shop, journal if journal and journal.phase == DONE else None, options)
    elif given.release is None:
        raise UpgradeRefused("Name the release: flask upgrade tradepost-….zip (or --back).")
    else:
        upgrade(shop, given.release.resolve(), options)
    if not given.check:
        shop.say(_DONE.format(version=shop.version))
    return 0


def _interrupt(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


def _parse(typed: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="flask upgrade",
        description="Bring the shop to another release, or back: checked first, backed up, and undone if anything goes wrong.",
    )
    parser.add_argument("release", nargs="?", type=Path, metavar="RELEASE.zip", help="the release to go to")
    parser.add_argument("--check", action="store_true", help="only check, and change nothing")
    parser.add_argument(
        "--back", action="store_true", help="go back to the release before; every order stays"
    )
    parser.add_argument("--go-on", action="store_true", help="finish or undo an upgrade that was interrupted")
    parser.add_argument("--anyway", action="store_true", help="although flask check finds something bad")
    parser.add_argument(
        "--replace-changed", action="store_true", help="although you changed the shop's own code"
    )
    parser.add_argument("--to-backup", action="store_true", help="with --back: the database of then, too")
    parser.add_argument(
        "--lose", type=int, metavar="ORDERS", help="with --to-backup: how many orders that may cost"
    )
    parser.add_argument(
        "--wait", type=float, default=130, metavar="SECONDS", help="how long for what is being done to end"
    )
    parser.add_argument("--shop", type=Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--instance", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args(typed)
    given.shop = given.shop.resolve()
    given.instance = (given.instance or given.shop / "instance").resolve()
    return given
