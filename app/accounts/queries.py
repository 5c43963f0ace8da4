"""Reads of people who sign in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam

from app.accounts.addresses import tidy_email
from app.accounts.models import User, UserSession, UserStatus
from app.accounts.permissions import Role
from app.extensions import db
from app.shared.errors import NotFound
from app.shared.transaction import lock


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

    Locks each of them and looks again, so that two owners who shut each other out at the same moment cannot both succeed.
    """
    others = db.select(User.id).where(
        User.role == Role.SHOP_OWNER, User.status == UserStatus.ACTIVE, User.id != user_id
    )
    found = [lock(User, each) for each in list(db.session.scalars(others.order_by(User.id)))]
    return any(each.role is Role.SHOP_OWNER and each.is_active for each in found)


@dataclass(frozen=True)
class SignedIn:
    """What every request looks at of the session it comes with."""

    id: int
    epoch: int
    seen_at: datetime
    ends_at: datetime


def select_signed_in() -> Select[Any]:
    """The person and the session a cookie stands for, by `user_id` and `key_digest`: a query that others add columns to."""
    columns = (UserSession.id, UserSession.epoch, UserSession.seen_at, UserSession.ends_at)
    query: Select[Any] = (
        db.select(User, *(each.label(f"session_{each.key}") for each in columns))
        .select_from(User)
        .join(UserSession, UserSession.user_id == User.id)
        .where(User.id == bindparam("user_id"), UserSession.key_digest == bindparam("key_digest"))
    )
    return query


def list_sessions_of(user: User, now: datetime) -> list[UserSession]:
    """Where a person is signed in now, the last seen first."""
    query = db.select(UserSession).filter_by(user_id=user.id, epoch=user.session_epoch)
    return list(
        db.session.scalars(
            query.where(UserSession.ends_at > now).order_by(UserSession.seen_at.desc(), UserSession.id.desc())
        )
    )
