"""End every session of a person, on every device."""

from __future__ import annotations

from datetime import datetime

from app.accounts.models import User
from app.shared import history
from app.shared.history import Actor
from app.shared.transaction import lock, retry_lost_races, transaction


@retry_lost_races
def log_out_everywhere(user_id: int, *, actor: Actor, now: datetime) -> User:
    """Raise the session epoch: whoever holds an older one is out at the next request. NotFound for nobody."""
    with transaction():
        user = lock(User, user_id)
        user.session_epoch += 1
        history.record("user", user.id, "signed_out_everywhere", actor=actor, at=now)
    return user
