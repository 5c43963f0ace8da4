"""The first thing a request meets: how long it stood in line, and whether it is asked to come again."""

from __future__ import annotations

import secrets
import time

from flask import Flask, g, request

from app.overload.line import Line, Urgency, urgency_of
from app.overload.waited import seconds_waited
from app.settings import Settings
from app.shared import clock

# As long as somebody looks at a page. Not the same for all, or they would come back as one crowd.
_FIRST_RETRY, _LAST_RETRY = 5, 15


class TooBusy(Exception):
    """This request was sent away before anything was done for it; error_pages.py says so to the visitor."""

    def __init__(self, urgency: Urgency, retry_seconds: int):
        super().__init__(f"{urgency.value}, come again in {retry_seconds} s")
        self.urgency = urgency
        self.retry_seconds = retry_seconds


def init_overload(app: Flask) -> None:
    """Look at every request before any other code of ours does; the request log alone comes earlier."""
    settings: Settings = app.extensions["settings"]
    line = Line(settings.busy_after_milliseconds / 1000)

    @app.before_request
    def look_at_the_line() -> None:
        # Kept for /metrics: waits are worth watching before anybody is sent away.
        g.waited = seconds_waited(request.environ, clock.now().timestamp())
        urgency = urgency_of(request.path)
        if line.must_leave(g.waited, urgency, time.monotonic()):
            g.sent_away = urgency.value
            raise TooBusy(urgency, _FIRST_RETRY + secrets.randbelow(_LAST_RETRY - _FIRST_RETRY + 1))
