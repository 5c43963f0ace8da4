"""Everything a checkout decides on, read in a fixed number of queries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import joinedload

from app.accounts.models import User
from app.businesses.models import Address, Business
from app.carts.models import Cart
from app.carts.wanted import load_wanted
from app.extensions import db
from app.orders.models import Order
from app.orders.queries import is_first_order
from app.pricing.queries import list_shipping_rules, load_buyer, load_delivery
from app.pricing.quote import Quote, build_quote
from app.pricing.shipping import ShippingRule
from app.pricing.tax import Place
from app.shared.errors import NotFound
from app.shop.queries import shop_today


@dataclass(frozen=True)
class Checkout:
    """A cart on its way to become an order: who buys, where it goes, what it costs, what still blocks it."""

    user: User
    business: Business
    addresses: tuple[Address, ...]
    shipping_rules: tuple[ShippingRule, ...]
    shipping: ShippingRule | None
    ship_to: Address | None
    bill_to: Address | None
    quote: Quote


def load_checkout(
    cart: Cart,
    business_id: int,
    now: datetime,
    *,
    billing_address_id: int | None = None,
    besides: Order | None = None,
    assumes_usual: bool = False,
) -> Checkout:
    """Quote the cart as it stands. `besides` is the failed order being tried again: it is not a previous order.

    `assumes_usual` reckons with the first method and the default address where nothing was chosen yet.

    Addresses are looked up among the business's own, so that somebody else's id finds nothing (NotFound).
    """
    query = db.select(Business, User).join(User, User.business_id == Business.id)
    query = query.options(joinedload(Business.group))
    row = db.session.execute(query.where(Business.id == business_id, User.id == cart.user_id)).one_or_none()
    if row is None:
        raise NotFound()
    business, user = row
    addresses = list_addresses(business_id)
    rules = tuple(list_shipping_rules())
    shipping = next((rule for rule in rules if rule.method_id == cart.shipping_method_id), None)
    ship_to = _find(addresses, cart.shipping_address_id)
    if assumes_usual:
        shipping, ship_to = shipping or next(iter(rules), None), ship_to or next(iter(addresses), None)
    place = Place(ship_to.state, ship_to.postal_code) if ship_to else None
    quote = build_quote(
        load_wanted(cart.id, business_id),
        load_buyer(business_id, is_first_order(business_id, besides.id if besides else None)),
        load_delivery(shipping, place),
        shop_today(now),
    )
    return Checkout(
        user=user,
        business=business,
        addresses=addresses,
        shipping_rules=rules,
        shipping=shipping,
        ship_to=ship_to,
        bill_to=_billing(addresses, billing_address_id or cart.billing_address_id, ship_to),
        quote=quote,
    )


def list_addresses(business_id: int) -> tuple[Address, ...]:
    """The business's address book without what it archived, the default ones first."""
    query = db.select(Address).where(Address.business_id == business_id, Address.archived_at.is_(None))
    ordered = query.order_by(Address.is_default_shipping.desc(), Address.id)
    return tuple(db.session.scalars(ordered))


def _find(addresses: tuple[Address, ...], address_id: int | None) -> Address | None:
    return next((each for each in addresses if each.id == address_id), None)


def _billing(
    addresses: tuple[Address, ...], address_id: int | None, ship_to: Address | None
) -> Address | None:
    """The chosen billing address; else where it ships to; else (pickup) the business's default or main one."""
    if address_id is not None:
        chosen = _find(addresses, address_id)
        if chosen is None:
            raise NotFound("That billing address is no longer in your address book.")
        return chosen
    fallback = [each for each in addresses if each.is_default_billing] + [
        each for each in addresses if each.is_main
    ]
    return ship_to or (fallback[0] if fallback else None)
