"""Confirm an e-mail address through the link that was sent to it."""

from __future__ import annotations

from datetime import datetime

from app.accounts.models import TokenPurpose, User
from app.accounts.tokens import end_tokens, get_usable_token, spend_token
from app.outbox.kinds import Kind
from app.outbox.post import post
from app.shared import history
from app.shared.transaction import lock, retry_lost_races, transaction


@retry_lost_races
def verify_email(token_id: int, *, now: datetime) -> User:
    """Mark the address confirmed, once, and post the welcome mail. Raises LinkNotGood, LinkExpired, LinkUsed."""
    with transaction():
        _, found = get_usable_token(token_id, TokenPurpose.VERIFY_EMAIL, now)
        user = lock(User, found.id)
        get_usable_token(token_id, TokenPurpose.VERIFY_EMAIL, now)
        spend_token(token_id, now)
        end_tokens(user.id, TokenPurpose.VERIFY_EMAIL, now)
        if user.email_verified_at is None:
            user.email_verified_at = now
            history.record("user", user.id, "address_confirmed", actor=user.as_actor, at=now)
            post(Kind.MAIL_WELCOME, user_id=user.id)
    return user
