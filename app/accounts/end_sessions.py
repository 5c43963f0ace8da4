"""End sessions: one's own, one by one, and those whose time is up."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete

from app.accounts.models import User, UserSession
from app.accounts.open_session import digest_key
from app.extensions import db
from app.shared import history
from app.shared.errors import NotFound
from app.shared.history import Actor
from app.shared.transaction import retry_lost_races, transaction

_BATCH = 1000


@retry_lost_races
def end_own_session(session_id: int, *, user: User, now: datetime) -> None:
    """Sign the person out on one device. NotFound when it is over already, or somebody else's."""
    with transaction():
        query = db.select(UserSession).filter_by(id=session_id, user_id=user.id).with_for_update()
        row = db.session.scalars(query).one_or_none()
        if row is None:
            raise NotFound("That device is signed out already.")
        history.record("user", user.id, "device_signed_out", actor=user.as_actor, at=now, device=row.device)
        db.session.delete(row)


@retry_lost_races
def end_session_of(key: str) -> None:
    """Forget the session a cookie stands for; nothing happens when there is none."""
    with transaction():
        db.session.execute(delete(UserSession).where(UserSession.key_digest == digest_key(key)))


@retry_lost_races
def end_all_sessions(*, actor: Actor, now: datetime) -> int:
    """Sign everybody out, everywhere: what to do when keys or backups fell into strange hands. Returns how many."""
    with transaction():
        ended = len(list(db.session.scalars(db.select(UserSession.id))))
        db.session.execute(delete(UserSession))
        history.record("shop", 1, "everybody_signed_out", actor=actor, at=now, sessions=ended)
    return ended


def forget_ended_sessions(now: datetime) -> None:
    """Delete rows whose time is up, a thousand in a transaction."""
    while _forget_batch(now) == _BATCH:
        continue


@retry_lost_races
def _forget_batch(now: datetime) -> int:
    with transaction():
        query = db.select(UserSession.id).where(UserSession.ends_at <= now).order_by(UserSession.ends_at)
        ids = list(db.session.scalars(query.limit(_BATCH)))
        if ids:
            db.session.execute(delete(UserSession).where(UserSession.id.in_(ids)))
        return len(ids)
