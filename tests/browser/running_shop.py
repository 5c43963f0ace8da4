"""The whole demo shop as processes of its own, for a browser: web server and worker; the outside world runs in the tests."""

from __future__ import annotations

import os
import socket
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Self, TypeVar

from flask import Flask
from flask_migrate import upgrade

from app import create_app
from app.extensions import db
from app.payments.providers import get_gateway
from app.settings import Settings
from app.shared import clock
from app.storage.shelves import get_shelves
from sandbox.demo.seed import seed_demo
from sandbox.demo.seed_pictures import MAIN, NONE, list_drawings, seed_pictures
from sandbox.mail import MailCatcher
from sandbox.mail.message import LINK, Caught
from sandbox.running.children import Child, Job, stop_all
from sandbox.square import SquareServer
from tests.source import ROOT

Found = TypeVar("Found")

_PICTURES = 6
_PATIENCE = 30.0
_FOREIGN = ("DATABASE_URL", "REDIS_URL", "JOBS", "PORT", "SITE_URL", "SQUARE_", "MAIL_", "TRADEPOST_")


class RunningShop:
    """Started by `with`; `url` is where it listens. Everyone comes through a proxy, so that each has an address of their own."""

    def __init__(self, folder: Path, square: SquareServer, mails: MailCatcher, pictures: int = _PICTURES):
        self.square = square
        self.mails = mails
        self._folder = folder
        self._pictures = pictures
        self._children: list[Child] = []
        port = _free_port()
        self.url = f"http://127.0.0.1:{port}"
        self._environment = self._settings(port)

    def __enter__(self) -> Self:
        self._seed()
        try:
            web = ("gunicorn", "wsgi:app", "--workers", "1", "--threads", "8", "--bind", self.url[7:])
            self._start(Job("web", web))
            self._start(Job("worker", ("flask", "--app", "wsgi", "jobs", "work")))
            wait_until(self._is_ready, "a shop that is ready", self._last_words)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        stop_all(self._children, 5, lambda: False)

    def wait_for_mail(self, address: str, subject: str) -> Caught:
        """The newest mail to an address whose subject holds these words; the worker sends it."""

        def look() -> Caught | None:
            for mail in self.mails.box.list_newest_first():
                if mail.is_for(address) and subject in mail.subject:
                    return mail
            return None

        return wait_until(look, f"a mail to {address} about {subject!r}", self._last_words)

    def _settings(self, port: int) -> dict[str, str]:
        return {
            "TRADEPOST_INSTANCE": str(self._folder),
            "SECRET_KEY": "a secret key that is long enough for tests",
            "DATA_KEY": "a data key that is long enough for tests, too",
            "SITE_URL": self.url,
            "PORT": str(port),
            "SQUARE_BASE_URL": self.square.url,
            "SQUARE_ACCESS_TOKEN": self.square.token,
            "SQUARE_LOCATION_ID": self.square.location_id,
            "MAIL_SERVER": self.mails.smtp_host,
            "MAIL_PORT": str(self.mails.smtp_port),
            "MAIL_DEFAULT_SENDER": "hello@harborandpine.example",
            "TRUSTED_PROXIES": "1",
            "LOG_LEVEL": "WARNING",
        }

    def _seed(self) -> None:
        settings = Settings.from_env(self._environment)
        app = create_app(settings)
        with app.app_context():
            upgrade(directory=str(ROOT / "migrations"))
            seed_demo(
                now=clock.now(),
                shelves=get_shelves(),
                gateway=get_gateway(),
                pictures=NONE,
                is_quiet=True,
            )
            seed_pictures(list_drawings(MAIN)[: self._pictures], get_shelves().pictures, lambda: None)
        _close(app)

    def _start(self, job: Job) -> None:
        own = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
        log = self._folder / "logs" / job.log_name
        self._children.append(Child(job, own | self._environment, ROOT, log))

    def _is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def _last_words(self) -> str:
        return "\n".join(f"{child.job.name}: {child.last_words()}" for child in self._children)


def wait_until(look: Callable[[], Found | None], wanted: str, seen: Callable[[], str]) -> Found:
    """What `look` finds, asked again and again; the test fails naming what was wanted and what there was."""
    deadline = time.monotonic() + _PATIENCE
    while not (found := look()):
        assert time.monotonic() < deadline, f"waited for {wanted}\n{seen()}"
        time.sleep(0.1)
    return found


def link_in(mail: Caught, part: str) -> str:
    """The first address in a mail that holds this part."""
    return next(link for link in LINK.findall(mail.text) if part in link)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def _close(app: Flask) -> None:
    with app.app_context():
        db.engine.dispose()
