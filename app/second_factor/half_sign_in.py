"""Between the right password and the right code: who it is, in the signed cookie of this browser, for five minutes.

Nobody is signed in meanwhile: no page, no permission and no session row knows of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import session

from app.accounts.models import User

KEY = "half_signed_in"
GOOD_FOR = timedelta(minutes=5)


@dataclass(frozen=True)
class HalfSignIn:
    user_id: int
    epoch: int


def begin_half_sign_in(user: User, *, now: datetime, keep: tuple[str, ...] = ()) -> None:
    """Note that the password was right. As at a whole sign-in only the named keys of the session stay."""
    kept = {key: session[key] for key in keep if key in session}
    session.clear()
    session.update(kept)
    session[KEY] = [user.id, user.session_epoch, int((now + GOOD_FOR).timestamp())]


def find_half_sign_in(now: datetime) -> HalfSignIn | None:
    """Who is half-way in here; None when nobody is, or too long since."""
    noted = session.get(KEY)
    if not (isinstance(noted, list) and len(noted) == 3 and all(isinstance(each, int) for each in noted)):
        return None
    user_id, epoch, until = noted
    return HalfSignIn(user_id, epoch) if int(now.timestamp()) < until else None


def end_half_sign_in() -> None:
    session.pop(KEY, None)
