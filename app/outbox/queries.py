"""Reads of the outbox: for health checks and the back office."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func

from app.extensions import db
from app.outbox.models import OutboxRow


def count_dead() -> int:
    """How many rows gave up and need a person."""
    query = db.select(func.count()).select_from(OutboxRow)
    is_dead = query.where(OutboxRow.closed_at.is_(None), OutboxRow.needs_person_at.is_not(None))
    count: int = db.session.scalars(is_dead).one()
    return count


def oldest_wait(now: datetime) -> timedelta:
    """How long the oldest due row has been waiting to be taken; zero when none is."""
    query = db.select(func.min(OutboxRow.due_at)).where(
        OutboxRow.closed_at.is_(None), OutboxRow.needs_person_at.is_(None), OutboxRow.due_at <= now
    )
    oldest: datetime | None = db.session.scalars(query).one()
    return now - oldest if oldest else timedelta(0)


def list_dead(limit: int) -> list[OutboxRow]:
    """The latest rows that gave up and need a person."""
    query = db.select(OutboxRow).where(OutboxRow.closed_at.is_(None), OutboxRow.needs_person_at.is_not(None))
    return list(db.session.scalars(query.order_by(OutboxRow.id.desc()).limit(limit)))
