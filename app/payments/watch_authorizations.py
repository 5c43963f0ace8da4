"""Notice holds that ended, or were captured, without our knowing."""

from __future__ import annotations

from datetime import datetime

from app.extensions import db
from app.outbox.kinds import Kind
from app.outbox.post import post
from app.payments.gateway import HoldState, OutcomeUnknown, PaymentFacts, PaymentGateway
from app.payments.models import Payment
from app.payments.note_silence import silence_noted
from app.payments.queries import list_overdue_authorizations
from app.payments.record import keep_answer, lock_order_and_payment, record_gone
from app.payments.status import PaymentStatus
from app.shared import clock
from app.shared.history import Actor
from app.shared.transaction import retry_lost_races, transaction


def watch_authorizations(*, gateway: PaymentGateway, actor: Actor) -> int:
    """Ask the provider about every hold past its time; those it let go become lapsed. Returns how many.

    A payment the provider will not talk about stops none of the others; OutcomeUnknown is raised once all were asked.
    """
    lapsed = 0
    silent: OutcomeUnknown | None = None
    for payment_id in list_overdue_authorizations(clock.now()):
        try:
            lapsed += _look_at(payment_id, gateway, actor)
        except OutcomeUnknown as unknown:
            silent = unknown
    if silent is not None:
        raise silent
    return lapsed


def _look_at(payment_id: int, gateway: PaymentGateway, actor: Actor) -> int:
    query = db.select(Payment.provider_payment_id).filter_by(id=payment_id)
    provider_id = db.session.scalars(query).one()
    db.session.rollback()
    with silence_noted(payment_id, "get"):
        facts = gateway.get(provider_id or "")
    if facts.state in {HoldState.AUTHORIZED, HoldState.PENDING}:
        return 0
    return _record(payment_id, facts, actor, clock.now())


@retry_lost_races
def _record(payment_id: int, facts: PaymentFacts, actor: Actor, now: datetime) -> int:
    with transaction():
        order, payment = lock_order_and_payment(payment_id)
        if payment.status is not PaymentStatus.AUTHORIZED:
            return 0
        keep_answer(payment, "get", facts.state.value, facts.answer, now)
        if facts.state is HoldState.CAPTURED:
            post(
                Kind.PAYMENT_CAPTURE, payment_id=payment.id
            )  # a refused capture asks, and writes down what it is
            return 0
        record_gone(order, payment, actor=actor, now=now)
        return 1
