"""Give a business a credit limit of its own, or its group's again."""

from __future__ import annotations

from datetime import datetime

from app.businesses.models import Business
from app.businesses.status import BusinessStatus
from app.shared import history
from app.shared.errors import Conflict
from app.shared.history import Actor
from app.shared.money import Money
from app.shared.transaction import lock, retry_lost_races, transaction

_HAVE_TERMS = frozenset({BusinessStatus.APPROVED, BusinessStatus.SUSPENDED})


@retry_lost_races
def set_credit_limit(business_id: int, *, limit: Money | None, actor: Actor, now: datetime) -> None:
    """None = the group's limit counts. Orders placed before stay as they are, also above a lower limit."""
    with transaction():
        business = lock(Business, business_id)
        if business.status not in _HAVE_TERMS:
            raise Conflict("A business gets its terms when it is approved.")
        old = business.credit_limit_cents
        if old == limit:
            return
        business.credit_limit_cents, business.updated_at = limit, now
        history.record(
            "business", business_id, "credit_limit_changed", actor=actor, at=now,
            changes={"credit_limit_cents": [str(old) if old is not None else "", str(limit) if limit is not None else ""]},
        )  # fmt: skip
