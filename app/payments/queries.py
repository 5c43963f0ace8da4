"""Reads of payments and refunds."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import and_, func, or_

from app.extensions import db
from app.payments.models import Payment, Refund
from app.payments.status import PaymentStatus, RefundStatus
from app.shared.money import Money

# Rejected and failed refunds gave nothing back; every other one may have.
_COUNTS = [status for status in RefundStatus if status not in {RefundStatus.REJECTED, RefundStatus.FAILED}]

# Square lets a card-not-present hold go after seven days (delayed capture).
_LONGEST_HOLD = timedelta(days=7)


def list_payments(order_id: int) -> list[Payment]:
    """Every try to pay an order, oldest first."""
    return list(db.session.scalars(db.select(Payment).filter_by(order_id=order_id).order_by(Payment.id)))


def list_refunds(order_id: int) -> list[Refund]:
    return list(db.session.scalars(db.select(Refund).filter_by(order_id=order_id).order_by(Refund.id)))


def find_live_payment_id(order_id: int) -> int | None:
    """The payment that holds, moves or has the order's money, if any."""
    return db.session.scalars(db.select(Payment.id).filter_by(live_order_id=order_id)).one_or_none()


def refundable(payment: Payment) -> Money:
    """What was captured and not yet promised back."""
    query = db.select(func.coalesce(func.sum(Refund.amount_cents), 0)).where(
        Refund.payment_id == payment.id, Refund.status.in_(_COUNTS)
    )
    promised = db.session.scalars(query).one()
    already = promised if isinstance(promised, Money) else Money(int(promised))
    return payment.amount_cents - already


def list_overdue_authorizations(now: datetime, limit: int = 100) -> list[int]:
    """Ids of payments whose hold should have lapsed by now; where the provider named no time, after its longest."""
    is_past = or_(
        Payment.lapses_at <= now,
        and_(Payment.lapses_at.is_(None), Payment.authorized_at <= now - _LONGEST_HOLD),
    )
    query = db.select(Payment.id).where(Payment.status == PaymentStatus.AUTHORIZED, is_past)
    return list(db.session.scalars(query.order_by(Payment.id).limit(limit)))
