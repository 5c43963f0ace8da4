"""Sign in with e-mail and password."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from app.accounts.models import User
from app.accounts.passwords import hash_password, is_password, needs_rehash
from app.accounts.queries import find_user_by_email
from app.shared.errors import AppError
from app.shared.transaction import lock, retry_lost_races, transaction


class SignInRefused(AppError):
    """The same words for an unknown address and a wrong password: neither is told apart."""

    def __init__(self, message: str = "That e-mail address and password do not belong together."):
        super().__init__(message)


@dataclass(frozen=True)
class LogIn:
    email: str
    password: str = field(repr=False)


@retry_lost_races
def log_in(command: LogIn, *, now: datetime) -> User:
    """The user whose password it is; with a second factor on, that is half the way. Raises SignInRefused. A hash made with older parameters is renewed on the way.

    The comparison is slow on purpose, so it happens before the transaction, which is short.
    """
    found = find_user_by_email(command.email)
    if not is_password(command.password, found.password_hash if found else None) or found is None:
        raise SignInRefused()
    if not found.is_active:
        raise SignInRefused(
            "This account has been deactivated. Please write or call us if that is a mistake."
        )
    compared = found.password_hash
    renewed = hash_password(command.password) if needs_rehash(compared) else None
    with transaction():
        user = lock(User, found.id)
        if not user.is_active or user.password_hash != compared:
            raise SignInRefused()
        if user.second_factor_since is None:
            user.last_sign_in_at = now
        if renewed:
            user.password_hash = renewed
    return user
