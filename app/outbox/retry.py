"""Staff's "try again" on work that gave up, or that waits for its next try."""

from __future__ import annotations

from datetime import datetime

from app.extensions import db
from app.outbox.models import OutboxRow
from app.shared import history
from app.shared.errors import Conflict
from app.shared.history import Actor
from app.shared.transaction import lock, retry_lost_races, transaction


@retry_lost_races
def retry_row(row_id: int, *, actor: Actor, now: datetime) -> None:
    """Make a row due at once with its tries counted anew; Conflict when it is finished, or somebody is at it.

    `attempts` stays: it is the fence between one try and the next, and a worker that lost its lease long ago may still
    hold a number below it. Work that gave up is owed from now on: while it lay there it waited for a person.
    """
    with transaction():
        row = lock(OutboxRow, row_id)
        if row.closed_at is not None:
            raise Conflict("This job is finished.")
        if row.needs_person_at is None and row.is_taken(now):
            raise Conflict(
                "This job is being done right now. If it does not end well, try it in some minutes."
            )
        if row.needs_person_at is not None or (row.first_due_at and row.first_due_at > now):
            row.first_due_at = now
        row.needs_person_at = row.leased_until = None
        row.forgiven = row.attempts
        row.due_at = now
        history.record("outbox", row.id, "retried", actor=actor, at=now, kind=row.kind.value)


def retry_all_dead(*, actor: Actor, now: datetime) -> int:
    """Try every row that gave up once more, each with its own line in the history; returns how many."""
    dead = db.select(OutboxRow.id).where(
        OutboxRow.closed_at.is_(None), OutboxRow.needs_person_at.is_not(None)
    )
    return sum(_retry_if_open(row_id, actor, now) for row_id in list(db.session.scalars(dead)))


def _retry_if_open(row_id: int, actor: Actor, now: datetime) -> bool:
    try:
        retry_row(row_id, actor=actor, now=now)
    except Conflict:
        return False  # somebody else had it tried meanwhile
    return True
