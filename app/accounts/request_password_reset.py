"""Ask for a link that sets a new password."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.accounts.models import TokenPurpose
from app.accounts.queries import find_user_by_email
from app.accounts.tokens import add_token, find_newest_token
from app.outbox.kinds import Kind
from app.outbox.post import post
from app.shared.transaction import transaction

# A second press within a minute sends nothing more: nobody can fill a stranger's mailbox from our form.
_PAUSE = timedelta(minutes=1)


def request_password_reset(email: str, *, now: datetime, lifetime: timedelta) -> None:
    """Post the mail with the link if the address belongs to someone active. The caller learns nothing either way."""
    with transaction():
        user = find_user_by_email(email)
        if user is None or not user.is_active:
            return
        newest = find_newest_token(user.id, TokenPurpose.RESET_PASSWORD)
        if newest and newest.used_at is None and newest.created_at > now - _PAUSE:
            return
        token = add_token(user, TokenPurpose.RESET_PASSWORD, now=now, lifetime=lifetime)
        post(Kind.MAIL_RESET_PASSWORD, token_id=token.id)
