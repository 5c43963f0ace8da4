"""Begin a second factor: a secret to scan, worth nothing until a code made with it came back."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.accounts.change_password import CurrentPasswordWrong
from app.accounts.models import User
from app.accounts.passwords import is_password
from app.accounts.queries import get_user
from app.extensions import db
from app.second_factor.codes import new_secret
from app.second_factor.models import SecondFactor
from app.second_factor.queries import find_factor
from app.shared.errors import Conflict
from app.shared.secret_box import secret_box
from app.shared.transaction import lock, retry_lost_races, transaction

# Long enough to install an app first.
GOOD_FOR = timedelta(minutes=30)


@dataclass(frozen=True)
class BeginSecondFactor:
    user_id: int
    password: str = field(repr=False)


class AlreadyOn(Conflict):
    def __init__(self) -> None:
        super().__init__("Your second factor is on already. Turn it off first to use another phone.")


@retry_lost_races
def begin_second_factor(command: BeginSecondFactor, *, now: datetime) -> SecondFactor:
    """Keep a fresh secret for half an hour; one begun before is forgotten. CurrentPasswordWrong, AlreadyOn."""
    check_password(command.user_id, command.password)
    with transaction():
        user = lock(User, command.user_id)
        if user.second_factor_since is not None:
            raise AlreadyOn()
        factor = find_factor(user.id)
        if factor is None:
            factor = SecondFactor(user_id=user.id)
            db.session.add(factor)
        factor.secret_encrypted = secret_box.encrypt(new_secret())
        factor.begun_at, factor.last_step = now, 0
    return factor


def is_fresh(factor: SecondFactor | None, now: datetime) -> bool:
    """Whether its code may still be confirmed."""
    return factor is not None and now < factor.begun_at + GOOD_FOR


def check_password(user_id: int, password: str) -> None:
    """CurrentPasswordWrong unless it is theirs. Slow on purpose, so it is asked before any transaction."""
    if not is_password(password, get_user(user_id).password_hash):
        raise CurrentPasswordWrong()
