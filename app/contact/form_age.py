"""When a form was opened, signed into it: machines send a form sooner than a person can read it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from itsdangerous import BadSignature, URLSafeSerializer

from app.shared.signing import signer

# Reading the form and writing a sentence takes longer than this, even with fields filled in by the browser.
LEAST = timedelta(seconds=3)
# A page left open overnight is still a person's; an older stamp is one somebody has collected.
MOST = timedelta(days=2)


def sign_opening(now: datetime, secret_key: str | list[str]) -> str:
    """The stamp a form carries."""
    return _serializer(secret_key).dumps(int(now.timestamp()))


def is_believable(stamp: str, now: datetime, secret_key: str | list[str]) -> bool:
    """Whether our own form was open for as long as a person needs."""
    try:
        opened = _serializer(secret_key).loads(stamp)
    except BadSignature:
        return False
    age = now - datetime.fromtimestamp(opened, UTC)
    return LEAST <= age <= MOST


def _serializer(secret_key: str | list[str]) -> URLSafeSerializer:
    return signer(secret_key, "form opened at")
