"""Which buttons an order shows, and what the dangerous ones say before they act."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from admin.confirm import Question
from app.accounts.permissions import Permission
from app.mail.refund_facts import way_of
from app.orders.models import Order
from app.orders.status import ORDER_MOVES, OrderStatus
from app.payments.models import Payment
from app.payments.refund_sum import LineLeft, RefundSum
from app.shared.money import ZERO, Money

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


def cancel_question(order: Order, came_by_hand: Money = ZERO) -> Question:
    """`came_by_hand` is what was paid by check, transfer or cash: nothing sends it back by itself."""
    money = "money that was held or taken is released or refunded"
    if order.payment_method.is_promise:
        money = "nothing is owed for it any more, money taken from a card is refunded"
    by_hand = (
        f" {came_by_hand} came by check, transfer or cash: give it back yourself and record it as a refund."
        if came_by_hand
        else ""
    )
    return Question(
        f"Cancel order {order.number}?",
        f"{order.business_name}, {order.total_cents}. The goods go back on the shelf, {money}, and the buyer gets an "
        f"e-mail.{by_hand} It cannot be undone.",
        "Cancel the order",
        order.number if order.total_cents >= TYPED_FROM else "",
    )


def refund_question(
    order: Order, payment: Payment, wanted: RefundSum, lines: Sequence[LineLeft], on_the_shelf: int
) -> Question:
    """What goes back and of what it is made, before anything is written; carries the sum along."""
    names = {line.line_id: line.name for line in lines}
    made_of = [f"{part.units} × {names[part.line_id]} {part.goods}" for part in wanted.parts]
    if wanted.parts and wanted.shipping:
        made_of.append(f"shipping {wanted.shipping}")
    goods = ", ".join(made_of) or f"{wanted.goods + wanted.shipping} without tax"
    shelf = f" {on_the_shelf} units go back on the shelf." if on_the_shelf else ""
    way = way_of(payment).replace("your ", "the ").replace("you owe", "they owe")
    return Question(
        f"Refund {wanted.amount} for order {order.number}?",
        f"{order.business_name} gets {wanted.amount} back {way}: {goods}, and {wanted.tax} of tax.{shelf} "
        "The order itself stays as it is, and the buyer gets an e-mail.",
        f"Refund {wanted.amount}",
        order.number if wanted.amount >= TYPED_FROM else "",
        (("shown", str(wanted.amount.cents)),),
    )


def shorten_question(order: Order, after: Money) -> Question:
    """What the order comes to once some of it is left out."""
    less = order.total_cents - after
    return Question(
        f"Leave some of order {order.number} out?",
        f"{order.business_name} pays {after} instead of {order.total_cents}: {less} less. What was taken above that goes back, a hold "
        "is taken for less, and the buyer gets an e-mail with your reason. It cannot be undone.",
        "Leave it out",
        order.number if less >= TYPED_FROM else "",
    )
