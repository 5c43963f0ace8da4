"""Correct a mistyped address before it is confirmed."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError

from app.accounts.addresses import normalise_email
from app.accounts.models import User
from app.accounts.queries import find_user_by_email
from app.registration.add_user import post_verification, tell_known_user
from app.registration.pending import Pending
from app.registration.register import add_or_tell
from app.shared import history
from app.shared.errors import Conflict
from app.shared.transaction import lock, retry_lost_races, transaction


def correct_address(pending: Pending, typed: str, *, now: datetime, lifetime: timedelta) -> Pending:
    """Change the unconfirmed address and send the link there; links to the old one die with it.

    An address that belongs to somebody else stays theirs: they get the "you have an account" mail, and the answer is
    the same. Raises AddressNotUsable, and Conflict once the account is confirmed.
    """
    email = normalise_email(typed)
    if pending.user_id is None:
        user_id = add_or_tell(email, pending.name, pending.password_hash, now=now, lifetime=lifetime)
        return replace(pending, email=email, user_id=user_id, sent_at=now)
    try:
        _move(pending.user_id, email, now=now, lifetime=lifetime)
    except IntegrityError:
        _move(pending.user_id, email, now=now, lifetime=lifetime)
    return replace(pending, email=email, sent_at=now)


@retry_lost_races
def _move(user_id: int, email: str, *, now: datetime, lifetime: timedelta) -> None:
    with transaction():
        user = lock(User, user_id)
        if user.is_verified or not user.is_active:
            raise Conflict("This account is confirmed already, so its address cannot be changed here.")
        known = find_user_by_email(email)
        if known is not None and known.id != user.id:
            tell_known_user(known)
            return
        before, user.email = user.email, email
        if before != email:
            history.record("user", user.id, "address_corrected", actor=user.as_actor, at=now)
        post_verification(user, now=now, lifetime=lifetime)
