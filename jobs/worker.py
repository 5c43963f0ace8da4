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

import upgrading
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
    Nothing is taken in a round in which `may_take` says no. While the shop is upgraded nothing is done; afterwards this
    returns, for then it is the release before, and whoever keeps it running starts the new one."""
    settings: Settings = current_app.extensions["settings"]
    pulse = Pulse(beat)
    upgrading.go_out()
    while not stop.is_set:
        try:
            with upgrading.inside() as door:
                if door is upgrading.Door.STALE:
                    log.info("worker_makes_room", why="the shop was upgraded")
                    return
                has_worked = door is upgrading.Door.OPEN and _turn(settings, pulse, hand_over, may_take, stop)
            if not has_worked:
                _sleep(settings.outbox_poll_seconds, stop)
        except (DBAPIError, ConnectionError) as error:
            db.session.remove()
            log.warning("worker_waits", error=type(error).__name__)
            _sleep(_PAUSE_AFTER_FAULT, stop)


def drain(seconds: float) -> int:
    """Run due work for at most so long, or until none is left: the way of hosts that allow only cron.

    Returns how many rows were done. Two drains may overlap: the lease and the ticket keep them apart. It ends early when
    the shop is upgraded.
    """
    settings: Settings = current_app.extensions["settings"]
    until = time.monotonic() + seconds
    pulse = Pulse()
    done = 0
    upgrading.go_out()
    while time.monotonic() < until:
        with upgrading.inside() as door:
            if door is not upgrading.Door.OPEN:
                break
            pulse.tick()
            tickets = take_due(clock.now(), lease=timedelta(seconds=settings.outbox_lease_seconds), limit=1)
            if not tickets:
                break
            done += sum(run(ticket) for ticket in tickets)
    return done


def _turn(
    settings: Settings,
    pulse: Pulse,
    hand_over: Callable[[Ticket], object],
    may_take: Callable[[], bool],
    stop: Stop,
) -> bool:
    pulse.tick()
    return may_take() and _one_round(settings, hand_over, stop)


def _one_round(settings: Settings, hand_over: Callable[[Ticket], object], stop: Stop) -> bool:
    tickets = take_due(clock.now(), lease=timedelta(seconds=settings.outbox_lease_seconds))
    db.session.remove()
    for ticket in tickets:
        if stop.is_set or upgrading.is_shut():
            break  # what was taken and not begun is due again after its lease
        hand_over(ticket)
    return bool(tickets)


def _sleep(seconds: float, stop: Stop) -> None:
    until = time.monotonic() + seconds
    while not stop.is_set and time.monotonic() < until:
        time.sleep(min(0.1, seconds))
