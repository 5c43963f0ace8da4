"""Do what an event calls for: read its payment or refund again, and take over what the provider says now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.extensions import db
from app.outbox.later import LookAgain
from app.payments.apply_facts import apply_facts
from app.payments.books import find_our_payment, find_our_refund
from app.payments.compare import compare_payment
from app.payments.examine import Verdict, examine_payment, examine_refund
from app.payments.gateway import NotThere, PaymentGateway, RefundState
from app.payments.models import WebhookEvent
from app.payments.record_differences import record_differences
from app.payments.send_refund import check_refund
from app.payments.status import RefundStatus
from app.shared import clock
from app.shared.history import Actor
from app.shared.transaction import lock, retry_lost_races, transaction

# So long an event about something we are just asking for waits for our own answer; then it is listed as a difference.
_PATIENCE = timedelta(hours=1)
_TAKEN_OVER, _NOTHING_NEW, _LISTED = "taken over", "nothing new", "listed as a difference"
_NOT_THERE = "not known to the provider"
# What is news of a refund on its way, and of one that arrived: it may still come back after that.
_CAME_BACK = frozenset({RefundState.REJECTED, RefundState.FAILED})
_NEWS = {RefundStatus.PENDING: _CAME_BACK | {RefundState.COMPLETED}, RefundStatus.COMPLETED: _CAME_BACK}


@dataclass(frozen=True)
class _Event:
    payment_id: str
    refund_id: str
    received_at: datetime


def apply_webhook(
    webhook_event_id: int, *, gateway: PaymentGateway, stale_after: timedelta, actor: Actor
) -> None:
    """Handle a stored event once; safe to run again, in any order with others, any time later.

    The event's own words are never believed. Money the shop does not know is listed as a difference, never guessed at.
    LookAgain while the shop itself is at the payment; OutcomeUnknown when the provider does not answer.
    """
    event = _find_open(webhook_event_id)
    if event is None:
        return
    if event.refund_id:
        outcome = _look_at_refund(event, gateway, actor)
    else:
        outcome = _look_at_payment(event, gateway, stale_after, actor)
    _close(webhook_event_id, outcome, clock.now())


def _find_open(webhook_event_id: int) -> _Event | None:
    query = db.select(
        WebhookEvent.provider_payment_id, WebhookEvent.provider_refund_id, WebhookEvent.received_at
    ).where(WebhookEvent.id == webhook_event_id, WebhookEvent.handled_at.is_(None))
    row = db.session.execute(query).one_or_none()
    db.session.rollback()
    return _Event(*row) if row else None


def _look_at_payment(event: _Event, gateway: PaymentGateway, stale_after: timedelta, actor: Actor) -> str:
    try:
        facts = gateway.get(event.payment_id)
    except NotThere:
        return _NOT_THERE
    ours = find_our_payment(facts)
    db.session.rollback()
    if ours is not None:
        if apply_facts(ours.id, facts, stale_after=stale_after, actor=actor, now=clock.now()):
            return _TAKEN_OVER
        if compare_payment(find_our_payment(facts), facts) is None:
            return _NOTHING_NEW
    return _list(event, examine_payment(event.payment_id, gateway, clock.now()), actor)


def _look_at_refund(event: _Event, gateway: PaymentGateway, actor: Actor) -> str:
    ours = find_our_refund(event.refund_id)
    db.session.rollback()
    if ours is not None and ours.status in _NEWS:
        try:
            facts = gateway.get_refund(event.refund_id)
        except NotThere:
            return _NOT_THERE
        if facts.state in _NEWS[ours.status]:
            check_refund(ours.id, gateway=gateway, actor=actor)
            return _TAKEN_OVER
        if ours.status is RefundStatus.PENDING:
            return _NOTHING_NEW  # its own check comes round; another one would only double it
    return _list(event, examine_refund(event.refund_id, gateway, clock.now()), actor)


def _list(event: _Event, verdict: Verdict, actor: Actor) -> str:
    now = clock.now()
    if not verdict.is_clear:
        if event.received_at > now - _PATIENCE:
            raise LookAgain(60, "the shop itself is at this payment")
        return _NOTHING_NEW  # whatever it is, the daily comparison sees it once it stands still
    if verdict.found is None:
        return _NOTHING_NEW
    record_differences([verdict.found], [], actor=actor, now=now)
    return _LISTED


@retry_lost_races
def _close(webhook_event_id: int, outcome: str, now: datetime) -> None:
    with transaction():
        event = lock(WebhookEvent, webhook_event_id)
        event.handled_at, event.outcome = now, outcome
