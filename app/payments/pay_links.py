"""Links that pay one order: whoever holds one may see what is owed for it and pay that by card, without signing in.

A link is the order's id and the moment it ends, signed; it is kept nowhere and made anew whenever one is needed. It
promises nothing: what is owed, and whether anything is, is read when it is opened.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer

from app.settings import Settings
from app.shared import clock
from app.shared.errors import AppError, NotFound
from app.shared.signing import signer

# Long enough for an invoice on 30 days to be paid from the mail it came with.
GOOD_FOR = timedelta(days=30)
_SALT = "pay an order"


class LinkOver(AppError):
    """The link was ours, and is too old."""

    def __init__(self) -> None:
        super().__init__("This payment link is more than 30 days old, so it no longer works.")


class LinkUnknown(NotFound):
    """Never signed by us, or not complete."""

    def __init__(self) -> None:
        super().__init__("This payment link is not complete.")


def make_pay_link(order_id: int) -> str:
    """An absolute address under which this order can be paid for 30 days. It is a key: mask it, never log it."""
    return f"{_settings().site_url}{make_pay_path(order_id)}"


def make_pay_path(order_id: int) -> str:
    """The same without the shop's address, for pages of the shop itself."""
    ends = int((clock.now() + GOOD_FOR).timestamp())
    return f"/pay/{_serializer().dumps([order_id, ends])}"


def read_pay_link(token: str, now: datetime) -> int:
    """The id of the order the link pays. Raises LinkUnknown for what we never signed, LinkOver after its 30 days."""
    try:
        order_id, ends = _serializer().loads(token)
    except (BadSignature, TypeError, ValueError):
        raise LinkUnknown() from None
    if now >= datetime.fromtimestamp(ends, UTC):
        raise LinkOver()
    return int(order_id)


def _serializer() -> URLSafeSerializer:
    return signer(_settings().signing_keys, _SALT)


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings
