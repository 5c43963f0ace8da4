"""Take over what the provider says a payment is, as if its answer had come in time: for events and for repairs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from app.orders.models import Order
from app.orders.status import OrderStatus
from app.outbox.kinds import Kind
from app.outbox.later import ComeBackLater
from app.outbox.post import post
from app.payments.decline_words import words_for
from app.payments.gateway import Declined, HoldState, PaymentFacts
from app.payments.lowered import amount_due, take_lowered
from app.payments.models import Payment
from app.payments.record import (
    keep_answer,
    lock_order_and_payment,
    record_absent,
    record_authorized,
    record_captured,
    record_declined,
    record_gone,
)
from app.payments.status import PaymentStatus
from app.shared.history import Actor
from app.shared.transaction import retry_lost_races, transaction

_P, _H = PaymentStatus, HoldState
_HELD_OR_TAKEN = frozenset({_H.AUTHORIZED, _H.CAPTURED})
_NOTHING_HELD = frozenset({_H.VOIDED, _H.FAILED})
_GENERAL_DECLINE = "GENERIC_DECLINE"
_Step = Callable[[Order, Payment, PaymentFacts, Actor, datetime], None]


@retry_lost_races
def apply_facts(
    payment_id: int, facts: PaymentFacts, *, stale_after: timedelta, actor: Actor, now: datetime
) -> bool:
    """Move the payment where the provider has it, by the same steps as its own answer. False when nothing is new.

    What does not fit (another amount, an attempt that ended, another payment under our reference) is left alone for the
    comparison of the books. ComeBackLater while a request or a worker is at this payment: its own answer knows more.
    """
    with transaction():
        order, payment = lock_order_and_payment(payment_id)
        if payment.provider_payment_id not in {None, facts.provider_id}:
            return False
        _let_others_finish(payment, stale_after, now)
        step = _step_for(order, payment, facts)
        if step is None:
            return False
        keep_answer(payment, "get", facts.state.value, facts.answer, now)
        take_lowered(order, payment, facts)
        step(order, payment, facts, actor, now)
        return True


def _let_others_finish(payment: Payment, stale_after: timedelta, now: datetime) -> None:
    if payment.status is _P.CREATED and payment.created_at > now - stale_after:
        raise ComeBackLater(30, "the request that asked may still be waiting for its answer")
    is_moving = payment.status in {_P.AUTHORIZED, _P.CAPTURING}
    if is_moving and payment.claimed_at is not None and payment.claimed_at > now - stale_after:
        raise ComeBackLater(30, "another worker is at this payment")


def _step_for(order: Order, payment: Payment, facts: PaymentFacts) -> _Step | None:
    """The function that writes this news down, or None where there is none."""
    is_explained = facts.amount in {payment.amount_cents, amount_due(order, payment)}
    if facts.state in _HELD_OR_TAKEN and not is_explained:
        return None
    if payment.status in {_P.CREATED, _P.UNKNOWN}:
        return _ANSWERS.get(facts.state)
    if payment.status in {_P.AUTHORIZED, _P.CAPTURING}:
        if facts.state is _H.CAPTURED:
            return _take
        return _end if facts.state in _NOTHING_HELD else None
    return None


def _hold(order: Order, payment: Payment, facts: PaymentFacts, actor: Actor, now: datetime) -> None:
    record_authorized(order, payment, facts, actor=actor, now=now)


def _hold_and_take(order: Order, payment: Payment, facts: PaymentFacts, actor: Actor, now: datetime) -> None:
    _hold(order, payment, facts, actor, now)
    _take(order, payment, facts, actor, now)


def _refuse(order: Order, payment: Payment, facts: PaymentFacts, actor: Actor, now: datetime) -> None:
    payment.provider_payment_id = facts.provider_id
    declined = Declined(words_for(_GENERAL_DECLINE), _GENERAL_DECLINE)
    record_declined(order, payment, declined, actor=actor, now=now)
    post(Kind.MAIL_PAYMENT_FAILED, payment_id=payment.id)


def _write_off(order: Order, payment: Payment, facts: PaymentFacts, actor: Actor, now: datetime) -> None:
    payment.provider_payment_id = facts.provider_id
    if payment.status is _P.CREATED:
        payment.move_to(_P.UNKNOWN, actor=actor, at=now, reason="No answer was recorded.")
    record_absent(order, payment, actor=actor, now=now)


def _take(order: Order, payment: Payment, facts: PaymentFacts, actor: Actor, now: datetime) -> None:
    if payment.status is _P.AUTHORIZED:
        payment.move_to(_P.CAPTURING, actor=actor, at=now)
    record_captured(order, payment, actor=actor, now=now)


def _end(order: Order, payment: Payment, facts: PaymentFacts, actor: Actor, now: datetime) -> None:
    """The hold is gone: the cancelled order's as it was meant to be, any other's too early."""
    if order.status is not OrderStatus.CANCELLED:
        record_gone(order, payment, actor=actor, now=now)
        return
    payment.claimed_at = None
    if payment.status is _P.CAPTURING:
        payment.move_to(_P.AUTHORIZED, actor=actor, at=now, reason="The capture did not happen.")
    payment.live_order_id = None
    payment.move_to(_P.VOIDED, actor=actor, at=now, reason="Order cancelled")


_ANSWERS = {_H.AUTHORIZED: _hold, _H.CAPTURED: _hold_and_take, _H.FAILED: _refuse, _H.VOIDED: _write_off}
