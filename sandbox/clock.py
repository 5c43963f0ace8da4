"""The sandbox's own clock: real time plus a distance that a test or a trial may add to it."""

import threading
from datetime import UTC, datetime, timedelta


def stamp(moment: datetime) -> str:
    """Write a moment as Square does: UTC, milliseconds, `2026-11-20T12:00:00.000Z`. Sorts as text."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


class MovableClock:
    """Aware UTC time that runs on, and can be moved forward (never back: what is past stays past)."""

    def __init__(self, ahead: timedelta = timedelta(0)) -> None:
        self._ahead = ahead
        self._lock = threading.Lock()

    @property
    def ahead(self) -> timedelta:
        """How far this clock runs ahead of real time."""
        with self._lock:
            return self._ahead

    def now(self) -> datetime:
        """The present moment of this clock, aware, in UTC."""
        return datetime.now(UTC) + self.ahead

    def advance(self, distance: timedelta) -> None:
        """Move forward. Raises ValueError for a negative distance."""
        if distance < timedelta(0):
            raise ValueError("This clock only moves forward.")
        with self._lock:
            self._ahead += distance
