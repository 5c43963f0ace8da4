"""Background work stands still, and the first process to notice is the one to tell."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError

from app.extensions import db
from app.outbox.announce_alarm import announce_alarm
from app.outbox.heartbeat import find_beat
from app.outbox.kinds import Kind
from app.outbox.models import OutboxRow
from app.shared.transaction import retry_lost_races, transaction

_KIND = Kind.MAIL_ALARM_SILENCE


@dataclass(frozen=True)
class Standstill:
    """Since when nothing runs, and the outbox row under which this process may tell of it."""

    began: datetime
    outbox_id: int
    posted_at: datetime


def claim_standstill(now: datetime, *, standstill: timedelta, quiet: timedelta) -> Standstill | None:
    """The right to tell staff that work stands still, for one caller in the quiet time; None for all others, while work
    runs, and in a shop where it never ran.

    Asked on pages that only read, so nothing is written but by the one that gets it.
    """
    began = find_beat()
    if began is None or now - began <= standstill:
        db.session.rollback()
        return None
    told = db.select(OutboxRow.id).where(OutboxRow.kind == _KIND, OutboxRow.created_at > now - quiet)
    is_told = db.session.scalars(told.limit(1)).first() is not None
    db.session.rollback()
    if is_told:
        return None
    try:
        return _claim(began, now, quiet)
    except IntegrityError:
        return None  # another process was faster


@retry_lost_races
def _claim(began: datetime, now: datetime, quiet: timedelta) -> Standstill | None:
    with transaction():
        if not announce_alarm(_KIND, now, quiet=quiet, began=int(began.timestamp())):
            return None
        db.session.flush()
        newest = db.select(OutboxRow).where(OutboxRow.kind == _KIND).order_by(OutboxRow.id.desc()).limit(1)
        row = db.session.scalars(newest).one()
        return Standstill(began, row.id, row.created_at)
