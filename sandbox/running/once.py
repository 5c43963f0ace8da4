"""One copy a folder: the lock of whoever runs, and the note that says where."""

import fcntl
import json
import os
from pathlib import Path
from typing import Any, TextIO


class RunsAlready(Exception):
    """This folder's shop is running; the message says where."""


class RunLock:
    """Held while `make run` runs; the kernel lets it go when the process ends, however it ends. Raises RunsAlready."""

    def __init__(self, path: Path):
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._file: TextIO = path.open("a+")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._file.close()
            raise RunsAlready(_say_where(path)) from None
        self.note({"pid": os.getpid()})

    def note(self, facts: dict[str, Any]) -> None:
        """Say who holds it: for a second start and for the tour."""
        self._file.seek(0)
        self._file.truncate()
        self._file.write(json.dumps(facts) + "\n")
        self._file.flush()

    def release(self) -> None:
        self.note({})
        self._file.close()


def find_running(path: Path) -> dict[str, Any]:
    """What the running copy of this folder noted; empty when none runs."""
    try:
        with path.open() as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except OSError:
                return _read_note(path)
    except OSError:
        pass
    return {}


def _read_note(path: Path) -> dict[str, Any]:
    try:
        facts = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return facts if isinstance(facts, dict) else {}


def _say_where(path: Path) -> str:
    facts = _read_note(path)
    where = f" at {facts['shop']}/" if facts.get("shop") else ""
    process = f" (process {facts['pid']})" if facts.get("pid") else ""
    return (
        f"The shop of this folder runs already{where}{process}. Use that one, or stop it with Ctrl-C first. "
        "For a second shop, give it a folder of its own: make run PORT=8100 TRADEPOST_INSTANCE=instance-2"
    )
