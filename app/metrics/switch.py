"""Whether figures are kept at all. Where nobody may read them, nothing is counted and nothing is loaded."""

from __future__ import annotations

import importlib

from flask import Flask

from app.settings import Settings


def is_watched(settings: Settings) -> bool:
    """Whether anybody may read the figures: a token or an address is set."""
    return bool(settings.metrics_token or settings.metrics_addresses)


def init_metrics(app: Flask) -> None:
    """Count from now on, where somebody is to read it; prometheus-client is imported only then."""
    settings: Settings = app.extensions["settings"]
    if is_watched(settings):
        importlib.import_module("app.metrics.recording").init_recording(app)
