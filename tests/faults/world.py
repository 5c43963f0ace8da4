"""A shop in the open: every process a real one, on private servers, with waits short enough to watch it heal."""

from __future__ import annotations

import math
import os
import shutil
import signal
import sys
import tempfile
import threading
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Self

import httpx
from flask import Flask
from flask_migrate import upgrade

from app import create_app
from app.settings import Settings
from sandbox.running.children import Child, Job
from sandbox.running.ports import pick_ports
from tests.factories import PASSWORD
from tests.faults.goods import Goods, stock_the_shop
from tests.faults.log_reading import LogReader
from tests.faults.people import Browser
from tests.faults.points import WORKERS
from tests.faults.servers import LastingMariaDB, MortalRedis
from tests.servers import new_database
from tests.source import ROOT

# With RQ a ticket may wait for its worker, which forks for each; a lease that ends meanwhile makes a second ticket.
LEASE_SECONDS = {"rq": 8, "embedded": 2}
_STILL = math.inf
# An authorization is recorded so long at most after its transaction read the rule.
_RULE_MARGIN = 5.0
_SECRETS = ("SECRET_KEY", "DATA_KEY", "SQUARE_ACCESS_TOKEN", "DATABASE_URL")
_PLENTY = "1000000 per minute"
_START_SECONDS = 90
_FOREIGN = ("DATABASE_URL", "REDIS_URL", "JOBS", "PORT", "HOST", "SITE_URL", "SQUARE_", "MAIL_", "TRADEPOST_")
_IN_A_HURRY = {
    "OUTBOX_RETRY_SECONDS": "1,1,1,2,2,2,3,3", "CAPTURE_STALE_SECONDS": "2",
    "SETTLE_AFTER_SECONDS": "3", "SETTLE_AGAIN_SECONDS": "6", "SQUARE_TIMEOUT_SECONDS": "1", "SMTP_TIMEOUT_SECONDS": "2",
    "BREAKER_FAILURES": "8", "BREAKER_WINDOW_SECONDS": "3", "BREAKER_REST_SECONDS": "1", "LOG_LEVEL": "INFO",
    # On, so that counting is tried too; so high that five buyers may do here what many would elsewhere.
    "PUBLIC_LIMIT": _PLENTY, "CART_LIMIT": _PLENTY, "PAYMENT_LIMIT": _PLENTY, "ADMIN_LIMIT": _PLENTY,
    "SIGN_IN_LIMIT": _PLENTY,
}  # fmt: skip


class World:
    """The running shop of one mode: "rq" (MariaDB, Redis, relay and workers) or "embedded" (SQLite, `jobs work`)."""

    with_ports: ClassVar[tuple[str, ...]] = ("web", "square", "smtp", "mailbox")
    processes: ClassVar[tuple[str, ...]] = ("square", "mail catcher", "web", "jobs")
    # How often a buyer wants goods that others want, too.
    share_of_scarce: ClassVar[float] = 0.25

    def __init__(self, mode: str, orders: int):
        self.mode = mode
        self.is_behind = threading.Event()
        # Points at which a fault has waited for a while: whoever can brings them about.
        self.waits_for: frozenset[str] = frozenset()
        # When cards were charged on shipment, in seconds since 1970; the last while may be open still.
        self.late_whiles: list[tuple[float, float]] = []
        self._ends = ExitStack()
        try:
            self.folder = Path(self._ends.enter_context(_temporary_folder()))
            self._start_servers(self._ends)
            self._ports = pick_ports(self.with_ports, above(), self.folder / "ports.json")
            self.environment = self._settings()
            self.app, self.goods = self._prepare(orders)
            self._http = self._ends.enter_context(httpx.Client(timeout=10))
            self._children: dict[str, Child] = {}
            self._ends.callback(self._end_children)
            for name in self.processes:
                self.start(name)
            self.wait_until_it_answers()
        except BaseException:
            self._ends.close()
            raise

    def _start_servers(self, ends: ExitStack) -> None:
        self.database = ends.enter_context(LastingMariaDB()) if self.mode == "rq" else None
        self.redis = ends.enter_context(MortalRedis()) if self.mode == "rq" else None

    # --- Where things are --------------------------------------------------------------------------------------

    def _url(self, name: str) -> str:
        return f"http://127.0.0.1:{self._ports[name]}"

    @property
    def shop_url(self) -> str:
        return self._url("web")

    def browser(self, email: str) -> Browser:
        """A new one for this person."""
        return Browser(self.shop_url, email)

    def ask_square(self, method: str, path: str, sent: Any = None) -> Any:
        """The look-alike's control API."""
        answer = self._http.request(method, f"{self._url('square')}/_control{path}", json=sent)
        return answer.raise_for_status().json()

    def note_rule(self, *, is_on_shipment: bool) -> None:
        """Begin a while in which cards are charged on shipment, or end it; both a little generously."""
        began, ended = self.late_whiles[-1] if self.late_whiles else (0.0, 0.0)
        if is_on_shipment and ended != _STILL:
            self.late_whiles.append((time.time() - _RULE_MARGIN, _STILL))
        elif not is_on_shipment and ended == _STILL:
            self.late_whiles[-1] = (began, time.time() + _RULE_MARGIN)

    def read_logs(self) -> LogReader:
        """Of every process, with this shop's own secrets to look for."""
        known = [self.environment.get(name, "") for name in _SECRETS]
        return LogReader(self.folder / "logs", self.processes, [*known, PASSWORD])

    def mails_caught(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = httpx.get(f"{self._url('mailbox')}/api/messages", timeout=60).json()
        return found

    # --- Starting ----------------------------------------------------------------------------------------------

    def _settings(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
        own = {
            "TRADEPOST_INSTANCE": str(self.folder), "FAULTS_FOLDER": str(self.folder),
            "SECRET_KEY": "a secret key that is long enough for faults",
            "DATA_KEY": "a data key that is long enough for faults, too",
            "SITE_URL": self.shop_url, "PORT": str(self._ports["web"]), "JOBS": "database",
            "SQUARE_BASE_URL": self._url("square"), "SQUARE_ACCESS_TOKEN": "sandbox-token",
            "SQUARE_LOCATION_ID": "SANDBOX_MAIN", "MAIL_SERVER": "127.0.0.1", "MAIL_PORT": str(self._ports["smtp"]),
            "MAIL_DEFAULT_SENDER": "shop@example.com",
        }  # fmt: skip
        own["OUTBOX_LEASE_SECONDS"] = str(LEASE_SECONDS[self.mode])
        return kept | own | self._servers_addresses() | _IN_A_HURRY

    def _servers_addresses(self) -> dict[str, str]:
        if not self.database or not self.redis:
            return {}
        url = new_database(self.database, "faults")
        return {"DATABASE_URL": url, "JOBS": "rq", "REDIS_URL": self.redis.url}

    def _prepare(self, orders: int) -> tuple[Flask, Goods]:
        app = create_app(Settings.from_env(self.environment))
        with app.app_context():
            upgrade(directory=str(ROOT / "migrations"))
            return app, stock_the_shop(orders)

    def start(self, name: str) -> None:
        """Start a process that is not there; a look-alike goes on where its file left off."""
        child = Child(
            Job(name, self._arguments(name)),
            self._environment_of(name),
            ROOT,
            self.folder / "logs" / f"{name}.log",
        )
        self._children[name] = child

    def _environment_of(self, _name: str) -> dict[str, str]:
        return self.environment

    def _arguments(self, name: str) -> tuple[str, ...]:
        ports = {key: str(port) for key, port in self._ports.items()}
        if name == "square":
            return ("sandbox.square", "--port", ports["square"], "--state", str(self.folder / "square.db"),
                    "--list-lag", "1", "--refund-delay", "1")  # fmt: skip
        if name == "mail catcher":
            return ("sandbox.mail", "--smtp-port", ports["smtp"], "--http-port", ports["mailbox"],
                    "--folder", str(self.folder / "mails"))  # fmt: skip
        if name == "jobs":
            return ("tests.faults.workers", self.mode)
        return web_process(self._ports["web"])

    def wait_until_it_answers(self) -> None:
        """RuntimeError with the last words of the logs when it does not."""
        deadline = time.monotonic() + _START_SECONDS
        waits_for = [f"{self._url(name)}/healthz" for name in self.with_ports if name != "smtp"]
        while waits_for:
            with suppress(httpx.HTTPError):
                if httpx.get(waits_for[0], timeout=5).status_code == 200:
                    waits_for.pop(0)
                    continue
            if time.monotonic() > deadline:
                raise RuntimeError(f"{waits_for[0]} does not answer:\n{self.last_words()}")
            time.sleep(0.1)

    def last_words(self) -> str:
        return "\n".join(f"--- {name}\n{child.last_words(40)}" for name, child in self._children.items())

    # --- Killing -----------------------------------------------------------------------------------------------

    def kill(self, name: str) -> None:
        """kill -9 a child of ours with everything below it."""
        self._children[name].end()

    def kill_one_of(self, name: str) -> bool:
        """kill -9 one process below a child of ours by its role; False when there is none this moment."""
        number = self._find(name)
        if not number:
            return False
        with suppress(ProcessLookupError):
            os.kill(number, signal.SIGKILL)
        return True

    def _find(self, name: str) -> int:
        if name == "web worker":
            return next(iter(_children_of(self._children["web"].process.pid)), 0)
        pids = self.folder / "pids"
        if name == "relay":
            return _read_number(pids / "relay")
        workers = [_read_number(pids / slot) for slot in WORKERS]
        if name == "work-horse":
            return next((horse for number in workers for horse in _children_of(number)), 0)
        return workers[0]

    def _end_children(self) -> None:
        for child in self._children.values():
            child.end()

    def keep_logs(self, place: Path) -> None:
        """Copy what the processes said, for whoever wants to know why."""
        shutil.copytree(self.folder / "logs", place, dirs_exist_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._ends.close()


def web_process(port: int) -> tuple[str, ...]:
    """How gunicorn is started for it."""
    return ("gunicorn", "-c", "python:tests.faults.gunicorn_settings", "--no-control-socket",
            "--bind", f"127.0.0.1:{port}", "tests.faults.entry:app")  # fmt: skip


def above() -> int:
    """Where this process looks for ports: two runs at once must not take one that is free because its owner was killed."""
    return 20_000 + os.getpid() % 1_200 * 10


def _temporary_folder() -> tempfile.TemporaryDirectory[str]:
    memory = Path("/dev/shm")
    place = memory if memory.is_dir() and os.access(memory, os.W_OK) else None
    return tempfile.TemporaryDirectory(prefix="tradepost-faults-", dir=place, ignore_cleanup_errors=True)


def _children_of(number: int) -> list[int]:
    try:
        return [int(each) for each in Path(f"/proc/{number}/task/{number}/children").read_text().split()]
    except (OSError, ValueError):
        return []


def _read_number(path: Path) -> int:
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return 0


if sys.platform != "linux":
    raise RuntimeError("the fault suite finds the processes it kills in /proc, so it runs on Linux alone")
