"""How many of the latest questions to payment providers went without a clear answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.extensions import db
from app.payments.models import Payment, ProviderAnswer
from app.payments.outcomes import NO_ANSWER, NOT_ASKED
from app.payments.status import BY_HAND

_ALARMING_PERCENT = 5
# Read by number, newest first: the table has no order by time, and a shop with more in a quarter of an hour is watched anyway.
_MOST = 1000


@dataclass(frozen=True)
class ErrorShare:
    """`errors` of `asked` had no clear answer."""

    errors: int
    asked: int

    @property
    def is_alarming(self) -> bool:
        """More than one in twenty."""
        return self.errors * 100 > self.asked * _ALARMING_PERCENT


def count_errors(since: datetime) -> ErrorShare:
    """Of the questions asked since then, of which the latest thousand are looked at.

    What no provider was asked is none of them: promises and receipts, and cards while the provider was left alone.
    """
    latest = db.select(ProviderAnswer).order_by(ProviderAnswer.id.desc()).limit(_MOST).subquery()
    asked = db.select(latest.c.outcome, latest.c.at).join(Payment, Payment.id == latest.c.payment_id)
    rows = db.session.execute(asked.where(Payment.provider.not_in(BY_HAND), latest.c.outcome != NOT_ASKED))
    outcomes = [outcome for outcome, at in rows if at > since]
    return ErrorShare(outcomes.count(NO_ANSWER), len(outcomes))
