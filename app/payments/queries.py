"""Reads of payments and refunds."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, and_, func, or_, select, type_coerce

from app.extensions import db
from app.orders.models import Order
from app.payments.hold_clock import LONGEST_HOLD
from app.payments.models import Payment, Refund
from app.payments.status import BY_HAND, GAVE_BACK, PROMISES, PaymentStatus, RefundKind
from app.shared.money import Money


def list_payments(order_id: int) -> list[Payment]:
    """Every try to pay an order, oldest first."""
    return list(db.session.scalars(db.select(Payment).filter_by(order_id=order_id).order_by(Payment.id)))


def find_live_payment_id(order_id: int) -> int | None:
    """The payment that holds, moves or has the order's money, if any."""
    return db.session.scalars(db.select(Payment.id).filter_by(live_order_id=order_id)).one_or_none()


def refundable(payment: Payment) -> Money:
    """What was captured and not yet promised back."""
    return payment.amount_cents - given_back(payment.id)


def given_back(payment_id: int, *, besides: str = "") -> Money:
    """What went back of a payment or was promised back; `besides` is the key of a refund not to count."""
    query = db.select(func.coalesce(func.sum(Refund.amount_cents), 0)).where(
        Refund.payment_id == payment_id, Refund.status.in_(GAVE_BACK), Refund.idempotency_key != besides
    )
    return _as_money(db.session.scalars(query).one())


def received(order_id: int) -> Money:
    """Money that came in for an order, by card and by hand; a promise is no money."""
    query = db.select(func.coalesce(func.sum(Payment.amount_cents), 0)).where(
        Payment.order_id == order_id,
        Payment.status == PaymentStatus.CAPTURED,
        Payment.provider.not_in(PROMISES),
    )
    return _as_money(db.session.scalars(query).one())


def balance(order: Order) -> Money:
    """What is still owed for an order, in one query: its total, less what came in, less what was credited.

    A refund of money takes back what was paid and the claim to it alike, so it changes nothing here; only where a
    line could not ship the total went down with it. A refund against a promise is a credit: no money moves.
    """
    return Money(int(db.session.scalars(select(owed_of_order()).where(Order.id == order.id)).one()))


def owed_of_order() -> ColumnElement[int]:
    """The same as an expression beside `Order`, for lists: whole cents."""
    came_in = _sum(
        Payment.amount_cents,
        Payment.order_id == Order.id,
        Payment.status == PaymentStatus.CAPTURED,
        Payment.provider.not_in(PROMISES),
    )
    is_credit = Payment.provider.in_(PROMISES)
    credited = _sum_of_refunds(is_credit)
    of_shortening = _sum_of_refunds(Refund.kind == RefundKind.SHORTENED, ~is_credit)
    owed: ColumnElement[int] = type_coerce(Order.total_cents, BigInteger) - came_in + of_shortening - credited
    return owed


def _sum_of_refunds(*conditions: ColumnElement[bool]) -> ColumnElement[int]:
    return _sum(
        Refund.amount_cents,
        Refund.order_id == Order.id,
        Refund.payment_id == Payment.id,
        Refund.status.in_(GAVE_BACK),
        *conditions,
    )


def _sum(column: Any, *conditions: ColumnElement[bool]) -> ColumnElement[int]:
    total = func.coalesce(func.sum(type_coerce(column, BigInteger)), 0)
    return select(total).where(*conditions).correlate(Order).scalar_subquery()


def _as_money(total: object) -> Money:
    """A sum comes back as Money or, on some drivers, as a Decimal of cents."""
    return total if isinstance(total, Money) else Money(int(str(total)))


def list_overdue_authorizations(now: datetime, limit: int = 500) -> list[int]:
    """Ids of card payments whose hold should have lapsed by now; where the provider named no time, after its longest."""
    is_past = or_(
        Payment.lapses_at <= now,
        and_(Payment.lapses_at.is_(None), Payment.authorized_at <= now - LONGEST_HOLD),
    )
    query = db.select(Payment.id).where(
        Payment.status == PaymentStatus.AUTHORIZED, Payment.provider.not_in(BY_HAND), is_past
    )
    return list(db.session.scalars(query.order_by(Payment.id).limit(limit)))
