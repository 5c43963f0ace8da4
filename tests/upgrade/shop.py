"""A shop unpacked from a release, with its pages, its background and its buyers, all in processes and threads of their own."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import threading
import time
import zipfile
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
import sqlalchemy as sa

from app.shared import clock
from sandbox.mail import MailCatcher
from sandbox.running.children import Child, Job
from sandbox.running.ports import pick_ports
from sandbox.square import SquareServer
from tests.faults.people import Browser, Buyer, Told

_START_SECONDS = 120
# An authorization whose answer nobody wrote down is looked for after two minutes, and again some minutes later.
_SETTLE_SECONDS = 400
_SOON = timedelta(minutes=10)
_BUYERS = 3
_FOREIGN = (
    "DATABASE_URL",
    "REDIS_URL",
    "JOBS",
    "PORT",
    "HOST",
    "SITE_URL",
    "SQUARE_",
    "MAIL_",
    "TRADEPOST_",
    "FLASK_",
)
_STOCK = """
import json, sys
from flask_migrate import upgrade
from wsgi import app
from tests.faults.goods import stock_the_shop
with app.app_context():
    upgrade(directory="migrations")
    goods = stock_the_shop(500)
print(json.dumps([goods.buyers, goods.plenty]))
"""


class Watched(httpx.BaseTransport):
    """Counts how every request was answered; what may not happen is kept whole."""

    def __init__(self) -> None:
        self._way = httpx.HTTPTransport()
        self.statuses: Counter[int] = Counter()
        self.wrong: list[str] = []
        self._lock = threading.Lock()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = self._way.handle_request(request)
        text = answer.read().decode(errors="replace")
        is_asked_to_come_again = answer.status_code == 503 and "retry-after" in answer.headers
        with self._lock:
            self.statuses[answer.status_code] += 1
            if "Traceback" in text or (answer.status_code >= 500 and not is_asked_to_come_again):
                self.wrong.append(f"{request.method} {request.url.path}: {answer.status_code} {text[:300]}")
        return answer


class UpgradedShop:
    """`source` is the whole tree of the release in `release`: it has what fills the shop."""

    def __init__(self, folder: Path, source: Path, release: Path, database_url: str = ""):
        self.folder = folder / "shop"
        self._home = folder
        with zipfile.ZipFile(release) as archive:
            archive.extractall(folder)
        (folder / release.stem).rename(self.folder)
        self.square, self.mails = SquareServer(), MailCatcher(folder / "mails")
        self._port = pick_ports(("web",), 21_000 + os.getpid() % 1_000 * 10, folder / "ports.json")["web"]
        self.url = f"http://127.0.0.1:{self._port}"
        self.database_url = database_url or f"sqlite:///{self.folder / 'instance' / 'shop.db'}"
        self._write_settings()
        kept = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
        self.environment = kept | {"PYTHONDONTWRITEBYTECODE": "1"}
        said = self._python("-c", _STOCK, cwd=source, instance=True)
        self.buyers, self.plenty = json.loads(said.splitlines()[-1])
        self.told, self.seen = Told(), Watched()
        self._stop, self._stop_buyers = threading.Event(), threading.Event()
        self._buying: list[threading.Thread] = []
        self._threads: list[threading.Thread] = []
        self._children: dict[str, Child] = {}

    def _write_settings(self) -> None:
        much = "1000000 per minute"
        values = {
            "SECRET_KEY": "a secret key that is long enough for upgrades", "DATA_KEY": "a data key that is long enough, too, here",
            "SITE_URL": self.url, "DATABASE_URL": self.database_url, "SQUARE_BASE_URL": self.square.url,
            "SQUARE_ACCESS_TOKEN": self.square.token, "SQUARE_LOCATION_ID": self.square.location_id,
            "MAIL_SERVER": self.mails.smtp_host, "MAIL_PORT": self.mails.smtp_port, "MAIL_DEFAULT_SENDER": "shop@example.com",
            "PUBLIC_LIMIT": much, "CART_LIMIT": much, "PAYMENT_LIMIT": much, "SIGN_IN_LIMIT": much, "LOG_LEVEL": "WARNING",
            "OUTBOX_LEASE_SECONDS": 5, "SETTLE_AFTER_SECONDS": 3, "CAPTURE_STALE_SECONDS": 2, "OUTBOX_RETRY_SECONDS": "1,1,2,2,3,3",
        }  # fmt: skip
        path = self.folder / "instance" / "settings.toml"
        path.write_text("".join(f"{name} = {json.dumps(value)}\n" for name, value in values.items()))
        path.chmod(0o600)

    def _python(self, *arguments: str, cwd: Path, instance: bool = False) -> str:
        environment = self.environment | (
            {"TRADEPOST_INSTANCE": str(self.folder / "instance")} if instance else {}
        )
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=cwd,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout

    # --- What the owner does ---------------------------------------------------------------------------------------

    def upgrade(self, *arguments: str) -> tuple[int, str]:
        """`flask upgrade …` as an owner types it: exit status, and all it said."""
        done = subprocess.run(
            self.command(*arguments), cwd=self.folder, env=self.environment, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, check=False,
        )  # fmt: skip
        return done.returncode, done.stdout

    @staticmethod
    def command(*arguments: str) -> list[str]:
        return [sys.executable, "-m", "flask", "--app", "wsgi", "upgrade", *arguments]

    @property
    def version(self) -> str:
        return (self.folder / "VERSION").read_text().strip()

    # --- What runs -------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Pages by gunicorn, the background by a worker that is kept running."""
        self._children["web"] = self._child(
            "web",
            "gunicorn",
            "--config",
            "deploy/gunicorn_settings.py",
            "--bind",
            f"127.0.0.1:{self._port}",
            "wsgi:app",
        )
        keeper = threading.Thread(target=self._keep_working, daemon=True)
        keeper.start()
        self._threads.append(keeper)
        self.wait_until(self.answers, "the shop answers")

    def _child(self, name: str, *arguments: str) -> Child:
        return Child(Job(name, arguments), self.environment, self.folder, self._home / f"{name}.log")

    def _keep_working(self) -> None:
        """As systemd does with Restart=always."""
        while not self._stop.is_set():
            child = self._children.get("jobs")
            if child is None or not child.is_running:
                self._children["jobs"] = self._child("jobs", "flask", "--app", "wsgi", "jobs", "work")
            self._stop.wait(0.3)

    def let_buyers_in(self) -> None:
        for number, email in enumerate(self.buyers[:_BUYERS]):
            browser = Browser(self.url, email, self.seen)
            goods = tuple(self.plenty)
            buyer = Buyer(browser, self.told, random.Random(f"buyer {number}"), goods, goods, 0.0)
            thread = threading.Thread(
                target=buyer.live, args=(self._stop_buyers, threading.Event()), daemon=True
            )
            thread.start()
            self._buying.append(thread)

    def wait_for_orders(self, more: int) -> None:
        """Until buyers were told of so many more orders."""
        wanted = len(self.told.placed) + more
        self.wait_until(lambda: len(self.told.placed) >= wanted, f"{more} more orders are placed")

    def answers(self) -> bool:
        with suppress(httpx.HTTPError):
            return httpx.get(f"{self.url}/healthz", timeout=10).status_code == 200
        return False

    def wait_until(self, is_so: Callable[[], bool], words: str, seconds: float = _START_SECONDS) -> None:
        until = time.monotonic() + seconds
        while not is_so():
            assert time.monotonic() < until, f"{words}: {self.seen.statuses}\n{self.last_words()}"
            time.sleep(0.1)

    def last_words(self) -> str:
        return "\n".join(f"--- {name}\n{child.last_words(30)}" for name, child in self._children.items())

    # --- What became of it -----------------------------------------------------------------------------------------

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """Straight from the tables, whichever release they belong to."""
        engine = sa.create_engine(self.database_url.replace("mysql:", "mysql+pymysql:"))
        try:
            with engine.connect() as connection:
                return [tuple(row) for row in connection.execute(sa.text(query))]
        finally:
            engine.dispose()

    def settle(self) -> None:
        """Buyers go home, and the background does what there is to do."""
        self._stop_buyers.set()
        for thread in self._buying:
            thread.join(60)
        # Not what is due much later: an authorization that was not found is looked for once more after an hour.
        soon = f"{clock.now() + _SOON:%Y-%m-%d %H:%M:%S}"
        query = f"""SELECT kind, attempts, last_error FROM outbox WHERE closed_at IS NULL AND needs_person_at IS NULL
            AND kind LIKE 'payment.%' AND due_at < '{soon}'"""
        self.wait_until(lambda: not self.ask(query), "the background is done", _SETTLE_SECONDS)

    def compare(self) -> list[str]:
        """What is lost or double, in words: every order a buyer was told of is there, and Square took money for it once."""
        numbers = [number for (number,) in self.ask("SELECT number FROM orders")]
        paid = self.ask(
            "SELECT provider_payment_id, order_id FROM payments WHERE provider_payment_id IS NOT NULL"
        )
        orders = dict(paid)
        theirs = httpx.get(f"{self.square.url}/_control/ledger", timeout=30).json()["payments"]
        taken = Counter(orders.get(each["id"]) for each in theirs if each["status"] == "COMPLETED")
        held = [each["id"] for each in theirs if each["status"] == "APPROVED" and each["id"] not in orders]
        wrong = [f"order {number} is lost" for number in sorted(self.told.placed - set(numbers))]
        wrong += [
            f"{count} payments for order {order}"
            for order, count in taken.items()
            if count > 1 or order is None
        ]
        wrong += [f"Square holds {one} that the shop does not know" for one in held]
        wrong += [f"number {number} twice" for number, count in Counter(numbers).items() if count > 1]
        return wrong + self.seen.wrong

    def close(self) -> None:
        self._stop.set()
        self._stop_buyers.set()
        for thread in [*self._threads, *self._buying]:
            thread.join(30)
        for child in self._children.values():
            child.end()
        self.square.stop()
        self.mails.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.close()
