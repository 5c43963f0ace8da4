"""Take the money that is held: claim, call, record. A resumed attempt asks the provider before it acts.

Where some of the order cannot be shipped the hold is lowered first, and what is left of it is taken.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.outbox.kinds import Kind
from app.outbox.later import ComeBackLater
from app.outbox.post import post
from app.payments.gateway import Declined, HoldState, OutcomeUnknown, PaymentFacts, PaymentGateway
from app.payments.lowered import amount_due, lowering_key, take_lowered
from app.payments.outcomes import outcome_of
from app.payments.record import GIVEN_UP, keep_answer, lock_order_and_payment, record_captured, record_gone
from app.payments.status import PaymentStatus
from app.shared import clock
from app.shared.history import Actor
from app.shared.money import Money
from app.shared.transaction import retry_lost_races, transaction


@dataclass(frozen=True)
class _Claim:
    provider_id: str
    is_resumed: bool
    at: datetime
    key: str
    held: Money
    due: Money


def capture_payment(
    payment_id: int, *, gateway: PaymentGateway, stale_after: timedelta, actor: Actor
) -> None:
    """Capture an authorized payment; does nothing when that is done, ComeBackLater while another worker is at it.

    OutcomeUnknown is raised on, after the claim is freed: the next try asks the provider first.
    """
    claim = _claim(payment_id, stale_after, actor, clock.now())
    if claim is None:
        return
    try:
        facts = _ask_then_capture(gateway, claim)
    except OutcomeUnknown as unknown:
        _free_claim(payment_id, claim, unknown, clock.now())
        raise
    _record(payment_id, facts, actor, clock.now())


@retry_lost_races
def _claim(payment_id: int, stale_after: timedelta, actor: Actor, now: datetime) -> _Claim | None:
    with transaction():
        order, payment = lock_order_and_payment(payment_id)
        if payment.status not in {PaymentStatus.AUTHORIZED, PaymentStatus.CAPTURING}:
            return None
        if order.status in GIVEN_UP:
            post(Kind.PAYMENT_RELEASE, order_id=order.id)
            return None
        if payment.claimed_at is not None and payment.claimed_at > now - stale_after:
            raise ComeBackLater(30, "another worker is at this payment")
        is_resumed = payment.status is PaymentStatus.CAPTURING or payment.claimed_at is not None
        if payment.status is PaymentStatus.AUTHORIZED:
            payment.move_to(PaymentStatus.CAPTURING, actor=actor, at=now)
        payment.claimed_at = now
        order.version += 1
        return _Claim(
            provider_id=payment.provider_payment_id or "", is_resumed=is_resumed, at=now, key=payment.idempotency_key,
            held=payment.amount_cents, due=amount_due(order, payment),
        )  # fmt: skip


def _ask_then_capture(gateway: PaymentGateway, claim: _Claim) -> PaymentFacts:
    version_token = ""
    if claim.is_resumed or claim.due < claim.held:
        known = gateway.get(claim.provider_id)
        if known.state is not HoldState.AUTHORIZED:
            return known
        if claim.due < known.amount:
            key = lowering_key(claim.key, claim.due, known.version_token)
            # What is captured is this very version: nobody can have raised or lowered it in between.
            version_token = gateway.lower(
                claim.provider_id, claim.due, key, known.version_token
            ).version_token
    try:
        return gateway.capture(claim.provider_id, version_token)
    except Declined:
        return gateway.get(claim.provider_id)  # a refused capture: what it is now decides


@retry_lost_races
def _record(payment_id: int, facts: PaymentFacts, actor: Actor, now: datetime) -> None:
    with transaction():
        order, payment = lock_order_and_payment(payment_id)
        if payment.status is not PaymentStatus.CAPTURING:
            return
        keep_answer(payment, "capture", facts.state.value, facts.answer, now)
        take_lowered(order, payment, facts)
        if facts.state is HoldState.CAPTURED:
            record_captured(order, payment, actor=actor, now=now)
        elif facts.state in {HoldState.VOIDED, HoldState.FAILED}:
            record_gone(order, payment, actor=actor, now=now)
        else:
            payment.claimed_at = None
            payment.move_to(PaymentStatus.AUTHORIZED, actor=actor, at=now, reason="Not captured yet.")
            post(Kind.PAYMENT_CAPTURE, due_at=now + timedelta(minutes=5), payment_id=payment_id)


@retry_lost_races
def _free_claim(payment_id: int, claim: _Claim, unknown: OutcomeUnknown, now: datetime) -> None:
    """Let the next try begin at once; a claim that ran out and is another worker's by now stays."""
    with transaction():
        _, payment = lock_order_and_payment(payment_id)
        keep_answer(payment, "capture", outcome_of(unknown), {"cause": unknown.cause}, now)
        if payment.claimed_at == claim.at:
            payment.claimed_at = None
