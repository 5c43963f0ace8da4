"""Tell staff that something gave up: when the first does, and not a hundred times."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.extensions import db
from app.outbox.announce_alarm import period_of
from app.outbox.kinds import Kind, UnknownKind
from app.outbox.models import OutboxRow
from app.outbox.queries import OWED_SINCE

# With a shorter quiet time two in one second would want the same period.
_SHORTEST = timedelta(seconds=1)


def announce_dead(kind: Kind | UnknownKind, row_id: int, now: datetime, *, quiet: timedelta) -> None:
    """A row gave up: add the mail to staff to the open transaction, unless they know.

    They do while a mail is on its way, and for the quiet time after one, as long as what it told of lies there. The first of
    a pile that was cleared meanwhile is told once the quiet time is over; if it is seen to before, that mail says nothing.

    The unique (kind, period) is the last word: where two processes add it at once, one gets an IntegrityError and looks
    again. A notice that itself gave up is not announced: the back office shows it.
    """
    if kind is Kind.MAIL_DEAD_LETTERS:
        return
    quiet = max(quiet, _SHORTEST)
    due_at = _tell_at(row_id, now, quiet)
    if due_at is not None:
        notice = OutboxRow(kind=Kind.MAIL_DEAD_LETTERS, ids={}, period=period_of(due_at, quiet))
        notice.due_at, notice.created_at = due_at, now
        db.session.add(notice)


def _tell_at(row_id: int, now: datetime, quiet: timedelta) -> datetime | None:
    """When staff are to be told of this row; None when they know."""
    notices = db.select(OutboxRow, OWED_SINCE).where(OutboxRow.kind == Kind.MAIL_DEAD_LETTERS)
    found = db.session.execute(notices.order_by(OWED_SINCE.desc()).limit(1)).one_or_none()
    if found is None:
        return now
    notice: OutboxRow = found[0]
    told_at: datetime = found[1]
    if told_at <= now - quiet:
        return now
    has_failed = notice.needs_person_at is not None
    is_on_its_way = notice.closed_at is None and not has_failed
    if is_on_its_way or (not has_failed and _do_others_lie_there(row_id)):
        return None
    return max(told_at + quiet, now)


def _do_others_lie_there(row_id: int) -> bool:
    others = db.select(OutboxRow.id).where(
        OutboxRow.closed_at.is_(None),
        OutboxRow.needs_person_at.is_not(None),
        OutboxRow.kind != Kind.MAIL_DEAD_LETTERS,
        OutboxRow.id != row_id,
    )
    return db.session.scalars(others.limit(1)).first() is not None
