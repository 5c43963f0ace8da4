"""`make host-test`: status 0 when the release does its whole job at a shared host, by Passenger and by CGI."""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from sandbox.mail import MailCatcher
from sandbox.square import SquareServer
from tests.hosting.host import checks, figures
from tests.hosting.host.account import Account
from tests.hosting.host.apache import CGI, PASSENGER, Apache
from tests.hosting.host.cron import Cron
from tests.hosting.host.database import MOST_CONNECTIONS, Connections, ask, make_database
from tests.hosting.host.set_up_answers import answers_for
from tests.hosting.host.walk import find_visitor
from tests.servers import MariaDB
from tests.source import ROOT

_LONGEST_START = 1.5


def say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


class Outside:
    """The world around the host: its database server, mail, and Square."""

    def __init__(self, mariadb: MariaDB, square: SquareServer, mails: MailCatcher):
        self.mariadb, self.square, self.mails = mariadb, square, mails


def set_up(apache: Apache, outside: Outside, database: str, pictures: Path | None) -> str:
    """Through the set-up page, each step tested first; returns the command for cron."""
    visitor = find_visitor(apache.certificate, pictures)
    say(f"  set-up page, walked in {visitor.name}")
    try:
        seen = visitor.open(apache.url + "/")
        checks.expect(
            "This shop opens soon" in seen, f"strangers read that the shop opens soon: {seen[:300]}"
        )
        code = (apache.account.instance / "setup-code.txt").read_text().split()[-1]
        visitor.send({"code": code})
        for step, answers in answers_for(
            outside.mariadb, database, apache.url, outside.square, outside.mails
        ).items():
            if step in {"database", "address", "mail", "cards"}:
                seen = visitor.send(answers, "test")
                # With CGI on a busy machine one start of Python may take longer than the test waits.
                for _ in range(5):
                    if "did not answer within" in seen:
                        seen = visitor.send({}, "test")
                checks.expect("This works" in seen, f"the test of {step} says that it works: {seen[-600:]}")
                seen = visitor.send({}, "go")
            else:
                seen = visitor.send(answers, "go")
        checks.expect("is set up" in seen, f"the last step opens the shop: {seen[-600:]}")
        return visitor.value_of("cron-command")
    finally:
        visitor.close()


def seed(account: Account) -> None:
    """The demo's goods and people, put into the shop's database from outside; the shop itself comes without them."""
    environment = {**os.environ, "TRADEPOST_INSTANCE": str(account.instance)}
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "seed-demo", "--pictures", "none", "--quiet"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    checks.expect(done.returncode == 0, f"the demo's goods are there: {done.stderr[-1500:]}")
    account.own_everything()


def tour(apache: Apache, outside: Outside) -> str:
    """From a stranger's registration to a captured payment; the tour's closing words."""
    environment = {
        **os.environ,
        "TRADEPOST_URL": apache.url,
        "TRADEPOST_MAILBOX": outside.mails.url,
        "SQUARE_BASE_URL": outside.square.url,
        "JOBS": "drain",
        "TRADEPOST_PATIENCE": "300",
        "SSL_CERT_FILE": str(apache.certificate),
    }
    environment.pop("PORT", None)
    command = [sys.executable, "-m", "sandbox.tour"]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    said = done.stdout.decode(errors="replace")
    checks.expect(done.returncode == 0, f"the tour ends well:\n{said[-3500:]}\n{apache.log[-2500:]}")
    return said.strip().splitlines()[-1]


def walk_host(way: str, account: Account, outside: Outside, pictures: Path | None) -> None:
    database = f"account_{way}"
    make_database(outside.mariadb, database)
    checks.plant_private_files(account)
    if way == CGI:
        shutil.copy(account.shop / "deploy" / "cgi.htaccess", account.public / ".htaccess")
    apache = Apache(account, way)
    with apache.running(), Connections(outside.mariadb) as connections:
        checks.check_before_set_up(apache)
        command = set_up(apache, outside, database, pictures)
        seed(account)
        checks.expect(
            _mode(account.instance / "settings.toml") == 0o600, "settings.toml is its owner's alone"
        )
        say(
            f"  the shop is open, the set-up page gone, {checks.check_private(apache)} private addresses refused"
        )
        checks.check_files_skip_python(apache, account.instance / "media")
        say("  static files and pictures go past Python; http leads to https")
        cron = Cron(account, command)
        cron.start()
        began = time.monotonic()
        try:
            words = tour(apache, outside)
        finally:
            cron.stop()
        say(f"  tour: {words} ({time.monotonic() - began:.0f} s, cron ran {cron.runs} times, two at a time)")
        checks.expect(not cron.failed, f"no run of cron failed: {cron.failed[:1]}")
        _check_work(outside.mariadb, database)
        if way == PASSENGER:
            # More visitors than Passenger starts processes, which by default are six.
            statuses = figures.rush(apache, ("/", "/catalog", "/login"), visitors=16, rounds=5)
            checks.expect(set(statuses) == {200}, f"sixteen visitors at once are all served: {statuses}")
        checks.expect(connections.most <= MOST_CONNECTIONS, f"at most 10 connections: {connections.most}")
        say(f"  database connections at most: {connections.most} (the user may have {MOST_CONNECTIONS})")
        _print_figures(apache, way)


def _mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def _check_work(mariadb: MariaDB, database: str) -> None:
    """Two drains at a time: no piece of work was begun twice, none is stuck."""
    twice = ask(mariadb, database, "SELECT kind, attempts, last_error FROM outbox WHERE attempts > 1")
    checks.expect(not twice, f"nothing in the background was tried twice: {twice[:5]}")
    charset = ask(
        mariadb,
        database,
        "SELECT DISTINCT table_collation FROM information_schema.tables WHERE table_schema = DATABASE()",
    )
    checks.expect(
        all(str(each[0]).startswith("utf8mb4") for each in charset), f"tables are utf8mb4: {charset}"
    )


def _print_figures(apache: Apache, way: str) -> None:
    account = apache.account
    if way == PASSENGER:
        for resident, own in figures.memory_of_processes(account):
            say(f"  a process of the shop: {resident} MiB resident, {own} MiB its own share")
    worked, waited = figures.start_up_seconds(account)
    say(f"  start-up: {worked:.2f} s of the processor, {waited:.2f} s by the clock")
    checks.expect(worked < _LONGEST_START, f"the shop starts in under {_LONGEST_START} s: {worked:.2f} s")
    say(f"  front page: {figures.page_seconds(apache, '/', 7) * 1000:.0f} ms")


def build_release(folder: Path) -> Path:
    subprocess.run(
        [sys.executable, "bin/release", "--to", str(folder)], cwd=ROOT, check=True, stdout=subprocess.DEVNULL
    )
    [archive] = folder.glob("tradepost-*.zip")
    return archive


def main() -> int:
    parser = argparse.ArgumentParser(prog="make host-test", description=__doc__)
    parser.add_argument("ways", nargs="*", default=[], help=f"{PASSENGER}, {CGI}; both when none is named")
    parser.add_argument("--pictures", type=Path, help="folder for what the set-up looks like")
    given = parser.parse_args()
    # Told to stop, it stops its servers, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    folder = Path(tempfile.mkdtemp(prefix="tradepost-host-"))
    folder.chmod(0o755)
    if given.pictures:
        given.pictures.mkdir(parents=True, exist_ok=True)
    try:
        release = build_release(folder)
        say(f"{release.name}: {release.stat().st_size // 1024} KB")
        with MariaDB() as mariadb, SquareServer() as square, MailCatcher(folder / "mails") as mails:
            outside = Outside(mariadb, square, mails)
            before: Account | None = None
            for way in given.ways or (PASSENGER, CGI):
                account = Account(folder / way, release)
                say(f"\n{way}, as {account.user.pw_name}")
                account.install_packages(before)
                say("  packages installed from wheels alone")
                walk_host(way, account, outside, given.pictures if before is None else None)
                before = before or account
    except checks.HostFailed as failure:
        say(f"\nNot as it should be: {failure}")
        return 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    say("\nAll as it should be.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
