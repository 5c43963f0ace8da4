"""What the buyers write down."""

from __future__ import annotations

import json
import time
from pathlib import Path

from gevent.event import Event


class Diary:
    """Every request of the measured time, and which orders buyers were told of."""

    def __init__(self) -> None:
        self.entries: list[tuple[float, str, float, int, str]] = []
        self.placed: list[str] = []
        self.failures: dict[str, int] = {}
        self.signed_in = self.kept_out = 0
        self.everybody_is_in = Event()
        self.began = self.ended = 0.0

    def note(self, kind: str, seconds: float, status: int, outcome: str) -> None:
        """One answer, while it is measured; `outcome`: ok, sent away, refused or error."""
        if self.began:
            self.entries.append((time.time(), kind, seconds, status, outcome))

    def keep(self, place: Path) -> None:
        """Write it to a file."""
        place.write_text(json.dumps({
            "began": self.began, "ended": self.ended, "signed_in": self.signed_in, "entries": self.entries,
            "placed": self.placed, "failures": self.failures,
        }))  # fmt: skip
