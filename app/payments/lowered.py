"""A hold above the order's total: so much is taken of it, and what was taken is written down."""

from __future__ import annotations

import uuid
from datetime import datetime

from app.extensions import db
from app.orders.models import Order, OrderLine
from app.payments.gateway import HoldState, PaymentFacts
from app.payments.models import Payment, Refund
from app.payments.refund_sum import RefundSum
from app.payments.request_refund import request_refund
from app.payments.status import BY_HAND, GAVE_BACK, RefundKind
from app.shared.history import Actor
from app.shared.money import ZERO, Money

SHORTENED = "Some of the order could not be shipped"


def amount_due(order: Order, payment: Payment) -> Money:
    """What a hold is captured for: less than was held where some of the order cannot be shipped."""
    total = order.total_cents
    if payment.provider in BY_HAND:
        return payment.amount_cents  # what is owed follows the total by itself; nothing is held
    return total if ZERO < total < payment.amount_cents else payment.amount_cents


def lowering_key(key: str, amount: Money, version_token: str) -> str:
    """The idempotency key of lowering a payment: the same after a crash, another for another amount or version.

    A version token is a part of it, because the provider refuses a key that comes back with another request.
    """
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"lower {key} to {amount.cents} at {version_token}"))


def take_lowered(order: Order, payment: Payment, facts: PaymentFacts) -> None:
    """Write down that the hold is, or was, for less: only where the order explains it. What was held first is kept."""
    if facts.state is HoldState.FAILED or facts.amount == payment.amount_cents:
        return
    if facts.amount == amount_due(order, payment):
        payment.authorized_cents = payment.authorized_cents or payment.amount_cents
        payment.amount_cents = facts.amount


def give_back_excess(order: Order, payment: Payment, *, actor: Actor, now: datetime) -> Refund | None:
    """A capture took more than the order's total came to meanwhile: the difference goes back. Both rows are locked."""
    excess = payment.amount_cents - order.total_cents
    if order.payment_method.is_promise or excess.cents <= 0 or not has_fallen(order.id):
        return None
    wanted = RefundSum(amount=excess, tax=_least(fallen_tax(order.id), excess))
    return request_refund(
        order, payment, wanted, kind=RefundKind.SHORTENED, reason=SHORTENED, actor=actor, now=now
    )


def has_fallen(order_id: int) -> bool:
    """Whether less of the order stands than was ordered."""
    query = db.select(OrderLine.id).where(
        OrderLine.order_id == order_id, OrderLine.quantity < OrderLine.ordered_quantity
    )
    return db.session.scalars(query.limit(1)).first() is not None


def fallen_tax(order_id: int) -> Money:
    """The tax that the lines lost with the units that could not ship, less what of it was given back."""
    lines = db.session.scalars(db.select(OrderLine).filter_by(order_id=order_id))
    fallen = Money.total(
        line.unit_price_cents.times(line.ordered_quantity).times(line.tax_rate) - line.tax_cents
        for line in lines
    )
    given_back = db.select(Refund.tax_cents).where(
        Refund.order_id == order_id, Refund.kind == RefundKind.SHORTENED, Refund.status.in_(GAVE_BACK)
    )
    left = fallen - Money.total(db.session.scalars(given_back))
    return left if left.cents > 0 else ZERO


def _least(one: Money, other: Money) -> Money:
    return one if one <= other else other
