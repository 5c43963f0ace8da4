"""The shop as one small server runs it: gunicorn, relay and RQ worker, MariaDB, Redis; and beside it the outside world."""

from __future__ import annotations

import os
import secrets
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
import pymysql
from flask import Flask
from flask_migrate import upgrade

from app import create_app
from app.settings import Settings
from bench.crowd.past import Size, make_past
from sandbox.running.children import Child, Job, stop_all
from sandbox.running.ports import pick_ports
from tests.faults.servers import LastingMariaDB
from tests.servers import Redis, new_database
from tests.source import ROOT

_START_SECONDS = 120
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
    "WEB_CONCURRENCY",
)
_WEBHOOK_KEY = "webhook key of the load"
# Statements that take longer are written down by the database itself.
_SLOW_SECONDS = 0.05


class OwnMariaDB(LastingMariaDB):
    """Writes its log at every commit, as one does that holds orders; and has the memory of a small server."""

    def _command(self) -> list[str]:
        room = ["--innodb-buffer-pool-size=256M", "--innodb-log-file-size=128M"]
        return [*super()._command(), *room, "--log-output=TABLE", f"--long-query-time={_SLOW_SECONDS}"]

    @property
    def number(self) -> int:
        """Its process number."""
        assert self._process is not None
        return self._process.pid

    def ask(self, statement: str) -> list[tuple[Any, ...]]:
        """Rows of a statement about the server itself."""
        with (
            pymysql.connect(unix_socket=str(self.socket), user="root") as connection,
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
            return list(cursor.fetchall())


class OwnRedis(Redis):
    @property
    def number(self) -> int:
        """Its process number."""
        assert self._process is not None
        return self._process.pid


class Shop:
    """A running shop with a past; everything ends with the block."""

    def __init__(self, size: Size, settings: dict[str, str], say: Callable[[str], None]):
        self._ends = ExitStack()
        try:
            self.folder = Path(self._ends.enter_context(_folder()))
            self.database = self._ends.enter_context(OwnMariaDB())
            self.redis = self._ends.enter_context(OwnRedis())
            above = 20_000 + os.getpid() % 1_200 * 10
            self._ports = pick_ports(("web", "square", "smtp", "mailbox"), above, self.folder / "ports.json")
            self.metrics_token = secrets.token_hex(24)
            self.environment = self._settings() | settings
            self.app = self._prepare(size, say)
            self.children: dict[str, Child] = {}
            self._ends.callback(self._end)
            for name in ("square", "mail catcher", "web", "jobs"):
                log = self.folder / "logs" / f"{name}.log"
                self.children[name] = Child(Job(name, self._arguments(name)), self.environment, ROOT, log)
            self._wait_until_it_answers()
        except BaseException:
            self._ends.close()
            raise

    def url(self, name: str = "web") -> str:
        """Where a part of it answers."""
        return f"http://127.0.0.1:{self._ports[name]}"

    @property
    def port(self) -> int:
        return self._ports["web"]

    def ask_square(self, method: str, path: str) -> Any:
        """The look-alike's control API."""
        answer = httpx.request(method, f"{self.url('square')}/_control{path}", timeout=120)
        return answer.raise_for_status().json()

    def mails_caught(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = httpx.get(f"{self.url('mailbox')}/api/messages", timeout=300).json()
        return found

    def scrape(self) -> str:
        """The text of /metrics."""
        shown = {"Authorization": f"Bearer {self.metrics_token}"}
        return httpx.get(f"{self.url()}/metrics", headers=shown, timeout=60).raise_for_status().text

    def _settings(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
        return kept | {
            "TRADEPOST_INSTANCE": str(self.folder), "SITE_URL": self.url(), "PORT": str(self._ports["web"]),
            "SECRET_KEY": secrets.token_hex(32), "DATA_KEY": secrets.token_hex(32),
            "DATABASE_URL": new_database(self.database, "crowd"), "REDIS_URL": self.redis.url, "JOBS": "rq",
            "SQUARE_BASE_URL": self.url("square"), "SQUARE_ACCESS_TOKEN": "sandbox-token",
            "SQUARE_LOCATION_ID": "SANDBOX_MAIN", "SQUARE_WEBHOOK_URL": f"{self.url()}/webhooks/square",
            "SQUARE_WEBHOOK_SIGNATURE_KEY": _WEBHOOK_KEY, "MAIL_SERVER": "127.0.0.1",
            "MAIL_PORT": str(self._ports["smtp"]), "MAIL_DEFAULT_SENDER": "shop@example.com",
            "METRICS_TOKEN": self.metrics_token,
            # Buyers say which address is theirs, as a proxy would; every limit stands at its default.
            "TRUSTED_PROXIES": "1", "PYTHONUNBUFFERED": "1",
        }  # fmt: skip

    def _prepare(self, size: Size, say: Callable[[str], None]) -> Flask:
        app = create_app(Settings.from_env(self.environment))
        with app.app_context():
            upgrade(directory=str(ROOT / "migrations"))
            make_past(size, say)
        for statement in ("ANALYZE TABLE crowd.orders, crowd.order_lines, crowd.history, crowd.outbox, crowd.mails",
                          "SET GLOBAL slow_query_log = 1"):  # fmt: skip
            self.database.ask(statement)
        return app

    def _arguments(self, name: str) -> tuple[str, ...]:
        ports = {key: str(port) for key, port in self._ports.items()}
        if name == "square":
            return ("sandbox.square", "--port", ports["square"], "--state", str(self.folder / "square.db"), "--list-lag", "1",
                    "--webhook-url", f"{self.url()}/webhooks/square", "--webhook-key", _WEBHOOK_KEY)  # fmt: skip
        if name == "mail catcher":
            return ("sandbox.mail", "--smtp-port", ports["smtp"], "--http-port", ports["mailbox"],
                    "--folder", str(self.folder / "mails"))  # fmt: skip
        if name == "jobs":
            return ("flask", "--app", "wsgi", "jobs", "work")
        return ("gunicorn", "--config", "deploy/gunicorn_settings.py", "--workers", "2", "--threads", "4",
                "--bind", f"127.0.0.1:{ports['web']}", "wsgi:app")  # fmt: skip

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        waits_for = [f"{self.url(name)}/healthz" for name in ("square", "mailbox", "web")]
        while waits_for:
            with suppress(httpx.HTTPError):
                if httpx.get(waits_for[0], timeout=5).status_code == 200:
                    waits_for.pop(0)
                    continue
            if time.monotonic() > deadline:
                raise RuntimeError(f"{waits_for[0]} does not answer:\n{self.last_words()}")
            time.sleep(0.2)

    def last_words(self) -> str:
        """The ends of all logs."""
        return "\n".join(f"--- {name}\n{child.last_words(30)}" for name, child in self.children.items())

    def crowd(self, buyers: int, environment: dict[str, str]) -> Child:
        """Start Locust with so many buyers."""
        arguments = (
            "locust", "--locustfile", str(ROOT / "bench" / "crowd" / "buyers.py"), "--headless", "--users", str(buyers),
            "--spawn-rate", "50", "--host", self.url(), "--stop-timeout", "90", "--only-summary", "--loglevel", "WARNING",
            "--exit-code-on-error", "0",
        )  # fmt: skip
        child = Child(
            Job("buyers", arguments),
            os.environ | environment,
            self.folder,
            self.folder / "logs" / "buyers.log",
        )
        self._ends.callback(child.end)
        self.children["buyers"] = child
        return child

    def _end(self) -> None:
        stop_all(list(self.children.values()), 10, lambda: False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._ends.close()


def _folder() -> tempfile.TemporaryDirectory[str]:
    memory = Path("/dev/shm")
    place = memory if memory.is_dir() and os.access(memory, os.W_OK) else None
    return tempfile.TemporaryDirectory(prefix="tradepost-load-", dir=place, ignore_cleanup_errors=True)


if sys.platform != "linux":
    raise RuntimeError("make load reads the memory of processes from /proc, so it runs on Linux alone")
