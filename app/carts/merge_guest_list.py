"""Signing in turns the guest's list into part of the buyer's cart."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from app.businesses.access import Viewer
from app.carts.add_to_cart import MOST_LINES
from app.carts.models import CartLine
from app.carts.open_cart import lock_open_cart, touch
from app.carts.wanted import list_items_of, price_items
from app.extensions import db
from app.pricing.tiers import unit_price
from app.shared.transaction import retry_lost_races, transaction


@retry_lost_races
def merge_guest_list(quantities: Mapping[int, int], *, viewer: Viewer, now: datetime) -> int:
    """Put the list (units by sku id) into the cart of whoever signed in; returns how many items came in or grew.

    Where both hold a sku the larger quantity wins: adding them up would double a list that was made twice. What is no
    longer sold is left behind. Quantities the stock cannot meet come along; the cart says so.
    """
    if not quantities or viewer.user_id is None:
        return 0
    with transaction():
        cart = lock_open_cart(viewer.user_id, now)
        by_sku = {
            line.sku_id: line for line in db.session.scalars(db.select(CartLine).filter_by(cart_id=cart.id))
        }
        items = [item for item in list_items_of(dict(quantities)) if item.is_sold]
        prices = {}
        if viewer.sees_prices:
            wanted = price_items(items, viewer.price_list_id)
            prices = {each.sku_id: unit_price(each.price, each.quantity) for each in wanted}
        merged = 0
        for item in items:
            line = by_sku.get(item.sku_id)
            if line is None and len(by_sku) < MOST_LINES:
                line = CartLine(cart_id=cart.id, sku_id=item.sku_id, quantity=0, added_at=now)
                by_sku[item.sku_id] = line
                db.session.add(line)
            if line is not None and line.quantity < item.quantity:
                line.quantity = item.quantity
                line.seen_price_cents = prices.get(item.sku_id)
                merged += 1
        if merged:
            touch(cart, now)
        return merged
