"""The buyer has seen that prices changed since things were added: from now on these are the prices seen."""

from __future__ import annotations

from datetime import datetime

from app.businesses.access import Viewer
from app.carts.models import CartLine
from app.carts.open_cart import lock_open_cart
from app.carts.wanted import list_items, price_items
from app.extensions import db
from app.pricing.tiers import unit_price
from app.shared.transaction import retry_lost_races, transaction


@retry_lost_races
def accept_prices(*, viewer: Viewer, now: datetime) -> None:
    """Write today's prices to the lines. What the cart holds does not change, and neither does its version."""
    if not viewer.sees_prices:
        return
    with transaction():
        cart = lock_open_cart(viewer.user_id, now)
        wanted = price_items(list_items(CartLine.cart_id == cart.id), viewer.price_list_id)
        prices = {each.sku_id: unit_price(each.price, each.quantity) for each in wanted}
        for line in db.session.scalars(db.select(CartLine).filter_by(cart_id=cart.id)):
            line.seen_price_cents = prices[line.sku_id]
