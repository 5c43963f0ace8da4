"""Turn a second factor on, once the phone has proved that it knows the secret."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from app.accounts.models import User
from app.outbox.kinds import Kind
from app.outbox.post import post
from app.second_factor.begin import AlreadyOn, is_fresh
from app.second_factor.codes import find_step, read_code
from app.second_factor.queries import find_factor
from app.second_factor.recovery import digest_of, make_codes, make_salt
from app.second_factor.renew_recovery_codes import keep_codes
from app.shared import history
from app.shared.errors import AppError, Conflict
from app.shared.secret_box import secret_box
from app.shared.transaction import lock, retry_lost_races, transaction


@dataclass(frozen=True)
class TurnOnSecondFactor:
    user_id: int
    typed: str = field(repr=False)


class CodeWrong(AppError):
    def __init__(self) -> None:
        super().__init__(
            "That is not the code of this moment. Wait for the next one and type its six digits.",
            field="code",
        )


class BegunTooLongAgo(Conflict):
    def __init__(self) -> None:
        super().__init__("The picture was shown more than half an hour ago. Begin again with a new one.")


@retry_lost_races
def turn_on_second_factor(command: TurnOnSecondFactor, *, now: datetime) -> tuple[User, list[str]]:
    """Turn it on, end all sessions (the caller signs the present one in again) and tell the person by mail.

    Returns the person and their ten recovery codes, which are shown now and never again. Raises CodeWrong,
    BegunTooLongAgo and AlreadyOn.
    """
    codes, salt = make_codes(), make_salt()
    digests = [digest_of(each, salt) for each in codes]
    with transaction():
        user = lock(User, command.user_id)
        if user.second_factor_since is not None:
            raise AlreadyOn()
        factor = find_factor(user.id)
        if factor is None or not is_fresh(factor, now):
            raise BegunTooLongAgo()
        secret = secret_box.decrypt(factor.secret_encrypted)
        step = find_step(secret, read_code(command.typed), now=now, after=factor.last_step)
        if step is None:
            raise CodeWrong()
        factor.last_step, factor.recovery_salt = step, salt
        keep_codes(user.id, digests)
        user.second_factor_since = now
        user.session_epoch += 1
        history.record("user", user.id, "second_factor_on", actor=user.as_actor, at=now)
        post(Kind.MAIL_SECOND_FACTOR_ON, user_id=user.id)
    return user, codes
