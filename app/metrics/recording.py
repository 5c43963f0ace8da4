"""Counts every request and every look into the cache. Loaded only where somebody may read the figures."""

from __future__ import annotations

import time
from pathlib import Path

from flask import Flask, Response, g, request

from app.metrics.counted import CACHE, REQUESTS, SECONDS
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
    app.extensions[LISTENER] = lambda kind, is_hit: tally.count(CACHE, kind, "hit" if is_hit else "miss")

    @app.after_request
    def count_request(response: Response) -> Response:
        # The rule, never the address: it is bounded, and an address may hold a secret.
        route = request.url_rule.rule if request.url_rule else "none"
        method = request.method if request.method in _METHODS else "other"
        tally.count(REQUESTS, method, route, str(response.status_code))
        # Begun by the request log, which is the first to see a request.
        if "began" in g:
            tally.observe(SECONDS, time.perf_counter() - g.began, route)
        return response
