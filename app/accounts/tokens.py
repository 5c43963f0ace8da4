"""The single-use links mails carry: a row each, whose id is signed when the mail is sent."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, cast

from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import CursorResult

from app.accounts.models import TokenPurpose, User, UserToken
from app.extensions import db
from app.shared.errors import AppError
from app.shared.signing import signer


class LinkNotGood(AppError):
    """Tampered with, cut short, expired, used, or made for an address that was corrected since."""


class LinkExpired(LinkNotGood):
    def __init__(self) -> None:
        super().__init__("This link has expired.")


class LinkUsed(LinkNotGood):
    def __init__(self) -> None:
        super().__init__("This link was used already.")


def add_token(user: User, purpose: TokenPurpose, *, now: datetime, lifetime: timedelta) -> UserToken:
    """Add a token row to the open transaction, with its id."""
    token = UserToken(
        user_id=user.id, purpose=purpose, email=user.email, created_at=now, expires_at=now + lifetime
    )
    db.session.add(token)
    db.session.flush()
    return token


def sign_token(token: UserToken, secret_key: str | list[str]) -> str:
    """The text that goes into the link; made when the mail is sent and kept nowhere."""
    return _serializer(token.purpose, secret_key).dumps(token.id)


def read_token_id(signed: str, purpose: TokenPurpose, secret_key: str | list[str]) -> int:
    """The row's id; LinkNotGood when the text was not signed by us for this purpose."""
    try:
        token_id = _serializer(purpose, secret_key).loads(signed)
    except BadSignature:
        token_id = None
    if type(token_id) is not int:
        raise LinkNotGood(
            "This link is not complete. Open it from the e-mail again, or copy the whole address."
        )
    return token_id


def get_usable_token(token_id: int, purpose: TokenPurpose, now: datetime) -> tuple[UserToken, User]:
    """The token and whom it is for, while it may still be used; LinkNotGood, LinkExpired or LinkUsed otherwise."""
    query = db.select(UserToken, User).join(User, User.id == UserToken.user_id)
    found = db.session.execute(
        query.where(UserToken.id == token_id, UserToken.purpose == purpose)
    ).one_or_none()
    if found is None:
        raise LinkNotGood("This link is not known here.")
    token, user = found
    if token.used_at is not None:
        raise LinkUsed()
    if token.expires_at <= now:
        raise LinkExpired()
    if token.email != user.email or not user.is_active:
        raise LinkNotGood("This link no longer belongs to an account.")
    return token, user


def spend_token(token_id: int, now: datetime) -> None:
    """Mark it used, once: of two presses at the same moment one gets LinkUsed."""
    unused = db.update(UserToken).where(UserToken.id == token_id, UserToken.used_at.is_(None))
    result = cast(CursorResult[Any], db.session.execute(unused.values(used_at=now)))
    if result.rowcount != 1:
        raise LinkUsed()


def end_tokens(user_id: int, purpose: TokenPurpose, now: datetime) -> None:
    """End every open link of one purpose, so that only the newest of what follows works."""
    db.session.execute(
        db.update(UserToken)
        .where(UserToken.user_id == user_id, UserToken.purpose == purpose, UserToken.used_at.is_(None))
        .values(used_at=now)
    )


def find_newest_token(user_id: int, purpose: TokenPurpose) -> UserToken | None:
    """The link that was made last, used or not."""
    query = (
        db.select(UserToken)
        .filter_by(user_id=user_id, purpose=purpose)
        .order_by(UserToken.id.desc())
        .limit(1)
    )
    return db.session.scalars(query).one_or_none()


def _serializer(purpose: TokenPurpose, secret_key: str | list[str]) -> URLSafeSerializer:
    return signer(secret_key, f"link {purpose.value}")
