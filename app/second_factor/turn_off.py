"""Turn a second factor off: the person's own wish, or the owner's help for somebody who lost phone and paper."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import delete

from app.accounts.models import User
from app.extensions import db
from app.outbox.kinds import Kind
from app.outbox.post import post
from app.second_factor.begin import check_password
from app.second_factor.models import RecoveryCode, SecondFactor
from app.shared import history
from app.shared.errors import Conflict
from app.shared.history import Actor
from app.shared.transaction import lock, retry_lost_races, transaction


@dataclass(frozen=True)
class TurnOffOwn:
    user_id: int
    password: str = field(repr=False)


def turn_off_own(command: TurnOffOwn, *, actor: Actor, now: datetime) -> User:
    """The same for oneself, with the password. CurrentPasswordWrong; Conflict when it is off already."""
    check_password(command.user_id, command.password)
    return turn_off_second_factor(command.user_id, actor=actor, now=now)


@retry_lost_races
def turn_off_second_factor(user_id: int, *, actor: Actor, now: datetime) -> User:
    """Forget the secret and the codes, end all the person's sessions, write down who did it, and tell them by mail.

    From then on the password alone opens the account. NotFound for nobody; Conflict when it is off already.
    """
    with transaction():
        user = lock(User, user_id)
        if user.second_factor_since is None:
            raise Conflict("No second factor is on for this account.")
        db.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
        db.session.execute(delete(SecondFactor).where(SecondFactor.user_id == user.id))
        user.second_factor_since = None
        user.session_epoch += 1
        history.record("user", user.id, "second_factor_off", actor=actor, at=now)
        post(Kind.MAIL_SECOND_FACTOR_OFF, user_id=user.id)
    return user
