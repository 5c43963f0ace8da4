"""Before a hold lapses: charge the card or let it go, as the shop's rule says. Goods that left are always charged."""

from __future__ import annotations

from datetime import datetime

from app.orders.models import Order
from app.orders.status import GONE_OUT
from app.outbox.kinds import Kind
from app.outbox.post import post
from app.payments.hold_clock import ACT_BEFORE, hold_ends_at
from app.payments.models import Payment
from app.payments.post_missing_work import Job, open_jobs
from app.payments.queries import list_overdue_authorizations
from app.payments.record import GIVEN_UP, fail_order, lock_order_and_payment
from app.payments.status import PaymentStatus
from app.shared import history
from app.shared.history import Actor
from app.shared.transaction import retry_lost_races, transaction
from app.shop.models import HoldRule
from app.shop.queries import get_shop

LET_GO = "We let the hold on the card go before it ran out, because the order was not ready in time."


def act_on_holds(*, actor: Actor, now: datetime) -> int:
    """Post the next step of each hold that ends within ACT_BEFORE and that no job is at. Returns how many.

    The calls are made by the jobs of capture and release, with their claims; here only rows are written.
    """
    ending = list_overdue_authorizations(now + ACT_BEFORE)
    # Read once for all of them: should one be posted meanwhile, its handler finds nothing left to do.
    there = open_jobs() if ending else set()
    return sum(_act(payment_id, there, actor, now) for payment_id in ending)


@retry_lost_races
def _act(payment_id: int, there: set[Job], actor: Actor, now: datetime) -> bool:
    with transaction():
        order, payment = lock_order_and_payment(payment_id)
        if payment.status is not PaymentStatus.AUTHORIZED or payment.authorized_at is None:
            return False
        if order.status in GIVEN_UP:
            return _release(order, there)
        if _is_to_charge(order):
            return _charge(payment, there, actor, now)
        return _let_go(order, payment, actor, now)


def _is_to_charge(order: Order) -> bool:
    is_owed_for_sure = order.status in GONE_OUT or order.payment_method.is_promise
    return is_owed_for_sure or get_shop().hold_rule is HoldRule.CAPTURE


def _release(order: Order, there: set[Job]) -> bool:
    """The order was given up, and the job that lets its hold go was lost."""
    if (Kind.PAYMENT_RELEASE, "order_id", order.id) in there:
        return False
    post(Kind.PAYMENT_RELEASE, order_id=order.id)
    return True


def _charge(payment: Payment, there: set[Job], actor: Actor, now: datetime) -> bool:
    """False when such a job stands in the outbox: it may be waiting for the provider, or for a person."""
    if (Kind.PAYMENT_CAPTURE, "payment_id", payment.id) in there:
        return False
    post(Kind.PAYMENT_CAPTURE, payment_id=payment.id)
    _note(payment, "charged_before_it_lapses", actor, now)
    return True


def _let_go(order: Order, payment: Payment, actor: Actor, now: datetime) -> bool:
    """The order fails first: from then on nobody can ship or charge it, and the release job voids the hold."""
    if not fail_order(order, actor=actor, now=now, reason=LET_GO):
        return False
    post(Kind.PAYMENT_RELEASE, order_id=order.id)
    post(Kind.MAIL_PAYMENT_FAILED, payment_id=payment.id)
    _note(payment, "let_go_before_it_lapses", actor, now)
    return True


def _note(payment: Payment, event: str, actor: Actor, now: datetime) -> None:
    ends = hold_ends_at(payment.authorized_at or now, payment.lapses_at)
    reason = "Nobody charged the card, and its hold would end soon."
    history.record(
        "payment", payment.id, event, actor=actor, at=now, reason=reason, hold_ends=ends.isoformat()
    )
