"""How the shop's books and the provider's can differ, what that means for a person, and which repair is safe."""

from __future__ import annotations

from collections.abc import Mapping

from app.shared.status import LabelEnum


class DifferenceKind(LabelEnum):
    UNKNOWN_PAYMENT = "unknown_payment", "Payment the shop does not know"
    CHARGED_TWICE = "charged_twice", "Order charged twice"
    ORPHAN_HOLD = "orphan_hold", "Hold that no order needs"
    PAYMENT_STATUS = "payment_status", "Payment stands differently"
    PAYMENT_AMOUNT = "payment_amount", "Payment has another amount"
    MISSING_PAYMENT = "missing_payment", "Payment the provider does not know"
    UNKNOWN_REFUND = "unknown_refund", "Refund the shop does not know"
    REFUND_STATUS = "refund_status", "Refund stands differently"
    REFUND_AMOUNT = "refund_amount", "Refund has another amount"
    MISSING_REFUND = "missing_refund", "Refund the provider does not know"


class DifferenceStatus(LabelEnum):
    OPEN = "open", "Open"
    REPAIRING = "repairing", "Being repaired"
    GONE = "gone", "Gone"
    NOTED = "noted", "Noted"


class Repair(LabelEnum):
    NONE = "none", "Needs a person"
    APPLY = "apply", "Ask again and take over"
    VOID = "void", "Let the hold go"


_D = DifferenceStatus

DIFFERENCE_MOVES: Mapping[DifferenceStatus, frozenset[DifferenceStatus]] = {
    _D.OPEN: frozenset({_D.REPAIRING, _D.GONE, _D.NOTED}),
    _D.REPAIRING: frozenset({_D.OPEN, _D.GONE}),
    # It came back, or is another one than was noted.
    _D.GONE: frozenset({_D.OPEN}),
    _D.NOTED: frozenset({_D.OPEN, _D.GONE}),
}

# Somebody's money is where it should not be, and nothing of the shop will move it by itself.
LOUD = frozenset({DifferenceKind.UNKNOWN_PAYMENT, DifferenceKind.CHARGED_TWICE})

ADVICE: Mapping[DifferenceKind, str] = {
    DifferenceKind.UNKNOWN_PAYMENT: (
        "Money was held or taken at this shop's location, and no order here belongs to it. It may come from another till or "
        "website on the same location, or from before a backup was restored. Look it up in the provider's dashboard; if "
        "nobody owes it, give it back there."
    ),
    DifferenceKind.CHARGED_TWICE: (
        "The provider took money twice for one order. Give this second payment back in the provider's dashboard, then "
        "compare again."
    ),
    DifferenceKind.ORPHAN_HOLD: (
        "An amount is still held on the buyer's card for an attempt that came to nothing here. Letting it go charges nobody."
    ),
    DifferenceKind.PAYMENT_STATUS: (
        "The provider and the shop do not agree where this payment stands. Where a repair is offered, the shop asks once "
        "more and takes over what it hears, exactly as if the answer had come in time."
    ),
    DifferenceKind.PAYMENT_AMOUNT: "Held or taken was another amount than the order's. Compare both, then refund or invoice the rest.",
    DifferenceKind.MISSING_PAYMENT: (
        "The shop has this payment on its books, and the provider says it never heard of it. Most often the shop was moved to "
        "another account. Do not ship before this is clear."
    ),
    DifferenceKind.UNKNOWN_REFUND: (
        "Money went back to a card, and not from here: most often somebody refunded it in the provider's dashboard. Note it, "
        "and cancel the order or mark it returned if that is what happened."
    ),
    DifferenceKind.REFUND_STATUS: "The provider and the shop do not agree whether this money went back. The provider's word counts.",
    DifferenceKind.REFUND_AMOUNT: "Another amount went back than the shop asked for.",
    DifferenceKind.MISSING_REFUND: "The shop believes this money went back, and the provider does not know of it. The buyer may still wait for it.",
}
