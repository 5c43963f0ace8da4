"""Reads of businesses. Whatever a buyer may see is asked for with the business's id."""

from __future__ import annotations

from app.businesses.models import Address, Business
from app.extensions import db
from app.shared.errors import NotFound


def get_own_business(business_id: int | None) -> Business:
    """The business of somebody signed in; NotFound when there is none."""
    business: Business | None = db.session.get(Business, business_id) if business_id else None
    if business is None:
        raise NotFound("There is no business here yet.")
    return business


def list_addresses(business_id: int) -> list[Address]:
    """The book without what was archived: the default first, then by age."""
    query = db.select(Address).filter_by(business_id=business_id, archived_at=None)
    return list(db.session.scalars(query.order_by(Address.is_default_shipping.desc(), Address.id)))
