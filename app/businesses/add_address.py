"""Put an address into a business's book."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from app.businesses.address_rules import NewAddress, clean_address
from app.businesses.models import Address, Business
from app.extensions import db
from app.shared.errors import AppError
from app.shared.transaction import lock, retry_lost_races, transaction

# A sanity bound: a chain's stores fit, a script's thousands do not.
MOST_ADDRESSES = 200


@retry_lost_races
def add_address(business_id: int, address: NewAddress, *, now: datetime) -> int:
    """Store the address and return its id; the first one becomes the default. AppError names a wrong field.

    The same address again is not stored twice: its id is returned.
    """
    cleaned = asdict(clean_address(address))
    with transaction():
        lock(Business, business_id)
        held = list(
            db.session.scalars(db.select(Address).filter_by(business_id=business_id, archived_at=None))
        )
        for each in held:
            if all(getattr(each, name) == value for name, value in cleaned.items() if name != "label"):
                known_id: int = each.id
                return known_id
        if len(held) >= MOST_ADDRESSES:
            raise AppError("Your address book is full. Remove an address you no longer use.")
        row = Address(
            business_id=business_id, created_at=now, is_default_shipping=not held, is_default_billing=not held
        )
        for name, value in cleaned.items():
            setattr(row, name, value)
        db.session.add(row)
        db.session.flush()
        new_id: int = row.id
        return new_id
