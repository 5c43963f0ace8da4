"""Which buttons an order shows, and what the dangerous ones say before they act."""

from __future__ import annotations

from dataclasses import dataclass

from admin.confirm import Question
from app.accounts.permissions import Permission
from app.orders.models import Order
from app.orders.status import ORDER_MOVES, OrderStatus
from app.shared.money import Money

# From this amount on, the order's number must be typed before money goes back or an order is cancelled.
TYPED_FROM = Money(100_000)


@dataclass(frozen=True)
class Move:
    """A way on: the endpoint, the word on the button, and whether it asks for carrier and tracking number."""

    endpoint: str
    label: str
    after: OrderStatus
    permission: Permission = Permission.ORDERS_FULFIL
    asks_tracking: bool = False


_MOVES = (
    Move("orders_desk.start", "Start preparing", OrderStatus.PROCESSING),
    Move("orders_desk.ship", "Mark as shipped", OrderStatus.SHIPPED, asks_tracking=True),
    Move("orders_desk.delivered", "Mark as delivered", OrderStatus.DELIVERED),
    Move("orders_desk.returned", "Mark as returned", OrderStatus.RETURNED),
)


def moves_for(status: OrderStatus) -> list[Move]:
    """The ways on from a status, the usual one first."""
    return [move for move in _MOVES if move.after in ORDER_MOVES.get(status, frozenset())]


def cancel_question(order: Order) -> Question:
    return Question(
        f"Cancel order {order.number}?",
        f"{order.business_name}, {order.total_cents}. The goods go back on the shelf, money that was held or taken is released or "
        "refunded, and the buyer gets an e-mail. It cannot be undone.",
        "Cancel the order",
        order.number if order.total_cents >= TYPED_FROM else "",
    )


def refund_question(order: Order, amount: Money) -> Question:
    return Question(
        f"Refund {amount} for order {order.number}?",
        f"{order.business_name} gets {amount} back on the card it paid with. The order itself stays as it is.",
        f"Refund {amount}",
        order.number if amount >= TYPED_FROM else "",
    )
