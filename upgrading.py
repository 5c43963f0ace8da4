"""The door while `flask upgrade` swaps the code: who may come in, and who must have left first.

Every start file loads this before anything else, and it needs nothing but Python: between two releases nothing else of
the shop may be loaded. Two files in .upgrade/ say how things stand: `closed` is there while nobody may come in, `release`
is another one after each swap. Whoever is inside (a page, a piece of background work, a command) holds a shared lock on
the shop's folder; the upgrade waits until it alone can lock it. A lock ends with its process, however that ends.
"""

from __future__ import annotations

import fcntl
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from enum import Enum
from pathlib import Path
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

# What this release needs; an upgrade to it reads this line before it begins.
OLDEST_PYTHON = (3, 11)
ROOT = Path(__file__).resolve().parent
PLACE = ROOT / ".upgrade"
CLOSED = PLACE / "closed"
RELEASE = PLACE / "release"
RUNNER = PLACE / "runner"
# In the environment of what the upgrade itself starts; it goes in and out while the door is shut.
OWN = "TRADEPOST_UPGRADING"
RETRY_SECONDS = 15
# Kept running by systemd, which gives up on what ends too often: they wait outside.
_LASTING = {"work", "relay", "worker"}

# As app/shared/safe_answers.py has them, which may not be loaded here.
_SAFE_HEADERS = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=(), usb=(), payment=(self)"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
)
_PAGE = b"""<!doctype html>
<html lang="en-US"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Back in a minute</title>
<h1>Back in a minute</h1>
<p>The shop is being brought up to date. Your cart and your orders are safe.</p>
<p>Did you just send something? It was not looked at yet. Reload this page in a minute and let your browser send it once
more; what you typed is also still there when you go back.</p>
</html>
"""
_NOTICE = b"""<div class="notice notice--danger" id="error-notice"><div class="notice__words">
<p class="notice__title">Back in a minute</p>
<p>The shop is being brought up to date, and nothing was changed just now. What you typed is still here: please send it
again in a minute.</p></div></div>
"""


class Door(Enum):
    """Open; shut, while the shop is upgraded; or stale: this process still is the release before."""

    OPEN = "open"
    SHUT = "shut"
    STALE = "stale"


class _Process:
    """What this process knows of itself: the release it loaded, and its place inside while it loads."""

    release: tuple[int, int] | None = None
    held: int | None = None
    is_leaving = False


def is_shut() -> bool:
    """Whether the shop is being upgraded, and this is not a part of that."""
    return not os.environ.get(OWN) and CLOSED.exists()


def enter() -> None:
    """Before the shop is loaded: wait until the door is open, and hold it until `loaded()`.

    A command ends here instead, with words; `flask upgrade` goes on with what was interrupted.
    """
    while (held := _come_in()) is None:
        if "FLASK_RUN_FROM_CLI" in os.environ and not _LASTING & set(sys.argv):
            _end_command()
        time.sleep(0.2)
    _Process.held = held
    _Process.release = _release()


def loaded() -> None:
    """The shop is loaded. A page or a piece of work comes in by itself from now on; a command stays in until its end."""
    if "FLASK_RUN_FROM_CLI" not in os.environ:
        go_out()


def go_out() -> None:
    """Let go of what `enter()` held: for commands that run for days, and for the upgrade itself."""
    held, _Process.held = _Process.held, None
    if held is not None and held >= 0:
        os.close(held)


@contextmanager
def inside() -> Iterator[Door]:
    """Around a piece of work that must not meet an upgrade: it is done only where this says OPEN."""
    held = _come_in()
    try:
        yield Door.SHUT if held is None else _look()
    finally:
        _close(held)


class AtTheDoor:
    """WSGI: every request comes in and goes out by the door; who finds it shut is asked to come again (503, Retry-After).

    A process that is still the release before answers the same, and makes room for a fresh one where it can: gunicorn
    starts a new worker in its place, Passenger and mod_wsgi look at a file that the upgrade touches.
    """

    def __init__(self, shop: WSGIApplication):
        self._shop = shop

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        held = _come_in()
        door = Door.SHUT if held is None else _look()
        if door is Door.OPEN:
            try:
                return _Answer(self._shop(environ, start_response), held)
            except BaseException:
                _close(held)
                raise
        _close(held)
        if door is Door.STALE:
            _make_room(environ)
        return come_again(environ, start_response)


class _Answer:
    """An answer on its way out: whoever sends it is inside until it is closed."""

    def __init__(self, parts: Iterable[bytes], held: int | None):
        self._parts = parts
        self._held = held

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._parts)

    def close(self) -> None:
        try:
            close: Any = getattr(self._parts, "close", None)
            if close is not None:
                close()
        finally:
            held, self._held = self._held, None
            _close(held)


def come_again(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """503 with Retry-After: a page of its own, or the notice that htmx shows beside what was typed."""
    words = _NOTICE if environ.get("HTTP_HX_REQUEST") else _PAGE
    headers = [
        ("Content-Type", "text/html; charset=utf-8"),
        ("Content-Length", str(len(words))),
        ("Retry-After", str(RETRY_SECONDS)),
        ("Cache-Control", "no-store"),
        ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
        *_SAFE_HEADERS,
    ]
    start_response("503 Service Unavailable", headers)
    return [b"" if environ.get("REQUEST_METHOD") == "HEAD" else words]


def behind_the_door(load: Callable[[], WSGIApplication]) -> WSGIApplication:
    """What `load` gives; where the shop is being upgraded, it is loaded with the first request after that."""
    return _Later(load) if is_shut() else load()


class _Later:
    def __init__(self, load: Callable[[], WSGIApplication]):
        self._load = load
        self._shop: WSGIApplication | None = None
        self._lock = threading.Lock()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if self._shop is None:
            if is_shut():
                return come_again(environ, start_response)
            with self._lock:
                self._shop = self._shop or self._load()
        return self._shop(environ, start_response)


def _come_in() -> int | None:
    """A shared lock, None where the door is shut; -1 where none is needed or the disk knows no locks."""
    if os.environ.get(OWN):
        return -1
    try:
        held = os.open(ROOT, os.O_RDONLY)
    except OSError:
        return -1
    try:
        fcntl.flock(held, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(held)
        return None
    except OSError:
        os.close(held)
        return None if CLOSED.exists() else -1
    if CLOSED.exists():
        os.close(held)
        return None
    return held


def _look() -> Door:
    return Door.OPEN if os.environ.get(OWN) or _Process.release == _release() else Door.STALE


def _close(held: int | None) -> None:
    if held is not None and held >= 0:
        os.close(held)


def _release() -> tuple[int, int] | None:
    try:
        found = RELEASE.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns


def _make_room(environ: WSGIEnvironment) -> None:
    if not _Process.is_leaving and str(environ.get("SERVER_SOFTWARE", "")).startswith("gunicorn"):
        _Process.is_leaving = True
        # As if its master had told it: it finishes what its other threads are at, and a new one takes its place.
        os.kill(os.getpid(), signal.SIGTERM)


def _end_command() -> None:
    if "upgrade" in sys.argv and RUNNER.is_dir():
        given = sys.argv[sys.argv.index("upgrade") + 1 :]
        instance = os.environ.get("TRADEPOST_INSTANCE") or str(ROOT / "instance")
        command = [sys.executable, str(RUNNER), "--shop", str(ROOT), "--instance", instance, *given]
        os.execv(sys.executable, command)  # noqa: S606  # nosec B606  # our own code, by its path
    said = "The shop is being upgraded. Please try again in a minute."
    with suppress(OSError):
        said = CLOSED.read_text() or said
    raise SystemExit(said)
