"""Staff's "try again" on work that gave up."""

from __future__ import annotations

from datetime import datetime

from app.outbox.models import OutboxRow
from app.shared import history
from app.shared.errors import Conflict
from app.shared.history import Actor
from app.shared.transaction import lock, retry_lost_races, transaction


@retry_lost_races
def retry_row(row_id: int, *, actor: Actor, now: datetime) -> None:
    """Make a row due at once with its tries counted anew; Conflict when it is finished."""
    with transaction():
        row = lock(OutboxRow, row_id)
        if row.closed_at is not None:
            raise Conflict("This job is finished.")
        row.needs_person_at = None
        row.attempts = 0
        row.due_at = now
        history.record("outbox", row.id, "retried", actor=actor, at=now, kind=row.kind.value)
