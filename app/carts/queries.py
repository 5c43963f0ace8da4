"""Reads of carts. A cart belongs to one person, so each read takes the user's id."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, bindparam

from app.businesses.models import Address
from app.carts.models import Cart
from app.extensions import db
from app.pricing.models import TaxRate
from app.pricing.queries import build_tax_table, list_shipping_rules, load_delivery
from app.pricing.quote import Delivery
from app.pricing.tax import Place


def _select_address_with_rates() -> Select[Any]:
    is_chosen = Address.id == bindparam("address_id")
    likeliest = (
        db.select(Address.id)
        .where(Address.business_id == bindparam("business_id"), Address.archived_at.is_(None))
        .order_by(is_chosen.desc(), Address.is_default_shipping.desc(), Address.id)
        .limit(1)
        .scalar_subquery()
    )
    query: Select[Any] = (
        db.select(Address, TaxRate)
        .outerjoin(TaxRate, TaxRate.state == Address.state)
        .where(Address.id == likeliest)
    )
    return query


# Built once: every look at a cart asks it.
_ADDRESS_WITH_RATES = _select_address_with_rates()


def find_open_cart(user_id: int) -> Cart | None:
    """The buyer's open cart without its lines, or None before anything was added."""
    query = db.select(Cart).filter_by(open_user_id=user_id)
    cart: Cart | None = db.session.scalars(query).one_or_none()
    return cart


def estimate_delivery(cart: Cart, business_id: int) -> tuple[Delivery, Address | None]:
    """What the cart page reckons with before the buyer has chosen: the address and method chosen, else the usual ones.

    Two queries. Nothing of it is written down: at checkout only what was chosen counts.
    """
    rules = list_shipping_rules()
    chosen = next((rule for rule in rules if rule.method_id == cart.shipping_method_id), None)
    shipping = chosen or next(iter(rules), None)
    if shipping is not None and shipping.is_pickup:
        return load_delivery(shipping, None), None
    address, rates = _find_address_with_rates(cart, business_id)
    if address is None:
        return Delivery(shipping), None
    place = Place(address.state, address.postal_code)
    return Delivery(shipping, place, tax_table=build_tax_table(address.state, rates)), address


def _find_address_with_rates(cart: Cart, business_id: int) -> tuple[Address | None, list[TaxRate]]:
    """The chosen address, else the default one, else any, with every tax rate of its state: in one query."""
    wanted = {"address_id": cart.shipping_address_id or 0, "business_id": business_id}
    rows = db.session.execute(_ADDRESS_WITH_RATES, wanted).all()
    rates = [row.TaxRate for row in rows if row.TaxRate is not None]
    return (rows[0].Address, rates) if rows else (None, [])
