"""Take an address out of the book."""

from __future__ import annotations

from datetime import datetime

from app.businesses.models import Business
from app.businesses.queries import get_address_for_business, list_addresses
from app.shared.errors import AppError
from app.shared.transaction import lock, retry_lost_races, transaction


@retry_lost_races
def archive_address(address_id: int, *, business_id: int, now: datetime) -> None:
    """It is offered no more; a default passes to the business's own address. That one itself stays: AppError."""
    with transaction():
        lock(Business, business_id)
        row = get_address_for_business(address_id, business_id)
        if row.is_main:
            raise AppError("This is your business's own address, so it stays in the book. You can change it.")
        row.archived_at = now
        left = [each for each in list_addresses(business_id) if each.id != row.id]
        heir = next((each for each in left if each.is_main), left[0] if left else None)
        if heir:
            heir.is_default_shipping |= row.is_default_shipping
            heir.is_default_billing |= row.is_default_billing
        row.is_default_shipping = row.is_default_billing = False
