"""A phone with an authenticator app, and people who have one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pyotp

from app.accounts.models import User
from app.extensions import db
from app.second_factor.codes import SECONDS, new_secret
from app.second_factor.models import RecoveryCode, SecondFactor
from app.second_factor.recovery import digest_of, make_salt
from app.shared import clock
from app.shared.secret_box import secret_box
from app.shared.transaction import transaction
from tests.factories import make_user

RECOVERY_CODES = ("bcdf-ghjk-mnpq", "rstv-wxyz-2345")


@dataclass(frozen=True)
class Phone:
    """What the app shows; `later` is in steps of half a minute."""

    secret: str

    def code(self, later: int = 0) -> str:
        return pyotp.TOTP(self.secret).at(clock.now() + timedelta(seconds=SECONDS * later))


def make_second_factor(user: User | None = None) -> tuple[User, Phone]:
    """The person (a buyer where none is given) with a second factor that is on, two recovery codes, and their phone."""
    secret, salt, now = new_secret(), make_salt(), clock.now()
    person = user or make_user()
    with transaction():
        stored = db.session.get_one(User, person.id)
        stored.second_factor_since = now
        db.session.add(
            SecondFactor(
                user_id=person.id,
                secret_encrypted=secret_box.encrypt(secret),
                begun_at=now,
                recovery_salt=salt,
            )
        )
        db.session.add_all(
            RecoveryCode(user_id=person.id, digest=digest_of(code, salt)) for code in RECOVERY_CODES
        )
    return stored, Phone(secret)
