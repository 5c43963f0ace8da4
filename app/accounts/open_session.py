"""Write down that somebody signed in on a device."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete

from app.accounts.models import User, UserSession
from app.extensions import db
from app.shared.transaction import retry_lost_races, transaction

# Twice the 128 bits below which a key could be guessed (OWASP Session Management Cheat Sheet).
_KEY_BYTES = 32


@dataclass(frozen=True)
class OpenSession:
    """`device` and `address` as people read them; `replaces` is the key this browser held until now, or ""."""

    device: str
    address: str
    lifetime: timedelta
    replaces: str = ""


@retry_lost_races
def open_session(user: User, command: OpenSession, *, now: datetime) -> str:
    """Add the row and return the key for the cookie, which is kept nowhere else. The replaced session is over."""
    key = secrets.token_urlsafe(_KEY_BYTES)
    with transaction():
        if command.replaces:
            old = UserSession.key_digest == digest_key(command.replaces)
            db.session.execute(delete(UserSession).where(old))
        db.session.add(
            UserSession(
                user_id=user.id,
                key_digest=digest_key(key),
                epoch=user.session_epoch,
                device=command.device,
                address=command.address,
                began_at=now,
                seen_at=now,
                ends_at=now + command.lifetime,
            )
        )
    return key


def digest_key(key: str) -> str:
    """What is stored of a key: it is long and random, so a plain digest cannot be turned back."""
    return hashlib.sha256(key.encode()).hexdigest()
