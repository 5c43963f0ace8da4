"""A cancelled order's promise is let go. Nobody is asked: it stands on our own books."""

from __future__ import annotations

from datetime import datetime

from app.extensions import db
from app.orders.models import Order
from app.orders.status import OrderStatus
from app.payments.models import Payment
from app.payments.record import keep_answer
from app.payments.status import PROMISES, PaymentStatus
from app.shared.history import Actor
from app.shared.transaction import lock, retry_lost_races, transaction


@retry_lost_races
def release_promise(order_id: int, *, actor: Actor, now: datetime) -> None:
    """Void what a cancelled order promised; safe to run any number of times, and nothing for an order that stands.

    Receipts that came in already stay as they are: money in hand is given back by a person.
    """
    with transaction():
        order = lock(Order, order_id)
        if order.status is not OrderStatus.CANCELLED:
            return
        query = db.select(Payment.id).filter_by(order_id=order_id, status=PaymentStatus.AUTHORIZED)
        found = list(db.session.scalars(query.where(Payment.provider.in_(PROMISES)).order_by(Payment.id)))
        for promise in [lock(Payment, payment_id) for payment_id in found]:
            keep_answer(promise, "void", "voided", {}, now)
            promise.move_to(PaymentStatus.VOIDED, actor=actor, at=now, reason="Order cancelled")
        order.version += 1
