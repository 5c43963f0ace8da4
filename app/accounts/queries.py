"""Reads of people who sign in."""

from __future__ import annotations

from app.accounts.addresses import tidy_email
from app.accounts.models import User, UserStatus
from app.accounts.permissions import Role
from app.extensions import db
from app.shared.errors import NotFound


def get_user(user_id: int) -> User:
    user: User | None = db.session.get(User, user_id)
    if user is None:
        raise NotFound("There is no such user.")
    return user


def find_user_by_email(email: str) -> User | None:
    """The user of an address in any spelling; None when nobody has it."""
    user: User | None = db.session.scalars(db.select(User).filter_by(email=tidy_email(email))).one_or_none()
    return user


def list_people_of(business_id: int) -> list[User]:
    """Everyone who belongs to a business, deactivated ones too, oldest first."""
    return list(db.session.scalars(db.select(User).filter_by(business_id=business_id).order_by(User.id)))


def has_other_shop_owner(user_id: int) -> bool:
    """Whether somebody else is an active shop owner: the last one can neither be deactivated nor lose the role.

    Reads with a lock, so that two owners who shut each other out at the same moment cannot both succeed.
    """
    others = db.select(User.id).where(
        User.role == Role.SHOP_OWNER, User.status == UserStatus.ACTIVE, User.id != user_id
    )
    return db.session.scalars(others.with_for_update()).first() is not None
