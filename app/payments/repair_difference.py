"""Repair a difference where that is safe: take over the provider's word, or let an orphan hold go. Staff ask for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.extensions import db
from app.outbox.kinds import Kind
from app.outbox.later import ComeBackLater
from app.outbox.post import post
from app.payments.apply_facts import apply_facts
from app.payments.compare import Found
from app.payments.difference_kinds import DifferenceKind, DifferenceStatus, Repair
from app.payments.examine import Verdict, examine_payment, examine_refund
from app.payments.gateway import Declined, PaymentFacts, PaymentGateway
from app.payments.models import Difference, Payment
from app.payments.record import keep_answer
from app.payments.record_differences import record_differences
from app.payments.send_refund import check_refund
from app.shared import clock, history
from app.shared.errors import AppError, Conflict
from app.shared.history import Actor
from app.shared.transaction import lock, retry_lost_races, transaction

_S = DifferenceStatus
_LONGEST_NOTE = 500


@dataclass(frozen=True)
class _Task:
    provider_id: str
    is_refund: bool


@retry_lost_races
def request_repair(difference_id: int, *, actor: Actor, now: datetime) -> None:
    """Have a difference repaired by a job; Conflict when it is gone, being repaired, or has no safe repair."""
    with transaction():
        row = lock(Difference, difference_id)
        if row.repair is Repair.NONE:
            raise Conflict("There is no safe repair for this one. Settle it by hand, then note what you did.")
        words = f"{row.repair.label}. Ours: {row.ours}. Theirs: {row.theirs}."
        row.move_to(_S.REPAIRING, actor=actor, at=now, reason=words)
        post(Kind.PAYMENT_REPAIR, difference_id=row.id)
        if row.payment_id is not None:
            history.record(
                "payment", row.payment_id, "repair_requested", actor=actor, at=now, reason=row.repair.label
            )


@retry_lost_races
def note_difference(difference_id: int, words: str, *, actor: Actor, now: datetime) -> None:
    """Take a difference off the list with the reason why; it comes back when either side changes.

    AppError without words; Conflict when it is gone already.
    """
    if not words.strip():
        raise AppError(
            "Say in a few words what you found or did, so that the next person knows.", field="note"
        )
    with transaction():
        row = lock(Difference, difference_id)
        row.note = words.strip()[:_LONGEST_NOTE]
        row.closed_at = now
        row.move_to(_S.NOTED, actor=actor, at=now, reason=row.note)


def repair_difference(
    difference_id: int, *, gateway: PaymentGateway, stale_after: timedelta, actor: Actor
) -> None:
    """Look again on both sides, repair what is still different, and write down whether that helped.

    Safe to run twice: a hold is let go only while it is still one that no order needs. OutcomeUnknown when the provider
    does not answer, ComeBackLater while another worker is at the payment.
    """
    task = _find_task(difference_id)
    if task is None:
        return
    verdict = _examine(task, gateway)
    if verdict.found is not None:
        _repair(verdict.found, gateway, stale_after, actor)
        verdict = _examine(task, gateway)
    if not verdict.is_clear:
        raise ComeBackLater(60, "another worker is at this payment")
    found = [] if verdict.found is None else [verdict.found]
    record_differences(found, [task.provider_id], actor=actor, now=clock.now())
    _reopen_if_left(difference_id, actor, clock.now())


def _find_task(difference_id: int) -> _Task | None:
    query = db.select(Difference.provider_id, Difference.refund_id).where(
        Difference.id == difference_id, Difference.status == _S.REPAIRING
    )
    row = db.session.execute(query).one_or_none()
    db.session.rollback()
    return _Task(row.provider_id, row.refund_id is not None) if row else None


def _examine(task: _Task, gateway: PaymentGateway) -> Verdict:
    look = examine_refund if task.is_refund else examine_payment
    return look(task.provider_id, gateway, clock.now())


def _repair(found: Found, gateway: PaymentGateway, stale_after: timedelta, actor: Actor) -> None:
    if found.repair is Repair.VOID and found.kind is DifferenceKind.ORPHAN_HOLD:
        _let_go(found, gateway)
    elif found.repair is Repair.APPLY and found.refund_id is not None:
        check_refund(found.refund_id, gateway=gateway, actor=actor)
    elif found.repair is Repair.APPLY and found.payment_id is not None:
        facts = gateway.get(found.provider_id)
        apply_facts(found.payment_id, facts, stale_after=stale_after, actor=actor, now=clock.now())


def _let_go(found: Found, gateway: PaymentGateway) -> None:
    """An attempt that ended never comes back to life, so nothing can begin to need the hold meanwhile."""
    try:
        facts = gateway.void(found.provider_id)
    except Declined:
        return
    if found.payment_id is not None:
        _keep_void(found.payment_id, facts, clock.now())


@retry_lost_races
def _keep_void(payment_id: int, facts: PaymentFacts, now: datetime) -> None:
    with transaction():
        payment = lock(Payment, payment_id)
        keep_answer(payment, "void", facts.state.value, facts.answer, now)


@retry_lost_races
def _reopen_if_left(difference_id: int, actor: Actor, now: datetime) -> None:
    with transaction():
        row = lock(Difference, difference_id)
        if row.status is _S.REPAIRING:
            row.move_to(_S.OPEN, actor=actor, at=now, reason="Both sides still differ after the repair.")
