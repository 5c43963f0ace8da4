"""How an order is to be paid: by card at once, or later on a promise."""

from __future__ import annotations

from app.orders.status import OrderStatus
from app.shared.status import LabelEnum

_STANDING = {"terms": "On terms", "on_pickup": "Pay on pickup"}


class PaymentMethod(LabelEnum):
    """The value is also the name of the provider that is asked when the order is placed."""

    CARD = "square", "Card"
    TERMS = "terms", "Net terms"
    ON_PICKUP = "on_pickup", "Cash or check on pickup"

    @property
    def standing(self) -> str:
        """What an order that stands on this promise is called until it is paid, packed or given up."""
        return _STANDING.get(self.value, OrderStatus.PAYMENT_PENDING.label)

    def name_with(self, terms_days: int) -> str:
        """ "Net 30 on account"; the others by their label."""
        return f"Net {terms_days} on account" if self is PaymentMethod.TERMS else self.label

    @property
    def is_promise(self) -> bool:
        """Nothing is held while the order stands: it is paid later, by one or more receipts or by card."""
        return self is not PaymentMethod.CARD


def words_of(status: OrderStatus, method: PaymentMethod) -> str:
    """The words for an order of this status that is to be paid this way."""
    return method.standing if status is OrderStatus.PAYMENT_PENDING else status.label
