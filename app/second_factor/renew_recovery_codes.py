"""Ten new recovery codes in place of whatever is left of the old ones."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import delete

from app.accounts.models import User
from app.extensions import db
from app.second_factor.begin import check_password
from app.second_factor.models import RecoveryCode
from app.second_factor.queries import find_factor
from app.second_factor.recovery import digest_of, make_codes, make_salt
from app.shared import history
from app.shared.errors import Conflict
from app.shared.transaction import lock, retry_lost_races, transaction


@dataclass(frozen=True)
class RenewRecoveryCodes:
    user_id: int
    password: str = field(repr=False)


@retry_lost_races
def renew_recovery_codes(command: RenewRecoveryCodes, *, now: datetime) -> list[str]:
    """The new ones, shown now and never again. CurrentPasswordWrong; Conflict where no second factor is on."""
    check_password(command.user_id, command.password)
    codes, salt = make_codes(), make_salt()
    digests = [digest_of(each, salt) for each in codes]
    with transaction():
        user = lock(User, command.user_id)
        factor = find_factor(user.id)
        if user.second_factor_since is None or factor is None:
            raise Conflict("Your second factor is off, so there is nothing to recover.")
        factor.recovery_salt = salt
        keep_codes(user.id, digests)
        history.record("user", user.id, "recovery_codes_renewed", actor=user.as_actor, at=now)
    return codes


def keep_codes(user_id: int, digests: list[str]) -> None:
    """Put these in place of all the person's codes, in the open transaction."""
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    db.session.add_all(RecoveryCode(user_id=user_id, digest=each) for each in digests)
