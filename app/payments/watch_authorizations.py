"""Notice holds that lapsed before anybody captured them."""

from __future__ import annotations

from datetime import datetime

from app.extensions import db
from app.payments.gateway import HoldState, PaymentFacts, PaymentGateway
from app.payments.models import Payment
from app.payments.queries import list_overdue_authorizations
from app.payments.record import keep_answer, lock_order_and_payment, record_gone
from app.payments.status import PaymentStatus
from app.shared import clock
from app.shared.history import Actor
from app.shared.transaction import retry_lost_races, transaction


def watch_authorizations(*, gateway: PaymentGateway, actor: Actor) -> int:
    """Ask the provider about every hold past its time; those it let go become lapsed. Returns how many."""
    lapsed = 0
    overdue = list_overdue_authorizations(clock.now())
    for payment_id in overdue:
        provider_id = db.session.scalars(
            db.select(Payment.provider_payment_id).filter_by(id=payment_id)
        ).one()
        db.session.rollback()
        facts = gateway.get(provider_id or "")
        if facts.state in {HoldState.VOIDED, HoldState.FAILED}:
            lapsed += _record_lapsed(payment_id, facts, actor, clock.now())
    return lapsed


@retry_lost_races
def _record_lapsed(payment_id: int, facts: PaymentFacts, actor: Actor, now: datetime) -> int:
    with transaction():
        order, payment = lock_order_and_payment(payment_id)
        if payment.status is not PaymentStatus.AUTHORIZED:
            return 0
        keep_answer(payment, "get", facts.state.value, facts.answer, now)
        record_gone(order, payment, actor=actor, now=now)
        return 1
