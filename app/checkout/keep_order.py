"""Keep an order while cards cannot be asked: it is written down, nothing is held or set aside, and a link pays it later."""

from __future__ import annotations

from datetime import datetime

from app.carts.finish import reopen_cart
from app.orders.models import Order
from app.orders.status import OrderStatus
from app.outbox.kinds import Kind
from app.outbox.post import post
from app.payments.guarded_gateway import LEFT_ALONE
from app.payments.queries import list_payments
from app.shared.history import Actor

_WORDS = "Card payments were not answering, so the order was written down to be paid by link."


def keep_for_link(order: Order, *, is_new: bool, actor: Actor, now: datetime) -> Order:
    """In the placing transaction, instead of asking for money. The cart stays open: placing it again, unchanged, goes on
    with this order, and so does the link, which is mailed once.

    An order that was tried before (`is_new` is false) and has no payment was kept before: it had its mail.
    """
    order.move_to(OrderStatus.PAYMENT_FAILED, actor=actor, at=now, reason=_WORDS)
    order.version += 1
    reopen_cart(order.cart_id, now)
    if is_new or list_payments(order.id):
        post(Kind.MAIL_ORDER_KEPT, order_id=order.id)
    return order


def was_kept(order: Order) -> bool:
    """Whether it waits for its first answer of a card: it failed, and nothing was ever sent for its last try."""
    if order.status is not OrderStatus.PAYMENT_FAILED:
        return False
    payments = list_payments(order.id)
    return not payments or payments[-1].decline_code == LEFT_ALONE
