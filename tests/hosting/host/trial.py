"""What every way of hosting goes through: the world outside, the demo's goods, and the tour."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from sandbox.mail import MailCatcher
from sandbox.square import SquareServer
from tests.hosting.host import checks
from tests.hosting.host.account import Account
from tests.hosting.host.database import ask
from tests.servers import MariaDB
from tests.source import ROOT


def say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


class Outside:
    """The world around the host: its database server, mail, and Square."""

    def __init__(self, mariadb: MariaDB, square: SquareServer, mails: MailCatcher):
        self.mariadb, self.square, self.mails = mariadb, square, mails


def seed(account: Account) -> None:
    """The demo's goods and people, put into the shop's database from outside; the shop itself comes without them."""
    environment = {**os.environ, "TRADEPOST_INSTANCE": str(account.instance)}
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "seed-demo", "--pictures", "none", "--quiet"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    checks.expect(done.returncode == 0, f"the demo's goods are there: {done.stderr[-1500:]}")
    account.own_everything()


def tour(url: str, certificate: Path, outside: Outside, jobs: str, read_log: Callable[[], str]) -> str:
    """From a stranger's registration to a captured payment; the tour's closing words."""
    environment = {
        **os.environ,
        "TRADEPOST_URL": url,
        "TRADEPOST_MAILBOX": outside.mails.url,
        "SQUARE_BASE_URL": outside.square.url,
        "JOBS": jobs,
        "TRADEPOST_PATIENCE": "300",
        "SSL_CERT_FILE": str(certificate),
    }
    environment.pop("PORT", None)
    command = [sys.executable, "-m", "sandbox.tour"]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    said = done.stdout.decode(errors="replace")
    checks.expect(done.returncode == 0, f"the tour ends well:\n{said[-3500:]}\n{read_log()[-2500:]}")
    return said.strip().splitlines()[-1]


def check_work(mariadb: MariaDB, database: str) -> None:
    """However many worked at a time: no piece of work was begun twice. And every table takes any letter."""
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
