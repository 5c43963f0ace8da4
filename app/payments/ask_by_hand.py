"""What staff set in motion by hand: capture a hold, ask the provider again, compare books.

Each only writes the wish and posts the job; the job calls the provider, so nothing here waits for anybody outside.
"""

from __future__ import annotations

from datetime import datetime

from app.extensions import db
from app.orders.status import OrderStatus
from app.outbox.kinds import Kind
from app.outbox.models import OutboxRow
from app.outbox.post import post
from app.payments.record import lock_order_and_payment
from app.payments.status import BY_HAND, PaymentStatus
from app.shared import history
from app.shared.errors import Conflict
from app.shared.history import Actor
from app.shared.transaction import lock, retry_lost_races, transaction

# The provider can be asked what became of these; all others have its last word already.
_UNCLEAR = frozenset({PaymentStatus.CREATED, PaymentStatus.UNKNOWN})


@retry_lost_races
def request_capture(payment_id: int, *, actor: Actor, now: datetime) -> None:
    """Have an authorized payment captured at once; Conflict when nothing is held any more or the order is cancelled."""
    with transaction():
        order, payment = lock_order_and_payment(payment_id)
        if payment.status not in {PaymentStatus.AUTHORIZED, PaymentStatus.CAPTURING}:
            raise Conflict(
                f"This payment is {payment.status.label.lower()} now, so there is no hold to capture."
            )
        if order.status is OrderStatus.CANCELLED:
            raise Conflict("The order was cancelled, so its hold is being released.")
        if payment.provider in BY_HAND:
            raise Conflict("This is a promise to pay later. Record the money on the order when it comes.")
        post(Kind.PAYMENT_CAPTURE, payment_id=payment.id)
        history.record("payment", payment.id, "capture_requested", actor=actor, at=now)


@retry_lost_races
def ask_provider_again(payment_id: int, *, actor: Actor, now: datetime) -> None:
    """Find out what became of a payment nobody has heard of; Conflict when that is known."""
    with transaction():
        _, payment = lock_order_and_payment(payment_id)
        if payment.status is PaymentStatus.CAPTURING:
            post(Kind.PAYMENT_CAPTURE, payment_id=payment.id)  # a resumed capture asks before it acts
        elif payment.status in _UNCLEAR:
            post(Kind.PAYMENT_SETTLE, payment_id=payment.id)
        else:
            raise Conflict(
                f"This payment is {payment.status.label.lower()}: the provider has said its last word."
            )
        history.record("payment", payment.id, "asked_again", actor=actor, at=now)


@retry_lost_races
def request_reconciliation(*, actor: Actor, now: datetime) -> None:
    """Have the provider's books compared with ours at once; one waiting comparison is enough for any number of wishes."""
    waiting = db.select(OutboxRow.id).where(
        OutboxRow.kind == Kind.PAYMENTS_RECONCILE,
        OutboxRow.closed_at.is_(None),
        OutboxRow.needs_person_at.is_(None),
    )
    with transaction():
        row_id = db.session.scalars(waiting.order_by(OutboxRow.id).limit(1)).first()
        if row_id is None:
            row = post(Kind.PAYMENTS_RECONCILE)
            db.session.flush()
            row_id = row.id
        else:
            _bring_forward(row_id, now)
        history.record("outbox", row_id, "comparison_requested", actor=actor, at=now)


def _bring_forward(row_id: int, now: datetime) -> None:
    """Due at once, unless somebody is at it: that is the comparison wished for."""
    row = lock(OutboxRow, row_id)
    if not row.is_taken(now):
        row.due_at = now
