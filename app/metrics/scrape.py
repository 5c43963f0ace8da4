"""Writes all figures in Prometheus's text format: what the processes counted, and what the database knows now."""

from __future__ import annotations

from collections.abc import Iterable

from flask import current_app
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from app.metrics.business import collect_business
from app.metrics.recording import TALLY
from app.metrics.tally import Tally
from app.settings import Settings
from app.shared import clock


class _Everything(Collector):
    def collect(self) -> Iterable[Metric]:
        tally: Tally = current_app.extensions[TALLY]
        settings: Settings = current_app.extensions["settings"]
        yield from tally.collect()
        yield from collect_business(settings, clock.now())

    def describe(self) -> Iterable[Metric]:
        return []


def write_metrics() -> bytes:
    """The page's text."""
    registry = CollectorRegistry()
    registry.register(_Everything())
    return generate_latest(registry)
