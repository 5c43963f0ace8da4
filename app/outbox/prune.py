"""Forget finished work after a while."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete

from app.extensions import db
from app.outbox.models import OutboxRow
from app.shared.transaction import retry_lost_races, transaction

_BATCH = 1000


def prune_closed(*, before: datetime) -> None:
    """Delete rows closed before that time, a thousand in a transaction."""
    while _prune_batch(before) == _BATCH:
        continue


@retry_lost_races
def _prune_batch(before: datetime) -> int:
    with transaction():
        query = db.select(OutboxRow.id).where(OutboxRow.closed_at < before).order_by(OutboxRow.closed_at)
        ids = list(db.session.scalars(query.limit(_BATCH)))
        if ids:
            db.session.execute(delete(OutboxRow).where(OutboxRow.id.in_(ids)))
        return len(ids)
