"""The fault hook: inside the processes of the shop, at each commit and each call, it does what a folder orders.

An order is a file `armed/<point>/<kind>.<number>`; whoever removes it carries it out, so each is carried out once, and
a process that is killed by it has noted it before. Nothing of this is in the shop itself: `entry.py` puts it around.
"""

from __future__ import annotations

import functools
import json
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

from flask import Flask

from app.extensions import db
from app.payments.gateway import OutcomeUnknown
from app.payments.square_gateway import SquareGateway
from tests.faults.points import (
    CALLS,
    COMMITS,
    CUT_AFTER,
    CUT_BEFORE,
    DEADLOCK,
    KILLED_AFTER,
    KILLED_BEFORE,
)

STRUCK = "struck.jsonl"
# Not a fault by itself: noted, so that one at Square can be told to the payment it struck.
UNANSWERED = "no clear answer"
_POINTS = {tuple(place.split(":")): point for point, place in COMMITS.items()}
_IDS = ("payment_id", "order_id", "refund_id")
_DEEPEST = 40


class Hook:
    """Takes orders from a folder and carries them out in this process."""

    def __init__(self, folder: Path):
        self._armed = folder / "armed"
        self._struck = folder / STRUCK

    def take(self, point: str) -> str:
        """The kind of fault that waits for this point, taken away; "" for none."""
        try:
            waiting = sorted((self._armed / _folder_of(point)).iterdir())
        except FileNotFoundError:
            return ""
        for path in waiting:
            try:
                path.unlink()
            except FileNotFoundError:
                continue  # another process was faster
            return path.stem
        return ""

    def note(self, point: str, kind: str, frame: FrameType | None) -> None:
        """Written in one piece, before it happens."""
        line = json.dumps({"at": time.time(), "point": point, "kind": kind} | _ids_on(frame)) + "\n"
        file = os.open(self._struck, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.write(file, line.encode())
        os.close(file)

    def die(self) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    # --- Commits -----------------------------------------------------------------------------------------------

    def around_commit(self, dialect: Any) -> Callable[[Any], None]:
        """What the engine calls to commit: the real thing, or what was ordered."""
        commit, error = dialect.do_commit, dialect.loaded_dbapi.OperationalError
        is_sqlite = dialect.name == "sqlite"

        def do_commit(connection: Any) -> None:
            frame = sys._getframe(1)
            point = _point_on(frame)
            kind = self.take(point) if point else ""
            if kind:
                self.note(point, kind, frame)
            if kind == KILLED_BEFORE:
                self.die()
            if kind == DEADLOCK:
                connection.rollback()
                raise error("database is locked") if is_sqlite else error(1213, "Deadlock found (to order)")
            if kind == CUT_BEFORE:
                connection.driver_connection.close()
                raise error(2013, "Lost connection to server during query (to order)")
            commit(connection)
            if kind == KILLED_AFTER:
                self.die()
            if kind == CUT_AFTER:
                connection.driver_connection.close()
                raise error(2013, "Lost connection to server during query (to order)")

        return do_commit

    # --- Calls -------------------------------------------------------------------------------------------------

    def around_call(self, point: str, method: Callable[..., Any]) -> Callable[..., Any]:
        """The gateway's method, in a process that may die before it or after it. What it cannot say is noted."""

        @functools.wraps(method)
        def call(*args: Any, **named: Any) -> Any:
            frame = sys._getframe(1)
            kind = self.take(point)
            if kind:
                self.note(point, kind, frame)
            if kind == KILLED_BEFORE:
                self.die()
            try:
                answer = method(*args, **named)
            except OutcomeUnknown:
                self.note(point, UNANSWERED, frame)
                raise
            if kind == KILLED_AFTER:
                self.die()
            return answer

        return call


def install(app: Flask, folder: Path) -> None:
    """Put the hook around this app's engine and around Square's gateway."""
    hook = Hook(folder)
    with app.app_context():
        dialect = db.engine.dialect
    dialect.do_commit = hook.around_commit(dialect)  # type: ignore[method-assign]
    for point, (name, _) in CALLS.items():
        setattr(SquareGateway, name, hook.around_call(point, getattr(SquareGateway, name)))


def arm(folder: Path, point: str, kind: str, number: int) -> None:
    """Order one fault at a point."""
    place = folder / "armed" / _folder_of(point)
    place.mkdir(parents=True, exist_ok=True)
    (place / f"{kind}.{number}").touch()


def is_armed(folder: Path, point: str) -> bool:
    """Whether an order for this point waits still."""
    return any((folder / "armed" / _folder_of(point)).glob("*.*"))


def disarm(folder: Path) -> None:
    """Take back every order that nobody has carried out."""
    for path in (folder / "armed").rglob("*.*"):
        path.unlink(missing_ok=True)


class Struck:
    """What was carried out so far, read on from where the last look ended."""

    def __init__(self, folder: Path):
        self._path = folder / STRUCK
        self._read = 0
        self.entries: list[dict[str, Any]] = []  # at (seconds), point, kind, and the ids of what was struck

    def look(self) -> list[dict[str, Any]]:
        """What was added since the last look."""
        if not self._path.is_file():
            return []
        with self._path.open("rb") as file:
            file.seek(self._read)
            text = file.read()
        whole = text[: text.rfind(b"\n") + 1]
        self._read += len(whole)
        new = [json.loads(line) for line in whole.splitlines()]
        self.entries.extend(new)
        return new


def _folder_of(point: str) -> str:
    return point.replace(": ", "-").replace(" ", "_")


def _point_on(frame: FrameType | None) -> str:
    for _ in range(_DEEPEST):
        if frame is None:
            return ""
        point = _POINTS.get((frame.f_globals.get("__name__", ""), frame.f_code.co_name))
        if point:
            return point
        frame = frame.f_back
    return ""


def _ids_on(frame: FrameType | None) -> dict[str, int]:
    """The ids of the payment, order or refund that the code up the stack is about."""
    for _ in range(_DEEPEST):
        if frame is None:
            return {}
        found = {name: frame.f_locals[name] for name in _IDS if isinstance(frame.f_locals.get(name), int)}
        for name in ("placing", "asking", "hold", "command"):
            for about in ("payment_id", "order_id"):
                number = getattr(frame.f_locals.get(name), about, None)
                if isinstance(number, int):
                    found.setdefault(about, number)
        if found:
            return found
        frame = frame.f_back
    return {}
