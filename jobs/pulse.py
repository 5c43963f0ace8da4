"""What the worker does once a minute beside its work: show that it lives, post what is periodic, look for alarms."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta

from flask import current_app

from app.health_check.raise_alarms import raise_alarms
from app.outbox.heartbeat import beat
from app.settings import Settings
from app.shared import clock
from jobs.schedule import post_periodic

_EVERY = 60.0


def show_life() -> None:
    """Write the heartbeat, and look for alarms; after a standstill only the first, whose mail says enough."""
    settings: Settings = current_app.extensions["settings"]
    now = clock.now()
    standstill = timedelta(minutes=settings.standstill_minutes)
    silent = beat(now, standstill=standstill, quiet=timedelta(minutes=settings.alarm_quiet_minutes))
    if silent <= standstill:
        raise_alarms(settings, now)


class Pulse:
    """`tick()` as often as one likes: at most once a minute it does something.

    `beat` is how life is shown. The RQ relay sends it through the queue, so that it stops when the workers do.
    """

    def __init__(
        self, beat: Callable[[], object] = show_life, schedule: Callable[[datetime], object] = post_periodic
    ):
        self._beat = beat
        self._schedule = schedule
        self._ticked_at = float("-inf")

    def tick(self) -> None:
        if time.monotonic() - self._ticked_at < _EVERY:
            return
        self._beat()
        self._schedule(clock.now())
        self._ticked_at = time.monotonic()
