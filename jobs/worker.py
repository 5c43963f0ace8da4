"""The loops that keep work moving: run it here (database, drain), or hand it to RQ."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from datetime import timedelta
from types import FrameType

import structlog
from flask import current_app
from sqlalchemy.exc import DBAPIError

from app.extensions import db
from app.settings import Settings
from app.shared import clock
from jobs.pulse import Pulse, show_life
from jobs.relay import Ticket, take_due
from jobs.runner import run

log = structlog.get_logger("jobs")

# After the database or Redis went away: long enough not to spin, short enough to be back at once.
_PAUSE_AFTER_FAULT = 2.0


class Stop:
    """Set by SIGTERM and SIGINT: the piece of work at hand is finished first."""

    def __init__(self) -> None:
        self.is_set = False

    def listen(self) -> Stop:
        for each in (signal.SIGTERM, signal.SIGINT):
            signal.signal(each, self._handle)
        return self

    def _handle(self, _number: int, _frame: FrameType | None) -> None:
        self.is_set = True


def work(
    stop: Stop,
    hand_over: Callable[[Ticket], object] = run,
    beat: Callable[[], object] = show_life,
    may_take: Callable[[], bool] = lambda: True,
) -> None:
    """Take due work and hand it over until told to stop; `run` does it here and now. `beat` shows life once a minute.
    Nothing is taken in a round in which `may_take` says no."""
    settings: Settings = current_app.extensions["settings"]
    pulse = Pulse(beat)
    while not stop.is_set:
        try:
            pulse.tick()
            if not (may_take() and _one_round(settings, hand_over, stop)):
                _sleep(settings.outbox_poll_seconds, stop)
        except (DBAPIError, ConnectionError) as error:
            db.session.remove()
            log.warning("worker_waits", error=type(error).__name__)
            _sleep(_PAUSE_AFTER_FAULT, stop)


def drain(seconds: float) -> int:
    """Run due work for at most so long, or until none is left: the way of hosts that allow only cron.

    Returns how many rows were done. Two drains may overlap: the lease and the ticket keep them apart.
    """
    settings: Settings = current_app.extensions["settings"]
    until = time.monotonic() + seconds
    pulse = Pulse()
    done = 0
    while time.monotonic() < until:
        pulse.tick()
        tickets = take_due(clock.now(), lease=timedelta(seconds=settings.outbox_lease_seconds), limit=1)
        if not tickets:
            break
        done += sum(run(ticket) for ticket in tickets)
    return done


def _one_round(settings: Settings, hand_over: Callable[[Ticket], object], stop: Stop) -> bool:
    tickets = take_due(clock.now(), lease=timedelta(seconds=settings.outbox_lease_seconds))
    db.session.remove()
    for ticket in tickets:
        if stop.is_set:
            break  # what was taken and not begun is due again after its lease
        hand_over(ticket)
    return bool(tickets)


def _sleep(seconds: float, stop: Stop) -> None:
    until = time.monotonic() + seconds
    while not stop.is_set and time.monotonic() < until:
        time.sleep(min(0.1, seconds))
