"""Send the verification mail once more."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.accounts.models import TokenPurpose, User
from app.accounts.queries import find_user_by_email
from app.accounts.tokens import find_newest_token
from app.registration.add_user import post_verification, tell_known_user
from app.shared.errors import AppError
from app.shared.transaction import lock, retry_lost_races, transaction

PAUSE = timedelta(seconds=30)


class TooSoon(AppError):
    """The last mail is younger than thirty seconds."""

    def __init__(self, seconds: int):
        super().__init__(
            f"The last mail left a moment ago. You can ask for another one in {seconds} seconds."
        )


def check_pause(last_sent_at: datetime, now: datetime) -> None:
    """Raise TooSoon while the last mail may still be on its way."""
    left = (last_sent_at + PAUSE - now).total_seconds()
    if left > 0:
        raise TooSoon(int(left) + 1)


@retry_lost_races
def resend_verification(user_id: int, *, now: datetime, lifetime: timedelta) -> None:
    """A fresh link for someone whose address is not confirmed yet; earlier links end. Raises TooSoon."""
    with transaction():
        user = lock(User, user_id)
        if user.is_verified or not user.is_active:
            return
        newest = find_newest_token(user.id, TokenPurpose.VERIFY_EMAIL)
        if newest is not None:
            check_pause(newest.created_at, now)
        post_verification(user, now=now, lifetime=lifetime)


@retry_lost_races
def remind_known_address(email: str) -> None:
    """The same press for an address that was known when it was registered: the mail that says so goes once more."""
    with transaction():
        user = find_user_by_email(email)
        if user is not None:
            tell_known_user(user)
