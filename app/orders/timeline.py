"""One timeline for an order: what happened, in the buyer's words. Pure: built from history rows and money facts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

# (subject, event) → what the buyer reads; what is not here is for staff.
_WORDS: dict[tuple[str, str], str] = {
    ("order", "pending"): "Order placed again with another card",
    ("order", "payment_failed"): "Payment failed",
    ("order", "paid"): "Order confirmed",
    ("order", "processing"): "Being prepared",
    ("order", "shipped"): "Shipped",
    ("order", "delivered"): "Delivered",
    ("order", "returned"): "Returned",
    ("order", "cancelled"): "Cancelled",
    ("order", "shortened"): "Some of it cannot be shipped",
    ("order", "invoiced"): "Invoice issued",
    ("payment", "authorized"): "Card authorized",
    ("payment", "captured"): "Card charged",
    ("payment", "declined"): "Card declined",
    ("payment", "voided"): "Hold on the card released",
    ("payment", "lapsed"): "Hold on the card ended",
    ("terms", "authorized"): "Put on your account",
    ("terms", "captured"): "Paid in full",
    ("on_pickup", "authorized"): "To be paid on pickup",
    ("on_pickup", "captured"): "Paid in full",
    ("receipt", "captured"): "Payment received",
    ("receipt", "failed"): "Payment entry taken back",
    ("refund", "pending"): "Refund on its way",
    ("refund", "completed"): "Refunded",
    ("refund", "rejected"): "Refund has not arrived; we are looking after it",
    ("refund", "failed"): "Refund has not arrived; we are looking after it",
    ("refund", "closed"): "Refund closed; nothing more is sent for it",
}
_WITH_REASON = frozenset({"payment_failed", "cancelled", "returned", "shortened"})
_FAILED = frozenset({"payment_failed", "declined", "lapsed", "cancelled", "rejected", "failed"})


@dataclass(frozen=True)
class Happening:
    """A history row as the timeline sees it. `amount` is words like "$120.00", or empty."""

    subject: str
    event: str
    at: datetime
    reason: str = ""
    amount: str = ""


@dataclass(frozen=True)
class Step:
    """One row of the timeline. `state` is done, now (the newest) or failed."""

    title: str
    at: datetime
    words: str = ""
    state: str = "done"


def build_timeline(placed_at: datetime, happenings: Iterable[Happening]) -> list[Step]:
    """The buyer's steps, oldest first, beginning with "Order placed"."""
    steps = [Step("Order placed", placed_at)]
    for each in happenings:
        words = _WORDS.get((each.subject, each.event))
        if words is None:
            continue
        reason = each.reason if each.event in _WITH_REASON else ""
        state = "failed" if each.event in _FAILED else "done"
        steps.append(Step(words, each.at, " · ".join(part for part in (each.amount, reason) if part), state))
    return sorted(steps, key=lambda step: step.at)
