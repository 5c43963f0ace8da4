"""Codes of an authenticator app: time-based one-time passwords after RFC 6238, six digits every thirty seconds. Pure."""

from __future__ import annotations

import hmac
import re
from datetime import datetime

import pyotp

SECONDS = 30
# One step earlier and later: what RFC 6238, 5.2, allows for clocks that differ and for typing slowly.
_TOLERANCE = (0, -1, 1)
_CODE = re.compile(r"[0-9]{6}")
_SPACING = re.compile(r"[\s\u00a0-]+")


def new_secret() -> str:
    """A fresh secret of 160 bits, the length RFC 4226 recommends, in the 32 letters and digits that apps take."""
    return pyotp.random_base32(32)


def link_for_app(secret: str, *, account: str, shop: str) -> str:
    """The otpauth:// address in the picture that an app reads; it shows the shop's name and the account."""
    # An issuer holds no colon: it is what divides it from the account.
    return pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=shop.replace(":", " ").strip())


def in_groups(secret: str) -> str:
    """The secret as a person types it: "JBSW Y3DP …"."""
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))


def read_code(typed: str) -> str:
    """The six digits, whatever stands between them; "" when it is not that."""
    packed = _SPACING.sub("", typed)
    return packed if _CODE.fullmatch(packed) else ""


def step_at(moment: datetime) -> int:
    """The number of the thirty seconds a moment lies in, counted from 1970."""
    return int(moment.timestamp()) // SECONDS


def find_step(secret: str, code: str, *, now: datetime, after: int) -> int | None:
    """The step whose code this is: the present one, the one before or the next. None for any other code, and for one of
    a step that is not later than `after`, the last that was used: a code that was looked at over a shoulder is worth
    nothing, nor is one of before it."""
    present, machine = step_at(now), pyotp.HOTP(secret)
    found = [
        step
        for step in (present + off for off in _TOLERANCE)
        if hmac.compare_digest(machine.at(step).encode(), code.encode())
    ]
    return next((step for step in found if step > after), None)
