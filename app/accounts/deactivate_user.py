"""Shut a person out, at the next request on every device."""

from __future__ import annotations

from datetime import datetime

from app.accounts.models import TokenPurpose, User, UserStatus
from app.accounts.permissions import Role
from app.accounts.queries import has_other_shop_owner
from app.accounts.tokens import end_tokens
from app.shared.errors import AppError
from app.shared.history import Actor
from app.shared.transaction import lock, retry_lost_races, transaction


@retry_lost_races
def deactivate_user(user_id: int, *, actor: Actor, now: datetime, reason: str = "") -> User:
    """Deactivate; sessions and open links end. Nobody can do it to themselves or to the last shop owner (AppError)."""
    if actor.user_id == user_id:
        raise AppError("You cannot deactivate your own account. Ask another shop owner.")
    with transaction():
        user = lock(User, user_id)
        if user.role is Role.SHOP_OWNER and not has_other_shop_owner(user.id):
            raise AppError("This is the only shop owner left. Make somebody else shop owner first.")
        user.move_to(UserStatus.DEACTIVATED, actor=actor, at=now, reason=reason)
        user.session_epoch += 1
        for purpose in TokenPurpose:
            end_tokens(user.id, purpose, now)
    return user
