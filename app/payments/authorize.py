"""Ask the provider for an order's money and write its answer down. The order and the payment are written before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.orders.models import Order
from app.orders.status import OrderStatus
from app.outbox.kinds import Kind
from app.outbox.post import post
from app.payments.gateway import Charge, Declined, HoldState, OutcomeUnknown, PaymentFacts, PaymentGateway
from app.payments.guarded_gateway import LEFT_ALONE
from app.payments.models import Payment
from app.payments.outcomes import NO_ANSWER, outcome_of
from app.payments.record import keep_answer, lock_order_and_payment, record_authorized, record_declined
from app.payments.status import PaymentStatus
from app.shared import clock
from app.shared.history import Actor
from app.shared.transaction import retry_lost_races, transaction

_UNSETTLED = frozenset({PaymentStatus.CREATED, PaymentStatus.UNKNOWN})
# Longer than the provider's list lags behind, so that the second look sees what landed late.
_LIST_LAG = timedelta(seconds=30)


@dataclass(frozen=True)
class Asking:
    """A payment that is committed and about to be asked for."""

    payment_id: int
    charge: Charge


def build_asking(order: Order, payment: Payment, source: str) -> Asking:
    """What to send for this payment: `source` is the card's single-use token, kept nowhere."""
    charge = Charge(
        source=source,
        amount=payment.amount_cents,
        key=payment.idempotency_key,
        reference=payment.idempotency_key,
        buyer_email=order.buyer_email,
        note=f"Order {order.number}",
    )
    return Asking(payment.id, charge)


def authorize(asking: Asking, *, gateway: PaymentGateway, actor: Actor) -> Order:
    """Hold the money and record it; no transaction is open here. What is no clear answer is left to "settle payment".

    Returns the order. Raises Declined, after that is written down.
    """
    try:
        facts = gateway.authorize(asking.charge)
    except Declined as declined:
        _record_decline(asking, declined, actor, clock.now())
        raise
    except OutcomeUnknown as unknown:
        return _record_unknown(asking, outcome_of(unknown), unknown.cause, actor, clock.now())
    if facts.state is not HoldState.AUTHORIZED:
        return _record_unknown(asking, NO_ANSWER, f"answered {facts.state.value}", actor, clock.now())
    return _record_answer(asking, facts, actor, clock.now())


@retry_lost_races
def _record_answer(asking: Asking, facts: PaymentFacts, actor: Actor, now: datetime) -> Order:
    """Approved. Settle may have been faster: then there is nothing to record, or an orphan to let go."""
    with transaction():
        order, payment = lock_order_and_payment(asking.payment_id)
        keep_answer(payment, "authorize", facts.state.value, facts.answer, now)
        if payment.status in _UNSETTLED:
            record_authorized(order, payment, facts, actor=actor, now=now)
        elif payment.status is PaymentStatus.VOIDED and payment.provider_payment_id is None:
            post(Kind.PAYMENT_SETTLE, due_at=now + _LIST_LAG, payment_id=payment.id)
        return order


@retry_lost_races
def _record_decline(asking: Asking, declined: Declined, actor: Actor, now: datetime) -> None:
    with transaction():
        order, payment = lock_order_and_payment(asking.payment_id)
        keep_answer(payment, "authorize", outcome_of(declined), declined.answer, now)
        if payment.status not in _UNSETTLED:
            return
        record_declined(order, payment, declined, actor=actor, now=now)
        if declined.code == LEFT_ALONE and order.status is OrderStatus.PAYMENT_FAILED:
            # With the link that pays it once cards answer again.
            post(Kind.MAIL_ORDER_KEPT, order_id=order.id)


@retry_lost_races
def _record_unknown(asking: Asking, outcome: str, cause: str, actor: Actor, now: datetime) -> Order:
    """No clear answer: the buyer sees an honest page, and settle finds out."""
    with transaction():
        order, payment = lock_order_and_payment(asking.payment_id)
        keep_answer(payment, "authorize", outcome, {"cause": cause}, now)
        if payment.status is PaymentStatus.CREATED:
            payment.move_to(PaymentStatus.UNKNOWN, actor=actor, at=now, reason=cause)
        return order
