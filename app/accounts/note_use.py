"""Write down, coarsely, that a session is in use."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import update

from app.accounts.models import UserSession
from app.extensions import db
from app.shared.transaction import retry_lost_races, transaction

PAUSE = timedelta(minutes=10)


@retry_lost_races
def note_use(session_id: int, *, now: datetime) -> None:
    """Set when the session was last seen, unless that was done within the last ten minutes."""
    stale = update(UserSession).where(UserSession.id == session_id, UserSession.seen_at <= now - PAUSE)
    with transaction():
        db.session.execute(stale.values(seen_at=now))
