"""How an order is to be paid: by card at once, or later on a promise."""

from __future__ import annotations

from app.shared.status import LabelEnum


class PaymentMethod(LabelEnum):
    """The value is also the name of the provider that is asked when the order is placed."""

    CARD = "square", "Card"
    TERMS = "terms", "Net terms"
    ON_PICKUP = "on_pickup", "Cash or check on pickup"

    @property
    def is_promise(self) -> bool:
        """Nothing is held while the order stands: it is paid later, by one or more receipts or by card."""
        return self is not PaymentMethod.CARD
