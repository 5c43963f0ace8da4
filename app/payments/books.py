"""Our books as the comparison needs them: plain values, read afresh, never rows a session may have kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.orm import aliased

from app.extensions import db
from app.orders.models import Order
from app.payments.compare import OurPayment, OurRefund
from app.payments.gateway import PaymentFacts
from app.payments.models import Payment, Refund
from app.payments.status import BY_HAND, PROMISES, PaymentStatus, RefundStatus

_SOME = 500
_NOT_SENT = (RefundStatus.REQUESTED, RefundStatus.UNKNOWN)


def list_our_payments(*conditions: ColumnElement[bool]) -> list[OurPayment]:
    """The card payments that meet all conditions, by id. What is paid by hand stands in no provider's books."""
    other = aliased(Payment)
    is_paid = (
        db.select(other.id)
        .where(
            other.order_id == Payment.order_id,
            other.id != Payment.id,
            other.status == PaymentStatus.CAPTURED,
            other.provider.not_in(PROMISES),
        )
        .exists()
    )
    columns: tuple[Any, ...] = (
        Payment.id, Payment.order_id, Payment.status, Payment.amount_cents, Payment.provider_payment_id, Payment.created_at,
        Payment.claimed_at, is_paid, Order.total_cents,
    )  # fmt: skip
    is_card = Payment.provider.not_in(BY_HAND)
    query = db.select(*columns).join(Order, Order.id == Payment.order_id).where(is_card, *conditions)
    rows = db.session.execute(query.order_by(Payment.id))
    return [_payment(row) for row in rows]


def _payment(row: Any) -> OurPayment:
    id_, order_id, status, amount, provider_id, created_at, claimed_at, has_paid_sibling, total = row
    return OurPayment(
        id=id_, order_id=order_id, status=status, amount=amount, provider_id=provider_id or "", created_at=created_at,
        claimed_at=claimed_at, has_paid_sibling=bool(has_paid_sibling), order_total=total,
    )  # fmt: skip


def find_our_payment(theirs: PaymentFacts) -> OurPayment | None:
    """By the provider's id; by our reference when that id is not on our books (its answer was never recorded)."""
    found = list_our_payments(Payment.provider_payment_id == theirs.provider_id)
    if not found and theirs.reference:
        found = list_our_payments(Payment.idempotency_key == theirs.reference)
    return found[0] if found else None


def list_our_refunds(*conditions: ColumnElement[bool]) -> list[OurRefund]:
    """The refunds of card payments that meet all conditions, by id."""
    query = db.select(
        Refund.id, Refund.payment_id, Refund.order_id, Refund.status, Refund.amount_cents, Refund.provider_refund_id,
        Refund.created_at,
    )  # fmt: skip
    is_card = Refund.payment_id.in_(db.select(Payment.id).where(Payment.provider.not_in(BY_HAND)))
    return [
        OurRefund(
            id=row.id, payment_id=row.payment_id, order_id=row.order_id, status=row.status, amount=row.amount_cents,
            provider_id=row.provider_refund_id or "", created_at=row.created_at,
        )
        for row in db.session.execute(query.where(is_card, *conditions).order_by(Refund.id))
    ]  # fmt: skip


def find_our_refund(provider_id: str) -> OurRefund | None:
    found = list_our_refunds(Refund.provider_refund_id == provider_id)
    return found[0] if found else None


def is_refund_being_sent(payment_id: int) -> bool:
    """Whether a refund of this payment has left without its provider's id: any unknown one may be that one."""
    query = db.select(Refund.id).where(
        Refund.payment_id == payment_id, Refund.status.in_(_NOT_SENT), Refund.provider_refund_id.is_(None)
    )
    return db.session.scalars(query.limit(1)).first() is not None


def payments_by_provider_id(provider_ids: Sequence[str]) -> dict[str, OurPayment]:
    found = [
        each for some in _portions(provider_ids) for each in list_our_payments(Payment.provider_payment_id.in_(some))
    ]  # fmt: skip
    return {each.provider_id: each for each in found}


def payments_by_key(keys: Sequence[str]) -> dict[str, OurPayment]:
    """By our own reference, for payments whose id at the provider we never learned."""
    found: dict[str, OurPayment] = {}
    for some in _portions(keys):
        rows = db.session.execute(
            db.select(Payment.idempotency_key, Payment.id).where(Payment.idempotency_key.in_(some))
        )
        key_of = {payment_id: key for key, payment_id in rows}
        found |= {key_of[each.id]: each for each in list_our_payments(Payment.id.in_(key_of))}
    return found


def refunds_by_provider_id(provider_ids: Sequence[str]) -> dict[str, OurRefund]:
    found = [
        each
        for some in _portions(provider_ids)
        for each in list_our_refunds(Refund.provider_refund_id.in_(some))
    ]
    return {each.provider_id: each for each in found}


def list_payments_made(begin: datetime, end: datetime) -> list[OurPayment]:
    """Ours of a window that the provider gave an id."""
    return list_our_payments(
        Payment.created_at >= begin, Payment.created_at < end, Payment.provider_payment_id.is_not(None)
    )


def list_refunds_made(begin: datetime, end: datetime) -> list[OurRefund]:
    return list_our_refunds(
        Refund.created_at >= begin, Refund.created_at < end, Refund.provider_refund_id.is_not(None)
    )


def _portions(values: Sequence[str]) -> Iterator[Sequence[str]]:
    """A few hundred at a time: engines limit how many values one statement may carry."""
    return (values[start : start + _SOME] for start in range(0, len(values), _SOME))
