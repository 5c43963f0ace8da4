"""Counts every request and every look into the cache. Loaded only where somebody may read the figures."""

from __future__ import annotations

import time
from pathlib import Path

from flask import Flask, Response, g, request

from app.metrics.counted import CACHE, IN_PROGRESS, REQUESTS, SECONDS, SENT_AWAY, WAITED
from app.metrics.tally import Tally
from app.settings import Settings
from app.shared.kept import LISTENER

TALLY = "metrics_tally"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def init_recording(app: Flask) -> None:
    """Begin to count; the files lie in the instance folder, shared by all processes of this machine."""
    settings: Settings = app.extensions["settings"]
    tally = Tally(Path(settings.instance_path) / "metrics")
    app.extensions[TALLY] = tally
    app.extensions[LISTENER] = lambda kind, was_there, how_many: tally.count(
        CACHE, kind, "hit" if was_there else "miss", by=how_many
    )

    @app.before_request
    def count_in() -> None:
        tally.shift(IN_PROGRESS, 1)
        g.is_counted_in = True

    @app.teardown_request
    def count_out(_error: BaseException | None) -> None:
        # The way out of a request that never came in, too, where an earlier step refused it.
        if g.pop("is_counted_in", False):
            tally.shift(IN_PROGRESS, -1)

    @app.after_request
    def count_request(response: Response) -> Response:
        # The rule, never the address: it is bounded, and an address may hold a secret.
        route = request.url_rule.rule if request.url_rule else "none"
        method = request.method if request.method in _METHODS else "other"
        tally.count(REQUESTS, method, route, str(response.status_code))
        # Begun by the request log, which is the first to see a request.
        if "began" in g:
            tally.observe(SECONDS, time.perf_counter() - g.began, route, f"{response.status_code // 100}xx")
        if "waited" in g:
            tally.observe(WAITED, g.waited)
        # From zero on: a rate that begins with its first event is never seen.
        tally.count(SENT_AWAY, g.get("sent_away", "browsing"), by=1.0 if "sent_away" in g else 0.0)
        return response
