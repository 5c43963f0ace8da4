"""Reads of the outbox: for health checks and the back office."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func

from app.extensions import db
from app.outbox.kinds import Kind, UnknownKind
from app.outbox.models import OutboxRow

# Since when a row is owed: the one measure of how old waiting work is, for alarms, figures, checks and readiness.
OWED_SINCE = func.coalesce(OutboxRow.first_due_at, OutboxRow.due_at)
_WAITS = (OutboxRow.closed_at.is_(None), OutboxRow.needs_person_at.is_(None))


@dataclass(frozen=True)
class Waiting:
    """Open work of one kind: how much, and how long the oldest of it has been owed; zero when none is due yet."""

    kind: Kind | UnknownKind
    count: int
    oldest: timedelta


def count_dead() -> int:
    """How many rows gave up and need a person."""
    query = db.select(func.count()).select_from(OutboxRow)
    is_dead = query.where(OutboxRow.closed_at.is_(None), OutboxRow.needs_person_at.is_not(None))
    count: int = db.session.scalars(is_dead).one()
    return count


def oldest_wait(now: datetime) -> timedelta:
    """How long the oldest piece of work has been owed, whether nobody took it or it is tried in vain; zero when none is."""
    oldest: datetime | None = db.session.scalars(db.select(func.min(OWED_SINCE)).where(*_WAITS)).one()
    return _since(oldest, now)


def longest_untaken(now: datetime) -> timedelta:
    """How long the oldest row has been standing there for anybody to take: what it waits for is a worker."""
    query = db.select(func.min(OutboxRow.due_at)).where(*_WAITS, OutboxRow.due_at <= now)
    oldest: datetime | None = db.session.scalars(query).one()
    return _since(oldest, now)


def list_waiting(now: datetime) -> list[Waiting]:
    """Open work that no person is needed for, by kind."""
    query = db.select(OutboxRow.kind, func.count(), func.min(OWED_SINCE)).where(*_WAITS)
    rows = db.session.execute(query.group_by(OutboxRow.kind))
    return [Waiting(kind, count, _since(oldest, now)) for kind, count, oldest in rows]


def list_dead(limit: int) -> list[OutboxRow]:
    """The latest rows that gave up and need a person."""
    query = db.select(OutboxRow).where(OutboxRow.closed_at.is_(None), OutboxRow.needs_person_at.is_not(None))
    return list(db.session.scalars(query.order_by(OutboxRow.id.desc()).limit(limit)))


def _since(moment: datetime | None, now: datetime) -> timedelta:
    return max(now - moment, timedelta(0)) if moment else timedelta(0)
