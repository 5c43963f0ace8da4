"""What stands where a price would: why there is none, and the next step towards one."""

from __future__ import annotations

from dataclasses import dataclass

from app.businesses.access import Viewer


@dataclass(frozen=True, slots=True)
class NoPrice:
    """`short` stands on cards and in rows, `reason` where there is room; `endpoint` is where the next step is taken."""

    short: str
    reason: str
    step: str
    endpoint: str


_BY_NEED = {
    "sign_in": NoPrice(
        "Prices after approval",
        "Prices after approval. Applying takes about 3 minutes.",
        "Open a trade account",
        "registration.register",
    ),
    "verify": NoPrice(
        "Prices after approval",
        "Prices after approval. First confirm your e-mail address with the link we sent you.",
        "See what is left to do",
        "businesses.status",
    ),
    "business": NoPrice(
        "Prices after approval",
        "Prices after approval. Tell us about your business; it takes about 3 minutes.",
        "Go on with your application",
        "businesses.status",
    ),
    "information": NoPrice(
        "Prices after approval",
        "Prices after approval. We asked you for something more about your business.",
        "Answer the question",
        "businesses.status",
    ),
    "review": NoPrice(
        "Prices after approval",
        "Prices after approval. We are looking at your application now.",
        "See where it stands",
        "businesses.status",
    ),
    "rejected": NoPrice(
        "Prices for approved accounts",
        "Prices are for approved accounts. We could not approve your application as it was.",
        "See why, and apply again",
        "businesses.status",
    ),
    "suspended": NoPrice(
        "Your account is on hold",
        "Your account is on hold, so it shows no prices. Your orders are still there.",
        "Talk to us",
        "contact.form",
    ),
}

_STAFF = NoPrice(
    "Prices are in the back office",
    "You are signed in as staff. Prices and stock stand in the back office.",
    "Open the back office",
    "admin.index",
)


def why_no_price(viewer: Viewer) -> NoPrice | None:
    """The reason and step for this viewer; None for one who sees prices."""
    if viewer.sees_prices:
        return None
    if viewer.is_staff:
        return _STAFF
    return _BY_NEED[viewer.needs or "sign_in"]
