"""Add work to the outbox, inside the open transaction."""

from __future__ import annotations

from datetime import datetime

from app.extensions import db
from app.outbox.kinds import Kind
from app.outbox.models import OutboxRow
from app.shared import clock


def post(kind: Kind, *, due_at: datetime | None = None, **ids: int | list[str]) -> OutboxRow:
    """Add a row to the open transaction: ids and names of files only, no personal data. Due at once unless told otherwise."""
    now = clock.now()
    row = OutboxRow(kind=kind, ids=ids, due_at=due_at or now, created_at=now)
    db.session.add(row)
    return row
