"""Give and take roles."""

from __future__ import annotations

from datetime import datetime

from app.accounts.models import User
from app.accounts.permissions import STAFF_ROLES, Role
from app.accounts.queries import has_other_shop_owner
from app.shared import history
from app.shared.errors import AppError
from app.shared.history import Actor
from app.shared.transaction import lock, retry_lost_races, transaction


@retry_lost_races
def change_role(user_id: int, role: Role, *, actor: Actor, now: datetime) -> User:
    """Set the role; the person signs in again, so that no open page keeps the old one's look.

    AppError: one's own role, the last shop owner's, and a staff role for someone who buys for a business.
    """
    if actor.user_id == user_id:
        raise AppError("You cannot change your own role. Ask another shop owner.")
    with transaction():
        user = lock(User, user_id)
        before = user.role
        if before is role:
            return user
        if role in STAFF_ROLES and user.business_id is not None:
            raise AppError("This person buys for a business. Make a separate account for staff work.")
        if before is Role.SHOP_OWNER and not has_other_shop_owner(user.id):
            raise AppError("This is the only shop owner left. Make somebody else shop owner first.")
        user.role = role
        user.session_epoch += 1
        history.record(
            "user", user.id, "role_changed", actor=actor, at=now, before=before.value, after=role.value
        )
    return user
