"""Whether an order can be paid by card right now, and if not, why not. Pure."""

from __future__ import annotations

from app.orders.status import OrderStatus
from app.payments.status import PaymentStatus
from app.shared.money import Money
from app.shared.status import LabelEnum

_O, _P = OrderStatus, PaymentStatus


class PayState(LabelEnum):
    OPEN = "open", "To be paid"
    # A card was asked for and has not answered.
    WAITING = "waiting", "Waiting for the bank"
    # A card said yes; it is charged by a job, or when the goods leave.
    HELD = "held", "Card authorized"
    # The order failed while a card is still held for it: that is being let go, and then it is open.
    ENDING = "ending", "An earlier hold is being let go"
    PAID = "paid", "Paid"
    CANCELLED = "cancelled", "Cancelled"
    # Money is owed although a card paid before (a check was taken back, say): a person should look.
    ASK = "ask", "Ask the shop"


def find_pay_state(status: OrderStatus, live: PaymentStatus | None, owed: Money) -> PayState:
    """`live` is the status of the payment on the order's one live place, if any; `owed` is its balance."""
    if status is _O.CANCELLED:
        return PayState.CANCELLED
    if live is _P.FAILED:
        return PayState.ASK
    if status is _O.PENDING or live in {_P.CREATED, _P.UNKNOWN}:
        return PayState.WAITING
    is_held = live in {_P.AUTHORIZED, _P.CAPTURING}
    if is_held:
        return PayState.ENDING if status is _O.PAYMENT_FAILED else PayState.HELD
    if owed.cents <= 0 or status is _O.PAID:
        return PayState.PAID
    return PayState.OPEN if live is None else PayState.ASK
