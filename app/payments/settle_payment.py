"""Find out what became of an authorization whose answer never came (or whose writer crashed), and write that down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.outbox.kinds import Kind
from app.outbox.later import LookAgain
from app.outbox.post import post
from app.payments.decline_words import words_for
from app.payments.gateway import Declined, HoldState, PaymentFacts, PaymentGateway
from app.payments.note_silence import silence_noted
from app.payments.record import (
    keep_answer,
    lock_order_and_payment,
    record_absent,
    record_authorized,
    record_declined,
)
from app.payments.status import PaymentStatus
from app.shared import clock
from app.shared.history import Actor
from app.shared.transaction import retry_lost_races, transaction

_UNSETTLED = frozenset({PaymentStatus.CREATED, PaymentStatus.UNKNOWN})
# The attempt's moment at the provider lies here around ours: clocks differ a little, and a connection that breaks
# re-sends for some 15 minutes (tcp_retries2). The list is read no further, or it would grow while it cannot be read.
_CLOCKS_APART, _LANDS_WITHIN = timedelta(minutes=5), timedelta(minutes=30)


@dataclass(frozen=True)
class _Question:
    key: str
    begin: datetime
    was_voided: bool


def settle_payment(
    payment_id: int, *, gateway: PaymentGateway, look_again_after: timedelta, actor: Actor
) -> None:
    """Match the provider's payments by our reference; absent → void, cancel by key, and look once more later.

    The source token is not kept and the provider has no read by key, so the list of the window is the only way to know.
    The attempt is written off *before* the provider is told to drop it: an answer that arrives in between then finds it
    voided and is let go, while the other way round it would stand with its hold taken away.
    """
    question = _ask(payment_id, actor, clock.now())
    if question is None:
        return
    end = min(clock.now(), question.begin + _LANDS_WITHIN)
    with silence_noted(payment_id, "settle"):
        found = gateway.find(question.key, begin=question.begin - _CLOCKS_APART, end=end)
    if not question.was_voided:
        if found is not None and found.state is not HoldState.VOIDED:
            _record_found(payment_id, found, actor, clock.now())
            return
        if not _record_absent(payment_id, look_again_after, actor, clock.now()):
            return
    _let_orphan_go(payment_id, question.key, found, gateway)


@retry_lost_races
def _ask(payment_id: int, actor: Actor, now: datetime) -> _Question | None:
    with transaction():
        _, payment = lock_order_and_payment(payment_id)
        if payment.status is PaymentStatus.VOIDED and payment.provider_payment_id is None:
            return _Question(payment.idempotency_key, payment.created_at, was_voided=True)
        if payment.status not in _UNSETTLED:
            return None
        if payment.status is PaymentStatus.CREATED:
            payment.move_to(PaymentStatus.UNKNOWN, actor=actor, at=now, reason="No answer was recorded.")
        return _Question(payment.idempotency_key, payment.created_at, was_voided=False)


@retry_lost_races
def _record_found(payment_id: int, found: PaymentFacts, actor: Actor, now: datetime) -> None:
    with transaction():
        order, payment = lock_order_and_payment(payment_id)
        if payment.status not in _UNSETTLED:
            return
        keep_answer(payment, "settle", found.state.value, found.answer, now)
        if found.state is HoldState.FAILED:
            code = "GENERIC_DECLINE"
            record_declined(order, payment, Declined(words_for(code), code), actor=actor, now=now)
            post(Kind.MAIL_PAYMENT_FAILED, payment_id=payment.id)
        elif found.state is HoldState.PENDING:
            post(Kind.PAYMENT_SETTLE, due_at=now + timedelta(minutes=5), payment_id=payment_id)
        else:
            record_authorized(order, payment, found, actor=actor, now=now)


@retry_lost_races
def _record_absent(payment_id: int, look_again_after: timedelta, actor: Actor, now: datetime) -> bool:
    """False when the answer was recorded meanwhile: then nothing may be cancelled."""
    with transaction():
        order, payment = lock_order_and_payment(payment_id)
        if payment.status not in _UNSETTLED:
            return False
        keep_answer(payment, "settle", "absent", {}, now)
        record_absent(order, payment, actor=actor, now=now)
        post(Kind.PAYMENT_SETTLE, due_at=now + look_again_after, payment_id=payment_id)
        return True


def _let_orphan_go(payment_id: int, key: str, found: PaymentFacts | None, gateway: PaymentGateway) -> None:
    """Whatever landed, or still lands, for an attempt we wrote off is let go: by its key, which needs neither the list
    (it lags) nor the clocks to agree, and by its id when the list has it."""
    if found is not None and found.state is HoldState.PENDING:
        raise LookAgain(300, "the bank has not decided about an attempt that we wrote off")
    with silence_noted(payment_id, "void"):
        gateway.cancel_by_key(key)
        if found is None or found.state is not HoldState.AUTHORIZED:
            return
        known = gateway.get(found.provider_id)
        let_go = gateway.void(known.provider_id) if known.state is HoldState.AUTHORIZED else known
    _record_let_go(payment_id, let_go, clock.now())


@retry_lost_races
def _record_let_go(payment_id: int, let_go: PaymentFacts, now: datetime) -> None:
    with transaction():
        _, payment = lock_order_and_payment(payment_id)
        payment.provider_payment_id = let_go.provider_id
        keep_answer(payment, "void", let_go.state.value, let_go.answer, now)
