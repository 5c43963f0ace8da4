"""Show staff a whole EIN, and write down that they saw it."""

from __future__ import annotations

from datetime import datetime

from app.businesses.ein import format_ein
from app.businesses.models import Business
from app.shared import history
from app.shared.errors import AppError
from app.shared.history import Actor
from app.shared.secret_box import secret_box
from app.shared.transaction import lock, retry_lost_races, transaction


@retry_lost_races
def reveal_ein(business_id: int, *, actor: Actor, now: datetime) -> str:
    """ "12-3456789". The history keeps who looked and when, never the number."""
    with transaction():
        business = lock(Business, business_id)
        if not business.ein_encrypted:
            raise AppError("This business has given no EIN yet.")
        history.record("business", business_id, "ein_shown", actor=actor, at=now)
        return format_ein(secret_box.decrypt(business.ein_encrypted))
