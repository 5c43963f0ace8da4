"""Shops with limits on: one in this process, or several processes of one shop over one database."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from bs4 import BeautifulSoup
from flask import Flask

from app.extensions import db, limiter
from sandbox.running.children import Child, Job, stop_all
from tests.factories import make_shop
from tests.source import ROOT
from tests.worlds import build_app

_PATIENCE = 40.0
_FOREIGN = ("DATABASE_URL", "REDIS_URL", "JOBS", "PORT", "SITE_URL", "SQUARE_", "MAIL_", "TRADEPOST_")


@contextmanager
def limited_shop(settings: Any) -> Iterator[Flask]:
    """The shop with its tables; what it writes is really written, what it counted is forgotten at the end."""
    app = build_app(settings)
    with app.app_context():
        db.create_all()
        make_shop()
        try:
            yield app
        finally:
            # The limiter is one for all apps of this process: nothing of this one may stay in its memory.
            limiter._storage_dead = False
            limiter._fallback_storage.reset()
            if settings.redis_url:
                limiter.reset()
            db.session.remove()
            db.engine.dispose()


def from_address(address: int | str, **more: object) -> dict[str, object]:
    """Options of a request that comes from there; a number is the last part of a documentation address."""
    text = f"198.51.100.{address}" if isinstance(address, int) else address
    return {"environ_base": {"REMOTE_ADDR": text}, **more}


@contextmanager
def running_processes(number: int, folder: Path, threads: int = 4, **settings: str) -> Iterator[list[str]]:
    """The addresses of so many gunicorns with one worker each, over a database whose tables are there."""
    ports = [_free_port() for _ in range(number)]
    children = []
    try:
        for port in ports:
            command = (
                "gunicorn",
                "wsgi:app",
                "--workers",
                "1",
                "--threads",
                str(threads),
                "--bind",
                f"127.0.0.1:{port}",
            )
            children.append(
                Child(
                    Job(f"web {port}", command),
                    settings_of_a_process(folder, **settings),
                    ROOT,
                    folder / f"web-{port}.log",
                )
            )
        for port, child in zip(ports, children, strict=True):
            _wait_for(f"http://127.0.0.1:{port}/healthz", child)
        yield [f"http://127.0.0.1:{port}" for port in ports]
    finally:
        stop_all(children, 5, lambda: False)


def settings_of_a_process(folder: Path, **settings: str) -> dict[str, str]:
    """The environment of a process of the shop: this one's without its settings, what every shop needs, and these."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
    given = {
        "TRADEPOST_INSTANCE": str(folder),
        "SECRET_KEY": "a secret key that is long enough for tests",
        "DATA_KEY": "a data key that is long enough for tests, too",
        "SITE_URL": "http://localhost",
        "SQUARE_ACCESS_TOKEN": "not used here",
        "SQUARE_LOCATION_ID": "not used here",
        "MAIL_DEFAULT_SENDER": "shop@example.com",
        "LOG_LEVEL": "WARNING",
    }
    return own | given | settings


def send_form(url: str, path: str, **values: str) -> httpx.Response:
    """Fetch a page with a form and send it, as somebody who was never here before."""
    with httpx.Client(base_url=url, timeout=20) as browser:
        field = BeautifulSoup(browser.get(path).text, "lxml").select_one(
            "form[method=post] [name=csrf_token]"
        )
        assert field is not None, f"no form at {path}"
        return browser.post(
            path, data={"csrf_token": str(field["value"]), **values}, headers={"Referer": url}
        )


def _wait_for(address: str, child: Child) -> None:
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            if httpx.get(address, timeout=5).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        assert child.is_running, child.last_words()
        assert time.monotonic() < deadline, child.last_words()
        time.sleep(0.1)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
