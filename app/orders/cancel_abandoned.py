"""Cancel orders whose payment failed and that nobody came back to."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.extensions import db
from app.orders.cancel_order import cancel
from app.orders.models import Order
from app.orders.status import OrderStatus
from app.shared.history import Actor
from app.shared.transaction import lock, retry_lost_races, transaction


def cancel_abandoned(*, older_than: timedelta, actor: Actor, now: datetime) -> int:
    """Cancel each such order placed before that long ago, one short transaction an order. Returns how many."""
    query = db.select(Order.id).where(
        Order.status == OrderStatus.PAYMENT_FAILED, Order.placed_at < now - older_than
    )
    return sum(_cancel_one(order_id, actor, now) for order_id in list(db.session.scalars(query.limit(500))))


@retry_lost_races
def _cancel_one(order_id: int, actor: Actor, now: datetime) -> bool:
    with transaction():
        order = lock(Order, order_id)
        if order.status is not OrderStatus.PAYMENT_FAILED:
            return False
        cancel(order, actor=actor, now=now, reason="Payment failed and the order was not finished")
        return True
