"""How long a card's hold lives, and how near its end it is. Pure.

Source of the days: Square, "Delayed capture": a card-not-present authorization is let go after 7 days. Its answer names
the moment (`delayed_until`), which counts wherever it was given.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from app.shared.status import LabelEnum

LONGEST_HOLD = timedelta(days=7)
AMBER_AFTER = timedelta(days=4)
RED_AFTER = timedelta(days=6)
# A hold may be shorter than 7 days: in its last day it is red, however young.
LAST_DAY = LONGEST_HOLD - RED_AFTER
# Time enough for a night's trouble to end before the hold does.
ACT_BEFORE = timedelta(hours=12)


class HoldTone(LabelEnum):
    """The value is the tone of the badge."""

    FRESH = "quiet", "Held"
    AMBER = "notice", "Ends soon"
    RED = "danger", "Ends within a day"


def hold_ends_at(authorized_at: datetime, lapses_at: datetime | None) -> datetime:
    """The provider's own word; without one, the longest it ever holds."""
    return lapses_at or authorized_at + LONGEST_HOLD


def tone_of_hold(authorized_at: datetime, lapses_at: datetime | None, now: datetime) -> HoldTone:
    """Amber from the fourth day, red from the sixth or in the last 24 hours."""
    age = now - authorized_at
    if age >= RED_AFTER or hold_ends_at(authorized_at, lapses_at) - now <= LAST_DAY:
        return HoldTone.RED
    return HoldTone.AMBER if age >= AMBER_AFTER else HoldTone.FRESH


def time_left(authorized_at: datetime, lapses_at: datetime | None, now: datetime) -> str:
    """ "in 3 days", "in 14 hours", "any moment": when the hold ends, in words."""
    hours = int((hold_ends_at(authorized_at, lapses_at) - now) / timedelta(hours=1))
    if hours < 1:
        return "any moment"
    if hours < 48:
        return f"in {hours} hour{'s' if hours > 1 else ''}"
    return f"in {hours // 24} days"
