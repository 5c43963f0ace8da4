"""Tell staff that something gave up: once a day, however much does."""

from __future__ import annotations

from datetime import datetime

from app.extensions import db
from app.outbox.kinds import Kind, UnknownKind
from app.outbox.models import OutboxRow


def announce_dead(kind: Kind | UnknownKind, now: datetime) -> None:
    """Add the mail to staff to the open transaction, unless today's is there already.

    The unique (kind, period) is the last word: where two processes add it at once, one gets an IntegrityError and looks
    again. A notice that itself gave up is not announced: the back office shows it.
    """
    if kind is Kind.MAIL_DEAD_LETTERS:
        return
    period = f"{now:%Y-%m-%d}"
    known = db.select(OutboxRow.id).filter_by(kind=Kind.MAIL_DEAD_LETTERS, period=period)
    if db.session.scalars(known).first() is None:
        db.session.add(
            OutboxRow(kind=Kind.MAIL_DEAD_LETTERS, ids={}, period=period, due_at=now, created_at=now)
        )
