"""Whether background work runs, in a line at the foot of the rail and, once it stands still, on top of the first page."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, after_this_request, current_app, g

from app.health_check.readiness import last_ran, runs
from app.health_check.tell_standstill import tell_standstill
from app.outbox.heartbeat import find_beat
from app.settings import Settings
from app.shared import clock
from app.web import after_answer


@dataclass(frozen=True)
class Background:
    """`says` is like "last ran 2 min ago"."""

    says: str
    stands_still: bool


def get_background() -> Background:
    """One small read, once a request. Where work stands still, staff get a mail after this page."""
    if "staff_background" not in g:
        settings: Settings = current_app.extensions["settings"]
        now, beat_at = clock.now(), find_beat()
        g.staff_background = Background(last_ran(beat_at, now), not runs(beat_at, settings, now))
        if beat_at is not None and g.staff_background.stands_still:
            after_this_request(_tell)
    background: Background = g.staff_background
    return background


def _tell(response: Response) -> Response:
    after_answer(response, tell_standstill)
    return response
