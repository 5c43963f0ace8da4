"""What an order owes decides whether it is paid: the one rule behind checks, transfers, cash, cards and credits."""

from __future__ import annotations

from datetime import datetime

from app.extensions import db
from app.orders.models import Order
from app.orders.status import OrderStatus
from app.payments.models import Payment
from app.payments.queries import balance
from app.payments.status import PROMISES, PaymentStatus
from app.shared.history import Actor
from app.shared.money import Money
from app.shared.transaction import lock


def settle_balance(order: Order, *, actor: Actor, now: datetime) -> Money:
    """Bring the order, and the promise it stands on, into line with its balance; returns what is still owed.

    In the open transaction with the order locked, after money came in, a credit was written, or a receipt was taken
    back. Nothing owed: the order is paid and its promise kept. Something owed again: both are open again.

    A cancelled order stays as it is. A card order is paid by the capture of its card whatever the balance says, as its total was what was held.
    """
    db.session.flush()
    owed = balance(order)
    if order.status is OrderStatus.CANCELLED:
        return owed
    if owed.cents <= 0 or not order.payment_method.is_promise:
        _close(order, actor, now)
    else:
        _open_again(order, actor, now)
    return owed


def _close(order: Order, actor: Actor, now: datetime) -> None:
    if order.paid_at is None:
        order.paid_at = now
        order.version += 1
    for promise in _promises(order, PaymentStatus.AUTHORIZED):
        promise.move_to(PaymentStatus.CAPTURING, actor=actor, at=now)
        promise.captured_at = now
        promise.move_to(PaymentStatus.CAPTURED, actor=actor, at=now, reason="Nothing is owed any more.")
    if order.status is OrderStatus.PAYMENT_PENDING:
        order.move_to(OrderStatus.PAID, actor=actor, at=now)


def _open_again(order: Order, actor: Actor, now: datetime) -> None:
    if order.paid_at is None:
        return
    order.paid_at = None
    order.version += 1
    for promise in _promises(order, PaymentStatus.CAPTURED):
        promise.captured_at = None
        promise.move_to(PaymentStatus.AUTHORIZED, actor=actor, at=now, reason="Money is owed again.")
    if order.status is OrderStatus.PAID:
        order.move_to(OrderStatus.PAYMENT_PENDING, actor=actor, at=now)


def _promises(order: Order, status: PaymentStatus) -> list[Payment]:
    query = db.select(Payment.id).filter_by(order_id=order.id, status=status)
    found = db.session.scalars(query.where(Payment.provider.in_(PROMISES)).order_by(Payment.id))
    return [lock(Payment, payment_id) for payment_id in list(found)]
