"""Cancel orders whose payment failed and that nobody came back to."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import exists

from app.extensions import db
from app.orders.cancel_order import cancel
from app.orders.models import Order
from app.orders.status import OrderStatus
from app.shared.history import Actor, HistoryEntry
from app.shared.transaction import lock, retry_lost_races, transaction


def cancel_abandoned(*, older_than: timedelta, actor: Actor, now: datetime) -> int:
    """Cancel each such order to which nothing happened for that long, one short transaction an order. Returns how many.

    What happened is read from its history: a hold may lapse a week after the order was placed, or a second card be
    declined, and the buyer's time runs from then.
    """
    happened_since = exists().where(
        HistoryEntry.subject == Order.subject,
        HistoryEntry.subject_id == Order.id,
        HistoryEntry.at >= now - older_than,
    )
    query = db.select(Order.id).where(
        Order.status == OrderStatus.PAYMENT_FAILED, Order.placed_at < now - older_than, ~happened_since
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
