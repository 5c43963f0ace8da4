"""A cancelled order's money: let the hold go, or give back what was captured. Looks what there is, then acts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.orders.status import OrderStatus
from app.outbox.later import ComeBackLater, LookAgain
from app.payments.gateway import Declined, HoldState, OutcomeUnknown, PaymentFacts, PaymentGateway
from app.payments.lowered import take_lowered
from app.payments.outcomes import outcome_of
from app.payments.queries import find_live_payment_id
from app.payments.record import GIVEN_UP, is_covered, keep_answer, lock_order_and_payment, record_captured
from app.payments.request_refund import request_all
from app.payments.status import PaymentStatus, RefundKind
from app.shared import clock
from app.shared.history import Actor
from app.shared.transaction import retry_lost_races, transaction

ORDER_CANCELLED = "Order cancelled"


@dataclass(frozen=True)
class _Hold:
    payment_id: int
    provider_id: str
    at: datetime


def release_payment(order_id: int, *, gateway: PaymentGateway, stale_after: timedelta, actor: Actor) -> None:
    """Void the order's hold, or request the refund of all that was captured. Safe to run any number of times.

    An order that stands keeps its money, whatever an old row of the outbox says; only a hold for what was paid in another
    way meanwhile is let go.

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
    if facts.state is HoldState.PENDING:
        raise LookAgain(60, "the bank has not decided about the hold yet")
    if facts.state is HoldState.AUTHORIZED:
        raise ComeBackLater(60, "the provider has not let go of the hold yet")


@retry_lost_races
def _claim(order_id: int, stale_after: timedelta, actor: Actor, now: datetime) -> _Hold | None:
    with transaction():
        payment_id = find_live_payment_id(order_id)
        if payment_id is None:
            return None
        order, payment = lock_order_and_payment(payment_id)
        if order.status not in GIVEN_UP:
            if not is_covered(order, payment):
                return None
        elif payment.status is PaymentStatus.CAPTURED:
            request_all(
                order, payment, kind=RefundKind.CANCELLED, reason=ORDER_CANCELLED, actor=actor, now=now
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
        take_lowered(order, payment, facts)
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
            is_over = order.status is OrderStatus.CANCELLED
            reason = ORDER_CANCELLED if is_over else "The order has no use for it."
            payment.move_to(PaymentStatus.VOIDED, actor=actor, at=now, reason=reason)


@retry_lost_races
def _free_claim(hold: _Hold, unknown: OutcomeUnknown, now: datetime) -> None:
    with transaction():
        _, payment = lock_order_and_payment(hold.payment_id)
        keep_answer(payment, "void", outcome_of(unknown), {"cause": unknown.cause}, now)
        if payment.claimed_at == hold.at:
            payment.claimed_at = None
