"""Send a requested refund to the provider, and follow it until it has arrived or failed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.extensions import db
from app.orders.models import Order
from app.outbox.kinds import Kind
from app.outbox.post import post
from app.payments.gateway import Declined, OutcomeUnknown, PaymentGateway, RefundFacts, RefundState
from app.payments.models import Payment, Refund
from app.payments.note_silence import silence_noted
from app.payments.record import keep_answer, lock_order_and_payment
from app.payments.settle_balance import settle_balance
from app.payments.status import PROMISES, RefundKind, RefundStatus
from app.shared import clock
from app.shared.history import Actor
from app.shared.money import Money
from app.shared.transaction import lock, retry_lost_races, transaction

_CLOCKS_APART = timedelta(minutes=5)
_UNSENT = frozenset({RefundStatus.REQUESTED, RefundStatus.UNKNOWN})
_MAY_CHANGE = frozenset({RefundStatus.PENDING, RefundStatus.COMPLETED})
_CAME_TO_NOTHING = frozenset({RefundStatus.REJECTED, RefundStatus.FAILED})
# A cancelled or shortened order has a mail of its own, which says that the money comes back.
_TOLD_OTHERWISE = frozenset({RefundKind.CANCELLED, RefundKind.SHORTENED})
_STATUS_OF = {
    RefundState.PENDING: RefundStatus.PENDING,
    RefundState.COMPLETED: RefundStatus.COMPLETED,
    RefundState.REJECTED: RefundStatus.REJECTED,
    RefundState.FAILED: RefundStatus.FAILED,
}


@dataclass(frozen=True)
class _Sending:
    payment_id: int
    payment_provider_id: str
    amount: Money
    key: str
    reason: str
    # Whether it was sent before without an answer.
    is_repeat: bool


def send_refund(refund_id: int, *, gateway: PaymentGateway, actor: Actor) -> None:
    """Ask the provider to give the money back. The same key each time, so asking again gives the same refund."""
    sending = _load_unsent(refund_id, actor, clock.now())
    if sending is None:
        return
    try:
        with silence_noted(sending.payment_id, "refund"):
            facts = gateway.refund(sending.payment_provider_id, sending.amount, sending.key, sending.reason)
    except Declined as declined:
        earlier = _find_earlier(refund_id, gateway) if sending.is_repeat else None
        if earlier is None:
            _record_refused(refund_id, declined, actor, clock.now())
            return
        facts = earlier
    _record(refund_id, facts, actor, clock.now())


def _find_earlier(refund_id: int, gateway: PaymentGateway) -> RefundFacts | None:
    """What an earlier sending did whose answer was lost, before a refusal of its repeat is believed (a key may have run
    out). Lists name no keys: it is a refund of this payment and amount that no row of ours has.

    OutcomeUnknown while another of the same amount is unanswered too: nobody could tell whose it is.
    """
    refund = db.session.get_one(Refund, refund_id)
    payment = db.session.get_one(Payment, refund.payment_id)
    amount, since, provider_id = refund.amount_cents, refund.created_at, payment.provider_payment_id
    payment_id = payment.id
    ours = list(db.session.scalars(db.select(Refund).filter_by(payment_id=payment.id)))
    known = {each.provider_refund_id for each in ours}
    is_alone = not any(
        each.id != refund_id and each.amount_cents == amount and each.status is RefundStatus.UNKNOWN
        for each in ours
    )
    db.session.rollback()
    with silence_noted(payment_id, "refund"):
        listed = gateway.list_refunds(since - _CLOCKS_APART, clock.now() + _CLOCKS_APART)
    same = [each for each in listed if (each.payment_provider_id, each.amount) == (provider_id, amount)]
    earlier = next((each for each in same if each.provider_id not in known), None)
    if earlier is not None and not is_alone:
        raise OutcomeUnknown("two refunds of the same amount are unanswered, and one of them was made")
    return earlier


def check_refund(refund_id: int, *, gateway: PaymentGateway, actor: Actor) -> None:
    """See whether a refund on its way has arrived, or one that had did fail after all; looks again while it is on its way."""
    refund = db.session.get(Refund, refund_id)
    if refund is None or refund.status not in _MAY_CHANGE or refund.provider_refund_id is None:
        return
    provider_id, payment_id = refund.provider_refund_id, refund.payment_id
    db.session.rollback()
    with silence_noted(payment_id, "refund"):
        facts = gateway.get_refund(provider_id)
    _record(refund_id, facts, actor, clock.now())


@retry_lost_races
def _load_unsent(refund_id: int, actor: Actor, now: datetime) -> _Sending | None:
    with transaction():
        refund = lock(Refund, refund_id)
        if refund.status not in _UNSENT:
            return None
        is_repeat = refund.status is RefundStatus.UNKNOWN
        if not is_repeat:
            # Before the call: whoever looks meanwhile sees that the answer is outstanding.
            refund.move_to(RefundStatus.UNKNOWN, actor=actor, at=now, reason="Sent; no answer yet.")
        payment = db.session.get_one(Payment, refund.payment_id)
        return _Sending(
            payment_id=payment.id,
            payment_provider_id=payment.provider_payment_id or "",
            amount=refund.amount_cents,
            key=refund.idempotency_key,
            reason=refund.reason,
            is_repeat=is_repeat,
        )


@retry_lost_races
def _record(refund_id: int, facts: RefundFacts, actor: Actor, now: datetime) -> None:
    with transaction():
        order, payment, refund = _lock_all(refund_id)
        keep_answer(payment, "refund", facts.state.value, facts.answer, now)
        refund.provider_refund_id = facts.provider_id
        status = _status_after(refund, facts)
        if status is None:
            return
        was_unsent = refund.status in _UNSENT
        if status in _CAME_TO_NOTHING:
            _note_failure(order, payment, refund, status, _words_of(refund, facts), actor, now)
            return
        if refund.status is not status:
            refund.move_to(status, actor=actor, at=now)
        if status is RefundStatus.COMPLETED:
            refund.completed_at = now
        else:
            post(Kind.REFUND_CHECK, due_at=now + _next_look(refund, now), refund_id=refund.id)
        if was_unsent and refund.kind not in _TOLD_OTHERWISE:
            post(Kind.MAIL_REFUND, refund_id=refund.id)


def _status_after(refund: Refund, facts: RefundFacts) -> RefundStatus | None:
    """Where the answer moves the refund; None where it is no news: the other of two workers heard later words first."""
    status = _STATUS_OF[facts.state]
    if refund.status is RefundStatus.COMPLETED:
        return RefundStatus.FAILED if status in _CAME_TO_NOTHING else None
    return None if refund.status in _CAME_TO_NOTHING else status


@retry_lost_races
def _record_refused(refund_id: int, declined: Declined, actor: Actor, now: datetime) -> None:
    with transaction():
        order, payment, refund = _lock_all(refund_id)
        keep_answer(payment, "refund", "refused", declined.answer, now)
        if refund.status in _UNSENT:
            words = f"{declined.message} ({declined.code})" if declined.code else declined.message
            _note_failure(order, payment, refund, RefundStatus.REJECTED, words, actor, now)


def _note_failure(
    order: Order,
    payment: Payment,
    refund: Refund,
    status: RefundStatus,
    words: str,
    actor: Actor,
    now: datetime,
) -> None:
    """The money did not go back: staff see why, and what a credit had settled is owed again."""
    refund.completed_at = None
    refund.move_to(status, actor=actor, at=now, reason=words)
    order.version += 1
    if payment.provider in PROMISES:
        settle_balance(order, actor=actor, now=now)


def _words_of(refund: Refund, facts: RefundFacts) -> str:
    """Why, as far as the provider says: it names a state, and its own reason only when it refuses to begin."""
    if refund.status is RefundStatus.COMPLETED:
        return f"It had arrived, and then came back: the provider reports it as {facts.state.label.lower()}."
    return f"The provider reports it as {facts.state.label.lower()}."


def _lock_all(refund_id: int) -> tuple[Order, Payment, Refund]:
    payment_id = db.session.scalars(db.select(Refund.payment_id).where(Refund.id == refund_id)).one()
    order, payment = lock_order_and_payment(payment_id)
    return order, payment, lock(Refund, refund_id)


def _next_look(refund: Refund, now: datetime) -> timedelta:
    """Soon at first, then hourly: card refunds take minutes to days to arrive."""
    return timedelta(seconds=20) if now - refund.created_at < timedelta(minutes=2) else timedelta(hours=1)
