"""Cancel an order: its stock goes back, its money is released by a job, the buyer is told."""

from __future__ import annotations

from datetime import datetime

from app.carts.finish import free_cart
from app.extensions import db
from app.inventory.move import release
from app.orders.models import Order
from app.orders.queries import get_for_business, reserved_quantities
from app.orders.status import OrderStatus
from app.outbox.kinds import Kind
from app.outbox.post import post
from app.shared.errors import Conflict
from app.shared.history import Actor
from app.shared.transaction import lock, retry_lost_races, transaction


@retry_lost_races
def cancel_own_order(
    number: str, business_id: int, *, actor: Actor, now: datetime, reason: str = ""
) -> Order:
    """The buyer's cancel: only while nobody has begun to pack. Conflict afterwards, NotFound for others' orders."""
    with transaction():
        order = lock(Order, get_for_business(number, business_id).id)
        if not order.can_buyer_cancel:
            raise Conflict(
                f"This order is {order.status_words.lower()} now and can no longer be cancelled here."
            )
        cancel(order, actor=actor, now=now, reason=reason or "Cancelled by the buyer")
        return order


@retry_lost_races
def cancel_order(order_id: int, *, actor: Actor, now: datetime, reason: str) -> Order:
    """Staff's cancel: until the goods have left the house."""
    with transaction():
        order = lock(Order, order_id)
        cancel(order, actor=actor, now=now, reason=reason)
        return order


def cancel(order: Order, *, actor: Actor, now: datetime, reason: str) -> None:
    """In the open transaction, with the order locked. What there is to void or refund is looked up by the job."""
    holds_stock = order.status is not OrderStatus.PAYMENT_FAILED
    order.move_to(OrderStatus.CANCELLED, actor=actor, at=now, reason=reason)
    order.version += 1
    order.cancelled_at = now
    if holds_stock:
        release(reserved_quantities(order.id))
    free_cart(order.cart_id, order.id, now)
    db.session.flush()
    post(Kind.PAYMENT_RELEASE, order_id=order.id)
    post(Kind.MAIL_ORDER_CANCELLED, order_id=order.id)
