"""Move a business into another customer group."""

from __future__ import annotations

from datetime import datetime

from app.businesses.models import Business, CustomerGroup
from app.businesses.status import BusinessStatus
from app.extensions import db
from app.shared import history
from app.shared.errors import AppError, Conflict
from app.shared.history import Actor
from app.shared.transaction import lock, retry_lost_races, transaction

_HAVE_GROUP = frozenset({BusinessStatus.APPROVED, BusinessStatus.SUSPENDED})


@retry_lost_races
def change_group(business_id: int, *, group_id: int, actor: Actor, now: datetime) -> None:
    """Prices, minimums and terms are the new group's from the next request on; orders placed before keep theirs."""
    with transaction():
        business = lock(Business, business_id)
        if business.status not in _HAVE_GROUP:
            raise Conflict("A business gets its customer group when it is approved.")
        group = db.session.get(CustomerGroup, group_id)
        if group is None:
            raise AppError("Choose a customer group.", "group")
        if business.group_id == group.id:
            return
        old = db.session.get(CustomerGroup, business.group_id) if business.group_id else None
        business.group_id, business.updated_at = group.id, now
        history.record(
            "business", business_id, "group_changed", actor=actor, at=now,
            changes={"group": [old.name if old else "", group.name]},
        )  # fmt: skip
