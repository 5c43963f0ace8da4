"""Tell staff that something is wrong: once, and then not again for the quiet time."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.extensions import db
from app.outbox.kinds import Kind
from app.outbox.models import OutboxRow


def announce_alarm(kind: Kind, now: datetime, *, quiet: timedelta, **facts: int) -> bool:
    """Add an alarm's mail to the open transaction, with the figures it is to tell; False when one was added within the
    quiet time.

    The unique (kind, period) is the last word where two processes add it at once: one gets an IntegrityError.
    """
    latest = db.select(OutboxRow.id).where(OutboxRow.kind == kind, OutboxRow.created_at > now - quiet)
    if db.session.scalars(latest.limit(1)).first() is not None:
        return False
    db.session.add(OutboxRow(kind=kind, ids=facts, period=period_of(now, quiet), due_at=now, created_at=now))
    return True


def period_of(now: datetime, quiet: timedelta) -> str:
    """The same for two moments less than the quiet time apart, but for those at both sides of an edge."""
    length = max(int(quiet.total_seconds()), 1)
    return f"{length}:{int(now.timestamp()) // length}"
