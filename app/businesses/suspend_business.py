"""Put an approved business on hold, and lift that again."""

from __future__ import annotations

from datetime import datetime

from app.businesses.models import Business
from app.businesses.status import BusinessStatus
from app.shared.errors import AppError
from app.shared.history import Actor
from app.shared.transaction import lock, retry_lost_races, transaction


@retry_lost_races
def suspend_business(business_id: int, *, reason: str, actor: Actor, now: datetime) -> None:
    """From the next request on the business sees no prices and cannot order; its own orders and papers stay."""
    if not reason.strip():
        raise AppError("Write why. The buyer reads it.", "reason")
    with transaction():
        business = lock(Business, business_id)
        business.move_to(BusinessStatus.SUSPENDED, actor=actor, at=now, reason=reason.strip())
        business.review_note = reason.strip()[:2000]


@retry_lost_races
def reactivate_business(business_id: int, *, actor: Actor, now: datetime) -> None:
    """Back to approved, with the group it had."""
    with transaction():
        business = lock(Business, business_id)
        if business.status is not BusinessStatus.SUSPENDED:
            raise AppError("Only a suspended business can be reactivated.")
        business.move_to(BusinessStatus.APPROVED, actor=actor, at=now)
        business.review_note = ""
