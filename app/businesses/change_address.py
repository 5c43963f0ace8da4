"""Change an address of the book. Orders hold copies, so no past is rewritten."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from app.businesses.address_rules import NewAddress, clean_address
from app.businesses.models import Business
from app.businesses.queries import get_address_for_business
from app.businesses.status import BusinessStatus
from app.shared import history
from app.shared.errors import Conflict
from app.shared.history import Actor
from app.shared.transaction import lock, retry_lost_races, transaction

_MAY_MOVE = frozenset({BusinessStatus.APPROVED, BusinessStatus.SUSPENDED})


@retry_lost_races
def change_address(
    address_id: int, address: NewAddress, *, business_id: int, actor: Actor, now: datetime
) -> None:
    """Store the new values; AppError names a wrong field. The address of an application under review stays as it was sent."""
    cleaned = asdict(clean_address(address))
    with transaction():
        business = lock(Business, business_id)
        row = get_address_for_business(address_id, business_id)
        if row.is_main and business.status not in _MAY_MOVE:
            raise Conflict(
                "This address is part of your application. It can be changed there, or once you are approved."
            )
        changes = {
            name: [getattr(row, name), new] for name, new in cleaned.items() if getattr(row, name) != new
        }
        for name, new in cleaned.items():
            setattr(row, name, new)
        if changes and row.is_main:
            history.record("business", business_id, "address_changed", actor=actor, at=now, changes=changes)
