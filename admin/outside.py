"""The services outside that the shop stands on: whether they answer, and every time they were left alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app
from flask_admin import expose

from admin import formatters
from admin.base import StaffView
from admin.timelines import list_histories
from app.accounts.permissions import Permission
from app.settings import Settings
from app.shared import clock
from app.shared.circuits import Circuit, CircuitState, count_recent, list_circuits

_NAMES = {"square": "Square (card payments)", "mail": "Mail server"}
_TONES = {CircuitState.CLOSED: "good", CircuitState.OPEN: "danger", CircuitState.HALF_OPEN: "wait"}
_LATEST = 50


@dataclass(frozen=True)
class Service:
    """One service as the page shows it. `asks_again_at` is when it is tried next, while it is left alone."""

    name: str
    state: str
    tone: str
    recent: int
    trips: int
    since: datetime | None
    asks_again_at: datetime | None
    last_error: str


class ServicesView(StaffView):
    view_permission = Permission.OUTBOX_VIEW
    lead = (
        "What the shop asks outside. A service that keeps failing is left alone for a while, then tried once."
    )

    @expose("/")
    def index(self) -> str:
        settings: Settings = current_app.extensions["settings"]
        circuits = list_circuits()
        entries = list_histories({"breaker": [each.id for each in circuits]}) if circuits else []
        return self.render(
            "admin/services/list.html",
            services=build_services(circuits, settings, clock.now()),
            history=formatters.timeline(entries[-_LATEST:][::-1]),
            settings=settings,
        )


def build_services(circuits: list[Circuit], settings: Settings, now: datetime) -> list[Service]:
    """Every service the shop knows, also those that never failed."""
    rows = {each.name: each for each in circuits}
    return [
        _service(_NAMES.get(name, name), rows.get(name), settings, now)
        for name in [*_NAMES, *(set(rows) - set(_NAMES))]
    ]


def _service(name: str, row: Circuit | None, settings: Settings, now: datetime) -> Service:
    if row is None:
        return Service(name, CircuitState.CLOSED.label, "good", 0, 0, None, None, "")
    begins = row.probed_at or row.opened_at
    return Service(
        name=name,
        state=row.state.label,
        tone=_TONES[row.state],
        recent=count_recent(row, window=timedelta(seconds=settings.breaker_window_seconds), now=now),
        trips=row.trips,
        since=row.opened_at,
        asks_again_at=begins + timedelta(seconds=settings.breaker_rest_seconds) if begins else None,
        last_error=row.last_error,
    )
