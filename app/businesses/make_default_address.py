"""Choose the address that checkout offers first."""

from __future__ import annotations

from app.businesses.models import Business
from app.businesses.queries import get_address_for_business, list_addresses
from app.shared.transaction import lock, retry_lost_races, transaction


@retry_lost_races
def make_default_shipping(address_id: int, *, business_id: int) -> None:
    """Goods go here unless something else is chosen; exactly one address of a book is it."""
    with transaction():
        lock(Business, business_id)
        chosen = get_address_for_business(address_id, business_id)
        for each in list_addresses(business_id):
            each.is_default_shipping = each.id == chosen.id


@retry_lost_races
def make_default_billing(address_id: int, *, business_id: int) -> None:
    """Bills are made out to this one unless something else is chosen; exactly one address of a book is it."""
    with transaction():
        lock(Business, business_id)
        chosen = get_address_for_business(address_id, business_id)
        for each in list_addresses(business_id):
            each.is_default_billing = each.id == chosen.id
