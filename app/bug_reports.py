"""Bugs told to somebody outside as well, where SENTRY_DSN is set; otherwise nothing is loaded and nothing leaves."""

from __future__ import annotations

import importlib
from typing import Any, Protocol, cast

import structlog
from flask import Flask, current_app

from app.settings import Settings

_EXTENSION = "bug_reporter"
# Of what every line of the log carries: the ids by which a report is found in it.
_FROM_THE_LOG = ("request_id", "job", "order")


class _Reporter(Protocol):
    def report(self, error: BaseException, tags: dict[str, str], *, is_ending: bool) -> None: ...


def init_bug_reports(app: Flask) -> None:
    """Make the reporter, where there is an address to report to."""
    settings: Settings = app.extensions["settings"]
    if settings.sentry_dsn:
        app.extensions[_EXTENSION] = importlib.import_module("app.sentry_reports").SentryReporter(settings)


def report_bug(error: BaseException, *, is_ending: bool = False, **tags: Any) -> None:
    """Tell of a bug, with these tags and the ids of the request or job at hand. `is_ending`: the process may end soon."""
    reporter = cast("_Reporter | None", current_app.extensions.get(_EXTENSION))
    if reporter is None:
        return
    held = structlog.contextvars.get_contextvars()
    known = {name: held[name] for name in _FROM_THE_LOG if held.get(name)}
    told = {name: str(value) for name, value in (known | tags).items() if value}
    reporter.report(error, told, is_ending=is_ending)
