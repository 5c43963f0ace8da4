"""What a provider's event is: whether it is really theirs, and the few things it says that are looked at.

Source of the signature: Square, "Verify and validate an event notification". Nothing else of an event is believed; what
it is about is read again from the provider.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from dataclasses import dataclass

SIGNATURE_HEADER = "x-square-hmacsha256-signature"
# Real ones have some 2 to 5 kB.
LONGEST_BODY = 64 * 1024

_SAFE = re.compile(r"[A-Za-z0-9_.:-]{1,128}")
_PAYMENT_TYPES = frozenset({"payment.created", "payment.updated"})
_REFUND_TYPES = frozenset({"refund.created", "refund.updated"})


@dataclass(frozen=True)
class Notice:
    """One event: its own id, its type, and what it is about ("" for types the shop does nothing with)."""

    event_id: str
    type: str
    provider_payment_id: str = ""
    provider_refund_id: str = ""

    @property
    def is_about_money(self) -> bool:
        return bool(self.provider_payment_id or self.provider_refund_id)


def is_signed(body: bytes, signature: str, *, key: str, url: str) -> bool:
    """Whether the signature is base64(HMAC-SHA256(key, address as registered + raw body)); compared in equal time."""
    wanted = base64.b64encode(hmac.new(key.encode(), url.encode() + body, hashlib.sha256).digest())
    return hmac.compare_digest(wanted, signature.encode("utf-8", "replace"))


def read_notice(body: bytes) -> Notice | None:
    """The event in a body, or None when it holds none that can be told from others."""
    try:
        event = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(event, dict) or not _is_safe(event.get("event_id")) or not _is_safe(event.get("type")):
        return None
    data = event.get("data")
    subject = data.get("id") if isinstance(data, dict) else None
    kind, known = event["type"], str(subject) if _is_safe(subject) else ""
    return Notice(
        event["event_id"],
        kind,
        provider_payment_id=known if kind in _PAYMENT_TYPES else "",
        provider_refund_id=known if kind in _REFUND_TYPES else "",
    )


def _is_safe(text: object) -> bool:
    return isinstance(text, str) and _SAFE.fullmatch(text) is not None
