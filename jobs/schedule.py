"""Periodic work: a row under a unique (kind, period), so that any number of schedulers post it once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.exc import IntegrityError

from app.extensions import db
from app.outbox.kinds import Kind
from app.outbox.models import OutboxRow
from app.shared.transaction import retry_lost_races, transaction


def _daily(now: datetime) -> str:
    return f"{now:%Y-%m-%d}"


def _hourly(now: datetime) -> str:
    return f"{now:%Y-%m-%dT%H}"


PERIODIC: dict[Kind, Callable[[datetime], str]] = {
    Kind.CARTS_CLOSE_STALE: _daily,
    Kind.ORDERS_CANCEL_ABANDONED: _daily,
    Kind.PAYMENTS_WATCH: _hourly,
    Kind.PAYMENTS_RECONCILE: _daily,
    Kind.OUTBOX_PRUNE: _daily,
    Kind.FILES_LOOK: _daily,
    Kind.CERTIFICATE_LOOK: _daily,
}


def post_periodic(now: datetime) -> int:
    """Post what this hour and this day still lack. Returns how many rows were added."""
    periods = {kind: period_of(now) for kind, period_of in PERIODIC.items()}
    query = db.select(OutboxRow.kind, OutboxRow.period).where(OutboxRow.period.in_(set(periods.values())))
    there = {(kind, period) for kind, period in db.session.execute(query)}
    db.session.rollback()
    missing = [(kind, period) for kind, period in periods.items() if (kind, period) not in there]
    return sum(_post_once(kind, period, now) for kind, period in missing)


@retry_lost_races
def _post_once(kind: Kind, period: str, now: datetime) -> bool:
    try:
        with transaction():
            db.session.add(OutboxRow(kind=kind, ids={}, period=period, due_at=now, created_at=now))
    except IntegrityError:
        return False  # another scheduler was faster
    return True
