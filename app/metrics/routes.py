"""The page that Prometheus reads."""

from __future__ import annotations

import importlib

from flask import Blueprint, Response, current_app, make_response, request

from app.metrics.access import may_read
from app.metrics.switch import is_watched
from app.settings import Settings
from app.shared.errors import NotFound

blueprint = Blueprint("metrics", __name__)


@blueprint.get("/metrics")
def scrape() -> Response:
    """Every figure as text. No such page where nobody may read it; 401 for whoever shows no right token."""
    settings: Settings = current_app.extensions["settings"]
    if not is_watched(settings):
        raise NotFound()
    shown = request.headers.get("Authorization", "")
    if not may_read(
        settings.metrics_token, settings.metrics_addresses, shown=shown, address=request.remote_addr or ""
    ):
        answer = make_response("Show the token of METRICS_TOKEN.\n", 401)
        answer.headers["WWW-Authenticate"] = 'Bearer realm="metrics"'
    else:
        answer = make_response(importlib.import_module("app.metrics.scrape").write_metrics())
    answer.mimetype = "text/plain"
    answer.headers["Cache-Control"] = "no-store"
    return answer
