"""Open an account: e-mail address, password, name."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError

from app.accounts.addresses import normalise_email
from app.accounts.passwords import check_strength, hash_password
from app.registration.add_user import add_user
from app.registration.pending import Pending
from app.shared.transaction import retry_lost_races, transaction


@dataclass(frozen=True)
class Register:
    email: str
    name: str
    password: str = field(repr=False)


def register(command: Register, *, now: datetime, lifetime: timedelta) -> Pending:
    """Write the user and post the verification mail; a known address gets the "you have an account" mail instead.

    What comes back, and the time it takes, are alike in both cases. Raises AddressNotUsable and PasswordTooWeak.
    """
    email = normalise_email(command.email)
    name = " ".join(command.name.split())
    check_strength(command.password, email=email, name=name)
    password_hash = hash_password(command.password)
    user_id = add_or_tell(email, name, password_hash, now=now, lifetime=lifetime)
    return Pending(email, name, password_hash, user_id, sent_at=now)


def add_or_tell(
    email: str, name: str, password_hash: str, *, now: datetime, lifetime: timedelta
) -> int | None:
    """One transaction around add_user; when two people send the same new address at once, the second finds it known."""
    try:
        return _add_or_tell(email, name, password_hash, now, lifetime)
    except IntegrityError:
        return _add_or_tell(email, name, password_hash, now, lifetime)


@retry_lost_races
def _add_or_tell(email: str, name: str, password_hash: str, now: datetime, lifetime: timedelta) -> int | None:
    with transaction():
        return add_user(email, name, password_hash, now=now, lifetime=lifetime)
