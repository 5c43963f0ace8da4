"""A cancelled order's money: let the hold go, or give back what was captured. Looks what there is, then acts."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.extensions import db
from app.orders.models import Order
from app.orders.status import OrderStatus
from app.outbox.kinds import Kind
from app.outbox.later import ComeBackLater
from app.outbox.post import post
from app.payments.gateway import Declined, HoldState, OutcomeUnknown, PaymentFacts, PaymentGateway
from app.payments.models import Payment, Refund
from app.payments.queries import find_live_payment_id, refundable
from app.payments.record import keep_answer, lock_order_and_payment, record_captured
from app.payments.status import PaymentStatus
from app.shared import clock
from app.shared.history import Actor
from app.shared.money import Money
from app.shared.transaction import retry_lost_races, transaction

# An order that stands keeps its money, whatever an old row of the outbox says.
_GIVEN_UP = frozenset({OrderStatus.CANCELLED, OrderStatus.PAYMENT_FAILED})


@dataclass(frozen=True)
class _Hold:
    payment_id: int
    provider_id: str
    at: datetime


def release_payment(order_id: int, *, gateway: PaymentGateway, stale_after: timedelta, actor: Actor) -> None:
    """Void the order's hold, or request the refund of all that was captured. Safe to run any number of times.

    A payment without an answer yet is left to settle, which comes back here when the order is cancelled.
    """
    hold = _claim(order_id, stale_after, actor, clock.now())
    if hold is None:
        return
    try:
        facts = _ask_then_void(gateway, hold)
    except OutcomeUnknown as unknown:
        _free_claim(hold, unknown, clock.now())
        raise
    _record(hold, facts, actor, clock.now())
    if facts.state in {HoldState.AUTHORIZED, HoldState.PENDING}:
        raise ComeBackLater(60, "the provider has not let go of the hold yet")


@retry_lost_races
def _claim(order_id: int, stale_after: timedelta, actor: Actor, now: datetime) -> _Hold | None:
    with transaction():
        payment_id = find_live_payment_id(order_id)
        if payment_id is None:
            return None
        order, payment = lock_order_and_payment(payment_id)
        if order.status not in _GIVEN_UP:
            return None
        if payment.status is PaymentStatus.CAPTURED:
            request_refund(
                order, payment, refundable(payment), reason="Order cancelled", actor=actor, now=now
            )
            return None
        if payment.status not in {PaymentStatus.AUTHORIZED, PaymentStatus.CAPTURING}:
            return None
        if payment.claimed_at is not None and payment.claimed_at > now - stale_after:
            raise ComeBackLater(30, "another worker is at this payment")
        payment.claimed_at = now
        order.version += 1
        return _Hold(payment.id, payment.provider_payment_id or "", now)


def _ask_then_void(gateway: PaymentGateway, hold: _Hold) -> PaymentFacts:
    known = gateway.get(hold.provider_id)
    if known.state is not HoldState.AUTHORIZED:
        return known
    try:
        return gateway.void(hold.provider_id)
    except Declined:
        return gateway.get(hold.provider_id)


@retry_lost_races
def _record(hold: _Hold, facts: PaymentFacts, actor: Actor, now: datetime) -> None:
    with transaction():
        order, payment = lock_order_and_payment(hold.payment_id)
        keep_answer(payment, "void", facts.state.value, facts.answer, now)
        payment.claimed_at = None
        if facts.state is HoldState.CAPTURED:
            if payment.status is PaymentStatus.AUTHORIZED:
                payment.move_to(PaymentStatus.CAPTURING, actor=actor, at=now)
            if payment.status is PaymentStatus.CAPTURING:
                record_captured(order, payment, actor=actor, now=now)
            return
        if facts.state not in {HoldState.VOIDED, HoldState.FAILED}:
            return
        if payment.status is PaymentStatus.CAPTURING:
            payment.move_to(
                PaymentStatus.AUTHORIZED, actor=actor, at=now, reason="The capture did not happen."
            )
        if payment.status is PaymentStatus.AUTHORIZED:
            payment.live_order_id = None
            payment.move_to(PaymentStatus.VOIDED, actor=actor, at=now, reason="Order cancelled")


@retry_lost_races
def _free_claim(hold: _Hold, unknown: OutcomeUnknown, now: datetime) -> None:
    with transaction():
        _, payment = lock_order_and_payment(hold.payment_id)
        keep_answer(payment, "void", "unknown", {"cause": unknown.cause}, now)
        if payment.claimed_at == hold.at:
            payment.claimed_at = None


def request_refund(
    order: Order, payment: Payment, amount: Money, *, reason: str, actor: Actor, now: datetime
) -> Refund | None:
    """Write a refund of this amount in the open transaction, with its key, and post its sending.

    None when nothing is left to give back, so that running twice refunds once. Order and payment are locked.
    """
    if amount.cents <= 0:
        return None
    order.version += 1
    refund = Refund(
        payment_id=payment.id,
        order_id=order.id,
        amount_cents=amount,
        reason=reason,
        idempotency_key=str(uuid.uuid4()),
        created_at=now,
    )
    db.session.add(refund)
    db.session.flush()
    post(Kind.REFUND_SEND, refund_id=refund.id)
    return refund
