"""How an order stands with its payment: what it owes, and whether a card may be asked for that now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.orders.models import Order
from app.payments.models import Payment
from app.payments.pay_state import PayState, find_pay_state
from app.payments.queries import balance, list_payments
from app.shared.money import Money


@dataclass(frozen=True)
class Standing:
    """`newest` is the id of the order's last payment row (0 without one): it tells a new try from the same one twice."""

    state: PayState
    owed: Money
    newest: int

    @property
    def is_open(self) -> bool:
        return self.state is PayState.OPEN


def find_standing(order: Order, payments: Sequence[Payment] | None = None) -> Standing:
    """Read from the order's payments (all of them, oldest first, where they are at hand) and its balance."""
    rows = list_payments(order.id) if payments is None else payments
    live = next((each.status for each in rows if each.live_order_id is not None), None)
    owed = balance(order)
    return Standing(find_pay_state(order.status, live, owed), owed, rows[-1].id if rows else 0)
