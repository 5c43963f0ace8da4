"""Let a deactivated person in again."""

from __future__ import annotations

from datetime import datetime

from app.accounts.models import User, UserStatus
from app.shared.history import Actor
from app.shared.transaction import lock, retry_lost_races, transaction


@retry_lost_races
def reactivate_user(user_id: int, *, actor: Actor, now: datetime, reason: str = "") -> User:
    """Reactivate; the password is the old one, sessions begin anew. Conflict when the user is active already."""
    with transaction():
        user = lock(User, user_id)
        user.move_to(UserStatus.ACTIVE, actor=actor, at=now, reason=reason)
        user.session_epoch += 1
    return user
