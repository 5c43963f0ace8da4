"""How many of the latest questions to payment providers went without a clear answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.extensions import db
from app.payments.models import ProviderAnswer

# Outcomes that are nobody's "no" but a fault on the way. A decline is an answer, and the buyer's own matter.
_ERRORS = frozenset({"unknown", "failed"})
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
    """Of the questions asked since then, of which the latest thousand are looked at."""
    latest = (
        db.select(ProviderAnswer.outcome, ProviderAnswer.at).order_by(ProviderAnswer.id.desc()).limit(_MOST)
    )
    outcomes = [outcome for outcome, at in db.session.execute(latest) if at > since]
    return ErrorShare(sum(outcome in _ERRORS for outcome in outcomes), len(outcomes))
