"""Ask for a link that sets a new password."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.accounts.models import TokenPurpose, User
from app.accounts.queries import find_user_by_email
from app.accounts.tokens import add_token, find_newest_token
from app.outbox.kinds import Kind
from app.outbox.post import post
from app.shared.transaction import retry_lost_races, transaction

# No token has this id: its job finds nothing and ends. Written where there is nobody to write to, so that the answer
# for an unknown address waits for the disk exactly as long as the one for a known address.
_NOBODY = 0
# A second press within a minute sends nothing more: nobody can fill a stranger's mailbox from our form.
_PAUSE = timedelta(minutes=1)


@retry_lost_races
def request_password_reset(email: str, *, now: datetime, lifetime: timedelta) -> None:
    """Post the mail with the link if the address belongs to someone active. The caller learns nothing either way."""
    with transaction():
        user = find_user_by_email(email)
        may_have_one = user is not None and user.is_active and not _has_fresh_link(user, now)
        token_id = _NOBODY
        if user is not None and may_have_one:
            token_id = add_token(user, TokenPurpose.RESET_PASSWORD, now=now, lifetime=lifetime).id
        post(Kind.MAIL_RESET_PASSWORD, token_id=token_id)


def _has_fresh_link(user: User, now: datetime) -> bool:
    newest = find_newest_token(user.id, TokenPurpose.RESET_PASSWORD)
    return newest is not None and newest.used_at is None and newest.created_at > now - _PAUSE
