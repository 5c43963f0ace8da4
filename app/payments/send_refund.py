"""Send a requested refund to the provider, and follow it until it has arrived or failed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.extensions import db
from app.outbox.kinds import Kind
from app.outbox.post import post
from app.payments.gateway import Declined, PaymentGateway, RefundFacts, RefundState
from app.payments.models import Payment, Refund
from app.payments.record import keep_answer, lock_order_and_payment
from app.payments.status import RefundStatus
from app.shared import clock
from app.shared.history import Actor
from app.shared.money import Money
from app.shared.transaction import lock, retry_lost_races, transaction

_UNSENT = frozenset({RefundStatus.REQUESTED, RefundStatus.UNKNOWN})
_DECIDED = frozenset({RefundStatus.COMPLETED, RefundStatus.REJECTED, RefundStatus.FAILED})
_STATUS_OF = {
    RefundState.PENDING: RefundStatus.PENDING,
    RefundState.COMPLETED: RefundStatus.COMPLETED,
    RefundState.REJECTED: RefundStatus.REJECTED,
    RefundState.FAILED: RefundStatus.FAILED,
}


@dataclass(frozen=True)
class _Sending:
    payment_provider_id: str
    amount: Money
    key: str
    reason: str


def send_refund(refund_id: int, *, gateway: PaymentGateway, actor: Actor) -> None:
    """Ask the provider to give the money back. The same key each time, so asking again gives the same refund."""
    sending = _load_unsent(refund_id, actor, clock.now())
    if sending is None:
        return
    try:
        facts = gateway.refund(sending.payment_provider_id, sending.amount, sending.key, sending.reason)
    except Declined as declined:
        _record_refused(refund_id, declined, actor, clock.now())
        return
    _record(refund_id, facts, actor, clock.now())


def check_refund(refund_id: int, *, gateway: PaymentGateway, actor: Actor) -> None:
    """See whether a refund on its way has arrived; looks again later while it has not."""
    refund = db.session.get(Refund, refund_id)
    if refund is None or refund.status is not RefundStatus.PENDING or refund.provider_refund_id is None:
        return
    provider_id = refund.provider_refund_id
    db.session.rollback()
    _record(refund_id, gateway.get_refund(provider_id), actor, clock.now())


@retry_lost_races
def _load_unsent(refund_id: int, actor: Actor, now: datetime) -> _Sending | None:
    with transaction():
        refund = lock(Refund, refund_id)
        if refund.status not in _UNSENT:
            return None
        if refund.status is RefundStatus.REQUESTED:
            # Before the call: whoever looks meanwhile sees that the answer is outstanding.
            refund.move_to(RefundStatus.UNKNOWN, actor=actor, at=now, reason="Sent; no answer yet.")
        payment = db.session.get_one(Payment, refund.payment_id)
        return _Sending(
            payment.provider_payment_id or "", refund.amount_cents, refund.idempotency_key, refund.reason
        )


@retry_lost_races
def _record(refund_id: int, facts: RefundFacts, actor: Actor, now: datetime) -> None:
    with transaction():
        payment_id = db.session.scalars(db.select(Refund.payment_id).where(Refund.id == refund_id)).one()
        _, payment = lock_order_and_payment(payment_id)
        refund = lock(Refund, refund_id)
        keep_answer(payment, "refund", facts.state.value, facts.answer, now)
        refund.provider_refund_id = facts.provider_id
        status = _STATUS_OF[facts.state]
        if refund.status in _DECIDED:
            return  # the other of two workers heard later news first
        if refund.status is not status:
            refund.move_to(status, actor=actor, at=now)
        if status is RefundStatus.COMPLETED:
            refund.completed_at = now
        if status is RefundStatus.PENDING:
            post(Kind.REFUND_CHECK, due_at=now + _next_look(refund, now), refund_id=refund.id)


@retry_lost_races
def _record_refused(refund_id: int, declined: Declined, actor: Actor, now: datetime) -> None:
    with transaction():
        payment_id = db.session.scalars(db.select(Refund.payment_id).where(Refund.id == refund_id)).one()
        _, payment = lock_order_and_payment(payment_id)
        refund = lock(Refund, refund_id)
        keep_answer(payment, "refund", "refused", declined.answer, now)
        if refund.status in _UNSENT:
            refund.move_to(RefundStatus.REJECTED, actor=actor, at=now, reason=declined.code)


def _next_look(refund: Refund, now: datetime) -> timedelta:
    """Soon at first, then hourly: card refunds take minutes to days to arrive."""
    return timedelta(seconds=20) if now - refund.created_at < timedelta(minutes=2) else timedelta(hours=1)
