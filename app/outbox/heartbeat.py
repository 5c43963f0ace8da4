"""The background's sign of life: when work last ran, for whoever wants to know whether it still does."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import String
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import db
from app.outbox.announce_alarm import announce_alarm
from app.outbox.kinds import Kind
from app.shared.columns import Id, UtcDateTime
from app.shared.transaction import retry_lost_races, transaction

# One row: what matters is that anybody works, whichever process it is.
_BACKGROUND = "background"


class Heartbeat(db.Model):  # type: ignore[name-defined,misc]
    """When something that should run all the time last did."""

    __tablename__ = "heartbeats"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(32), unique=True)
    beat_at: Mapped[datetime] = mapped_column(UtcDateTime)


def find_beat() -> datetime | None:
    """When background work last ran; None where it never has."""
    query = db.select(Heartbeat.beat_at).where(Heartbeat.name == _BACKGROUND)
    beat_at: datetime | None = db.session.scalars(query).one_or_none()
    return beat_at


def beat(now: datetime, *, standstill: timedelta, quiet: timedelta) -> timedelta:
    """Note that background work runs. Returns how long it had been silent; zero for the very first time.

    After a silence longer than `standstill` staff get a mail that says from when to when: only now is there anybody to
    send it.
    """
    try:
        return _beat(now, standstill, quiet)
    except IntegrityError:
        # Two workers began at once: the other's row, or its mail, is there now.
        return _beat(now, standstill, quiet)


@retry_lost_races
def _beat(now: datetime, standstill: timedelta, quiet: timedelta) -> timedelta:
    with transaction():
        row = _lock_row()
        if row is None:
            db.session.add(Heartbeat(name=_BACKGROUND, beat_at=now))
            return timedelta(0)
        silent = max(now - row.beat_at, timedelta(0))
        if silent > standstill:
            began, ended = int(row.beat_at.timestamp()), int(now.timestamp())
            announce_alarm(Kind.MAIL_ALARM_STANDSTILL, now, quiet=quiet, began=began, ended=ended)
        row.beat_at = now
        return silent


def _lock_row() -> Heartbeat | None:
    query = db.select(Heartbeat).where(Heartbeat.name == _BACKGROUND).with_for_update()
    row: Heartbeat | None = db.session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    return row
