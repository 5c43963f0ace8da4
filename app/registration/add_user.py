"""The part that registering and correcting an address share: one new user, or a mail to the one who is there."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.accounts.models import TokenPurpose, User
from app.accounts.permissions import Role
from app.accounts.queries import find_user_by_email
from app.accounts.tokens import add_token, end_tokens
from app.extensions import db
from app.outbox.kinds import Kind
from app.outbox.post import post
from app.shared import history


def add_user(email: str, name: str, password_hash: str, *, now: datetime, lifetime: timedelta) -> int | None:
    """Inside the open transaction: the new user's id, or None when the address is known. Either way a mail is posted.

    A known address keeps its own password and name, even while unconfirmed: otherwise a stranger could register the
    same address once more and have the owner confirm it with the stranger's password.
    """
    known = find_user_by_email(email)
    if known is not None:
        tell_known_user(known)
        return None
    user = User(email=email, name=name, password_hash=password_hash, role=Role.BUSINESS_OWNER, created_at=now)
    db.session.add(user)
    db.session.flush()
    history.record("user", user.id, "registered", actor=user.as_actor, at=now)
    post_verification(user, now=now, lifetime=lifetime)
    return user.id


def tell_known_user(user: User) -> None:
    """Post the mail that says an account exists; the deactivated get none."""
    if user.is_active:
        post(Kind.MAIL_ALREADY_REGISTERED, user_id=user.id)


def post_verification(user: User, *, now: datetime, lifetime: timedelta) -> None:
    """End the links sent before and post a fresh one."""
    end_tokens(user.id, TokenPurpose.VERIFY_EMAIL, now)
    token = add_token(user, TokenPurpose.VERIFY_EMAIL, now=now, lifetime=lifetime)
    post(Kind.MAIL_VERIFY_EMAIL, token_id=token.id)
