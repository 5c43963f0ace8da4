"""A few places for all processes of this machine together, told by locks on files, which end with their process."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO

_LOOK_AGAIN = timedelta(milliseconds=5)


class NoPlace(Exception):
    """All were taken for as long as one was willing to wait."""


class MachinePlaces:
    """At most `most` inside `take()` at a time, over threads and processes; what a killed process held is free at once."""

    def __init__(self, folder: Path, name: str, most: int):
        self._paths = [folder / f"{name}-{number}.lock" for number in range(most)]

    @contextmanager
    def take(self, patience: timedelta) -> Iterator[None]:
        """NoPlace after so long. Where no file can be made there are no places to count, and nobody waits."""
        try:
            held = self._wait(patience)
        except OSError:
            held = None
        try:
            yield
        finally:
            if held is not None:
                held.close()

    def _wait(self, patience: timedelta) -> BinaryIO:
        until = time.monotonic() + patience.total_seconds()
        while True:
            for path in self._paths:
                held = _lock(path)
                if held is not None:
                    return held
            if time.monotonic() >= until:
                raise NoPlace
            time.sleep(_LOOK_AGAIN.total_seconds())


def _lock(path: Path) -> BinaryIO | None:
    file = path.open("ab")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file
