"""Read the provider's books over a window and compare them with ours, payment by payment and refund by refund."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.extensions import db
from app.payments.books import (
    list_payments_made,
    list_refunds_made,
    payments_by_key,
    payments_by_provider_id,
    refunds_by_provider_id,
)
from app.payments.compare import compare_payment, compare_refund, is_payment_in_motion
from app.payments.difference_kinds import DifferenceKind, DifferenceStatus
from app.payments.examine import Verdict, examine_payment, examine_refund
from app.payments.gateway import PaymentFacts, PaymentGateway, RefundFacts
from app.payments.models import Difference
from app.payments.record_differences import record_differences
from app.shared import clock
from app.shared.history import Actor

# Holds live at most seven days (Square, delayed capture), so that each payment is looked at until its end is known.
WINDOW = timedelta(days=8)
# The two clocks may differ, and lists lag some seconds: the provider's window is read wider than ours.
_OVERLAP = timedelta(hours=1)
_LIST_LAG = timedelta(minutes=10)
# Each is one call; only a shop that was moved to another account has so many at once.
_MOST = 300
_REFUND_KINDS = frozenset({
    DifferenceKind.UNKNOWN_REFUND, DifferenceKind.REFUND_STATUS, DifferenceKind.REFUND_AMOUNT,
    DifferenceKind.MISSING_REFUND,
})  # fmt: skip


@dataclass(frozen=True)
class Report:
    """What one run read and found. `open` counts everything that waits for a person now."""

    payments: int
    refunds: int
    added: int
    gone: int
    open: int


def reconcile(since: datetime, *, gateway: PaymentGateway, actor: Actor) -> Report:
    """Compare everything made since then; list each difference once and close those that vanished.

    The lists only say what is worth a second look: each of those is read singly before it counts, because lists lag and
    our own jobs go on meanwhile. OutcomeUnknown when the provider does not answer; then nothing is written.
    """
    now = clock.now()
    payments = gateway.list_payments(since - _OVERLAP, now + _OVERLAP)
    refunds = gateway.list_refunds(since - _OVERLAP, now + _OVERLAP)
    open_payments, open_refunds = _list_open()
    suspects = _first_few(_suspect_payments(payments, since, now), open_payments)
    suspect_refunds = _first_few(_suspect_refunds(refunds, since, now), open_refunds)
    verdicts = {each: examine_payment(each, gateway, now) for each in suspects}
    verdicts |= {each: examine_refund(each, gateway, now) for each in suspect_refunds}
    found = [each.found for each in verdicts.values() if each.found is not None]
    changes = record_differences(found, _clear(verdicts), actor=actor, now=clock.now())
    still_open = _list_open()
    return Report(
        len(payments), len(refunds), changes.added, changes.gone, len(still_open[0]) + len(still_open[1])
    )


def _first_few(suspects: set[str], listed: set[str]) -> list[str]:
    """What is not listed yet comes first; where there is more than one run can ask for, the next goes on."""
    return [*sorted(suspects - listed), *sorted(listed)][:_MOST]


def _clear(verdicts: dict[str, Verdict]) -> set[str]:
    return {provider_id for provider_id, verdict in verdicts.items() if verdict.is_clear}


def _list_open() -> tuple[set[str], set[str]]:
    """Ids, at the provider, of payments and of refunds that are listed as different."""
    query = db.select(Difference.kind, Difference.provider_id).where(
        Difference.status.in_([DifferenceStatus.OPEN, DifferenceStatus.REPAIRING])
    )
    rows = list(db.session.execute(query))
    db.session.rollback()
    refunds = {provider_id for kind, provider_id in rows if kind in _REFUND_KINDS}
    return {provider_id for kind, provider_id in rows if kind not in _REFUND_KINDS}, refunds


def _suspect_payments(theirs: list[PaymentFacts], since: datetime, now: datetime) -> set[str]:
    by_id = payments_by_provider_id([each.provider_id for each in theirs])
    strangers = [each.reference for each in theirs if each.provider_id not in by_id and each.reference]
    by_key = payments_by_key(strangers)
    suspects = set()
    for each in theirs:
        ours = by_id.get(each.provider_id) or by_key.get(each.reference)
        if compare_payment(ours, each) and not (ours and is_payment_in_motion(ours, now)):
            suspects.add(each.provider_id)
    absent = {each.provider_id for each in list_payments_made(since, now - _LIST_LAG)}
    db.session.rollback()
    return suspects | (absent - _ids(theirs))


def _suspect_refunds(theirs: list[RefundFacts], since: datetime, now: datetime) -> set[str]:
    ours = refunds_by_provider_id([each.provider_id for each in theirs])
    suspects = {each.provider_id for each in theirs if compare_refund(ours.get(each.provider_id), each)}
    absent = {each.provider_id for each in list_refunds_made(since, now - _LIST_LAG)}
    db.session.rollback()
    return suspects | (absent - _ids(theirs))


def _ids(facts: Iterable[PaymentFacts | RefundFacts]) -> set[str]:
    return {each.provider_id for each in facts}
