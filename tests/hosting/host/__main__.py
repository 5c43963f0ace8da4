"""`make host-test`: status 0 when the release does its whole job in every home it has.

At a shared host by Passenger and by CGI; on one server with nginx, gunicorn, RQ, MariaDB and Redis, and there by mod_wsgi.
`make host-test ARGS=server` runs one of them alone.
"""

from __future__ import annotations

import argparse
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from sandbox.mail import MailCatcher
from sandbox.square import SquareServer
from tests.hosting.host import checks
from tests.hosting.host.account import LOCKED, SHARED, Account
from tests.hosting.host.apache import CGI, PASSENGER
from tests.hosting.host.mod_wsgi import MOD_WSGI, walk_mod_wsgi
from tests.hosting.host.one_server import SERVER, walk_server
from tests.hosting.host.shared_host import walk_host
from tests.hosting.host.trial import Outside, say
from tests.servers import MariaDB
from tests.source import ROOT

WAYS = (PASSENGER, CGI, SERVER, MOD_WSGI)


def build_release(folder: Path) -> Path:
    subprocess.run(
        [sys.executable, "bin/release", "--to", str(folder)], cwd=ROOT, check=True, stdout=subprocess.DEVNULL
    )
    [archive] = folder.glob("tradepost-*.zip")
    return archive


def walk(way: str, account: Account, outside: Outside, pictures: Path | None) -> None:
    if way == SERVER:
        walk_server(account, outside)
    elif way == MOD_WSGI:
        walk_mod_wsgi(account, outside)
    else:
        walk_host(way, account, outside, pictures)


def main() -> int:
    parser = argparse.ArgumentParser(prog="make host-test", description=__doc__)
    parser.add_argument("ways", nargs="*", metavar="way", help=f"{', '.join(WAYS)}; all when none is named")
    parser.add_argument("--pictures", type=Path, help="folder for what the set-up looks like")
    given = parser.parse_args()
    if unknown := set(given.ways) - set(WAYS):
        parser.error(f"no such way: {', '.join(sorted(unknown))}")
    # Told to stop, it stops its servers, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    folder = Path(tempfile.mkdtemp(prefix="tradepost-host-"))
    folder.chmod(0o755)
    if given.pictures:
        given.pictures.mkdir(parents=True, exist_ok=True)
    try:
        walk_all(given.ways or WAYS, folder, given.pictures)
    except checks.HostFailed as failure:
        say(f"\nNot as it should be: {failure}")
        return 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    say("\nAll as it should be.")
    return 0


def walk_all(ways: tuple[str, ...], folder: Path, pictures: Path | None) -> None:
    """One way after the other, each with an account and a database of its own."""
    release = build_release(folder)
    say(f"{release.name}: {release.stat().st_size // 1024} KB")
    with MariaDB() as mariadb, SquareServer() as square, MailCatcher(folder / "mails") as mails:
        outside = Outside(mariadb, square, mails)
        first_with: dict[tuple[str, ...], Account] = {}
        for way in ways:
            account = Account(folder / way, release)
            packages = SHARED if way in {PASSENGER, CGI} else LOCKED
            say(f"\n{way}, as {account.user.pw_name}")
            account.install_packages(first_with.get(packages), packages)
            say(
                "  packages installed from wheels alone"
                + (", by their digests" if packages == LOCKED else "")
            )
            walk(way, account, outside, pictures if not first_with else None)
            first_with.setdefault(packages, account)


if __name__ == "__main__":
    sys.exit(main())
