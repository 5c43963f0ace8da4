"""Takes due work out of the outbox and hands it over as tickets; taking pushes `due_at` ahead, which is the lease."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.extensions import db
from app.outbox.kinds import Kind, UnknownKind
from app.outbox.models import OutboxRow
from app.shared.transaction import retry_lost_races, transaction


@dataclass(frozen=True)
class Ticket:
    """The right to make one try at a row: void as soon as anybody else has begun one, for `attempts` counts them."""

    row_id: int
    attempts: int
    kind: Kind | UnknownKind


@retry_lost_races
def take_due(now: datetime, *, lease: timedelta, limit: int = 10) -> list[Ticket]:
    """Up to `limit` due rows, oldest first; no two relays take the same. Unfinished ones are due again after the lease.

    Ordered by id, in the order of the index: sorted otherwise, the first worker locks every row it looks at.
    """
    query = (
        db.select(OutboxRow)
        .where(OutboxRow.closed_at.is_(None), OutboxRow.needs_person_at.is_(None), OutboxRow.due_at <= now)
        .order_by(OutboxRow.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    with transaction():
        rows = list(db.session.scalars(query))
        for row in rows:
            row.due_at = row.leased_until = now + lease
        return [Ticket(row.id, row.attempts, row.kind) for row in rows]
