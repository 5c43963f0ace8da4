"""Set a new password through the link in the mail."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from app.accounts.models import TokenPurpose, User
from app.accounts.passwords import check_strength, hash_password
from app.accounts.tokens import end_tokens, get_usable_token, spend_token
from app.outbox.kinds import Kind
from app.outbox.post import post
from app.shared import history
from app.shared.transaction import lock, retry_lost_races, transaction


@dataclass(frozen=True)
class ResetPassword:
    token_id: int
    password: str = field(repr=False)


@retry_lost_races
def reset_password(command: ResetPassword, *, now: datetime) -> User:
    """Change the password, end every session and every other reset link, and tell the owner by mail.

    Whoever opened the link reads the mailbox, so the address counts as verified from here on. Raises LinkNotGood
    (or LinkExpired, LinkUsed) and PasswordTooWeak.
    """
    _, person = get_usable_token(command.token_id, TokenPurpose.RESET_PASSWORD, now)
    check_strength(command.password, email=person.email, name=person.name)
    hashed = hash_password(command.password)
    with transaction():
        user = lock(User, person.id)
        get_usable_token(command.token_id, TokenPurpose.RESET_PASSWORD, now)
        spend_token(command.token_id, now)
        end_tokens(user.id, TokenPurpose.RESET_PASSWORD, now)
        user.password_hash = hashed
        user.session_epoch += 1
        if user.email_verified_at is None:
            user.email_verified_at = now
            end_tokens(user.id, TokenPurpose.VERIFY_EMAIL, now)
            post(Kind.MAIL_WELCOME, user_id=user.id)
        history.record("user", user.id, "password_reset", actor=user.as_actor, at=now)
        post(Kind.MAIL_PASSWORD_CHANGED, user_id=user.id)
    return user
