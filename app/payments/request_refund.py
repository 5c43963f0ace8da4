"""Write a refund, with its key and what it is made of, and have it sent: the one place where refunds begin."""

from __future__ import annotations

import uuid
from datetime import datetime

from app.extensions import db
from app.orders.models import Order
from app.outbox.kinds import Kind
from app.outbox.post import post
from app.payments.models import Payment, Refund, RefundLine
from app.payments.refund_left import find_left
from app.payments.refund_sum import RefundSum, sum_of_rest
from app.payments.settle_balance import settle_balance
from app.payments.status import PROMISES, RefundKind, RefundStatus
from app.shared import history
from app.shared.history import Actor
from app.shared.money import ZERO

# Square's own limit for the reason of a refund.
LONGEST_REASON = 192


def request_refund(
    order: Order,
    payment: Payment,
    wanted: RefundSum | None,
    *,
    kind: RefundKind,
    reason: str,
    actor: Actor,
    now: datetime,
    replaces_id: int | None = None,
    given_by: str = "",
) -> Refund | None:
    """A refund of this sum in the open transaction, with its key, and its sending posted. Order and payment are locked.

    None when there is nothing to give back, so that running twice refunds once. Against a promise it is a credit: then
    the order's balance is settled anew. One of RECEIPTS as `given_by`: a person gave it back, so it is done already.
    """
    if wanted is None or wanted.amount.cents <= 0:
        return None
    order.version += 1
    refund = Refund(
        payment_id=payment.id,
        order_id=order.id,
        kind=kind,
        amount_cents=wanted.amount,
        tax_cents=wanted.tax,
        shipping_cents=wanted.shipping,
        reason=reason.strip()[:LONGEST_REASON],
        idempotency_key=str(uuid.uuid4()),
        replaces_id=replaces_id,
        given_by=given_by,
        status=RefundStatus.COMPLETED if given_by else RefundStatus.REQUESTED,
        created_at=now,
        completed_at=now if given_by else None,
    )
    db.session.add(refund)
    db.session.flush()
    _add_lines(refund, wanted)
    post(Kind.MAIL_REFUND if given_by else Kind.REFUND_SEND, refund_id=refund.id)
    history.record(
        "refund", refund.id, "given_by_hand" if given_by else "requested", actor=actor, at=now, to_status=refund.status,
        reason=refund.reason, amount=str(refund.amount_cents), kind=kind.value,
    )  # fmt: skip
    if payment.provider in PROMISES:
        settle_balance(order, actor=actor, now=now)
    return refund


def request_all(
    order: Order, payment: Payment, *, kind: RefundKind, reason: str, actor: Actor, now: datetime
) -> Refund | None:
    """All that is left of a payment, with its tax and lines; None when nothing is."""
    left = find_left(order, payment)
    wanted = sum_of_rest(left) if left.limit.cents > 0 else None
    return request_refund(order, payment, wanted, kind=kind, reason=reason, actor=actor, now=now)


def _add_lines(refund: Refund, wanted: RefundSum) -> None:
    db.session.add_all(
        RefundLine(
            refund_id=refund.id,
            order_line_id=part.line_id,
            quantity=part.units,
            goods_cents=part.goods if part.goods.cents > 0 else ZERO,
            tax_cents=part.tax,
            restocked_quantity=0,
        )
        for part in wanted.parts
    )
    db.session.flush()
