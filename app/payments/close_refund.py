"""Nothing more is to do about a refund that did not arrive: staff say why, and it leaves the pile."""

from __future__ import annotations

from datetime import datetime

from app.payments.failed_refund import lock_failed_refund
from app.payments.models import Refund
from app.payments.request_refund import LONGEST_REASON
from app.shared import history
from app.shared.errors import AppError
from app.shared.history import Actor
from app.shared.transaction import retry_lost_races, transaction


@retry_lost_races
def close_failed_refund(refund_id: int, *, reason: str, actor: Actor, now: datetime) -> Refund:
    """Its units went back with another refund, or it was settled outside the shop. No money and no status moves, and
    the buyer gets no mail.

    AppError without a reason; Conflict when it did not fail, was sent again, given back by hand, or closed already.
    """
    words = reason.strip()[:LONGEST_REASON]
    if not words:
        raise AppError(
            "Say in a few words why nothing more is to do, so that the next person knows.", field="reason"
        )
    with transaction():
        order, _, failed = lock_failed_refund(refund_id)
        # Else sending it again on another node of a cluster, which writes a row of its own, would not meet this.
        order.version += 1
        failed.closed_at, failed.close_reason = now, words
        history.record(
            failed.subject, failed.id, "closed", actor=actor, at=now, reason=words, amount=str(failed.amount_cents)
        )  # fmt: skip
        return failed
