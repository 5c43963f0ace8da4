"""The second step of signing in: a code of the phone, or a recovery code."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from sqlalchemy import CursorResult, update

from app.accounts.models import User
from app.extensions import db
from app.second_factor.codes import find_step, read_code
from app.second_factor.models import RecoveryCode, SecondFactor
from app.second_factor.queries import count_recovery_codes, find_factor
from app.second_factor.recovery import digest_of, read_recovery_code
from app.shared import history
from app.shared.errors import AppError
from app.shared.secret_box import secret_box
from app.shared.transaction import lock, retry_lost_races, transaction


@dataclass(frozen=True)
class AnswerCode:
    """`epoch` is the person's when the password was right: a new password or another sign-out ends the half sign-in."""

    user_id: int
    epoch: int
    typed: str = field(repr=False)


@dataclass(frozen=True)
class Answered:
    user: User
    # How many recovery codes are left; None when the phone answered.
    codes_left: int | None


class CodeRefused(AppError):
    """The same words whatever was wrong with it: mistyped, of another time, used before."""

    def __init__(self) -> None:
        super().__init__(
            "That code does not work. Wait for the next one in your app and type its six digits. Each code works once.",
            field="code",
        )


class HalfSignInOver(AppError):
    def __init__(self) -> None:
        super().__init__("That took a while, or your account changed meanwhile. Please sign in again.")


@retry_lost_races
def answer_code(command: AnswerCode, *, now: datetime) -> Answered:
    """The person who may come in now. Each code opens once, whichever of two presses comes first.

    Raises CodeRefused, and HalfSignInOver when there is no longer anything to answer.
    """
    factor = find_factor(command.user_id)
    spare = read_recovery_code(command.typed)
    # Slow on purpose, so it is made before the transaction.
    digest = digest_of(spare, factor.recovery_salt) if spare and factor and factor.recovery_salt else ""
    with transaction():
        user = lock(User, command.user_id)
        if not user.is_active or user.session_epoch != command.epoch or user.second_factor_since is None:
            raise HalfSignInOver()
        if digest:
            _spend_recovery_code(user, digest, now)
        else:
            _spend_step(user.id, command.typed, now)
        user.last_sign_in_at = now
    return Answered(user, count_recovery_codes(user.id) if digest else None)


def _spend_step(user_id: int, typed: str, now: datetime) -> None:
    factor, code = find_factor(user_id), read_code(typed)
    if factor is None or not code:
        raise CodeRefused()
    step = find_step(secret_box.decrypt(factor.secret_encrypted), code, now=now, after=factor.last_step)
    if step is None:
        raise CodeRefused()
    later = update(SecondFactor).where(SecondFactor.user_id == user_id, SecondFactor.last_step < step)
    _once(later.values(last_step=step))


def _spend_recovery_code(user: User, digest: str, now: datetime) -> None:
    unused = update(RecoveryCode).where(
        RecoveryCode.user_id == user.id, RecoveryCode.digest == digest, RecoveryCode.used_at.is_(None)
    )
    _once(unused.values(used_at=now))
    history.record("user", user.id, "recovery_code_used", actor=user.as_actor, at=now)


def _once(statement: Any) -> None:
    result = cast(
        CursorResult[Any], db.session.execute(statement, execution_options={"synchronize_session": False})
    )
    if result.rowcount != 1:
        raise CodeRefused()
