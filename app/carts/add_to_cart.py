"""Put skus into the buyer's cart: one, or every filled row of a list in one press."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam

from app.businesses.access import Viewer
from app.carts.additions import AddedItems, Adding, Addition
from app.carts.item import CartItem
from app.carts.models import CartLine
from app.carts.open_cart import lock_open_cart, touch
from app.carts.wanted import list_items_of
from app.extensions import db
from app.pricing.queries import list_breaks_for
from app.pricing.tiers import SkuPrice, unit_price
from app.shared.errors import AppError
from app.shared.transaction import retry_lost_races, transaction

# Far more than anybody reads; it bounds what one cart can cost.
MOST_LINES = 500

_LINES = db.select(CartLine).where(CartLine.cart_id == bindparam("cart_id"))


@retry_lost_races
def add_to_cart(additions: Sequence[Addition], *, viewer: Viewer, now: datetime) -> AddedItems:
    """Add each that can be added to the cart of somebody signed in; the others come back with the reason.

    Units join those in the cart already. The price seen is kept for who may see it. Conflict while an order is being
    placed from the cart.
    """
    with transaction():
        cart = lock_open_cart(viewer.user_id, now)
        lines = {line.sku_id: line for line in db.session.scalars(_LINES, {"cart_id": cart.id})}
        items = {item.sku_id: item for item in list_items_of({each.sku_id: 1 for each in additions})}
        breaks = list_breaks_for(items, viewer.price_list_id) if viewer.sees_prices else {}

        def put(item: CartItem, quantity: int) -> None:
            line = lines.get(item.sku_id)
            if line is None:
                line = lines[item.sku_id] = _new_line(cart.id, item, len(lines), now)
            line.quantity = quantity
            if viewer.sees_prices:
                price = SkuPrice(item.list_price, breaks.get(item.sku_id, ()))
                line.seen_price_cents = unit_price(price, quantity)

        quantities = {sku_id: line.quantity for sku_id, line in lines.items()}
        result = Adding(items, quantities, put, knows_stock=viewer.sees_prices).add_all(additions)
        if result.has_changed:
            touch(cart, now)
        return result


def _new_line(cart_id: int, item: CartItem, lines: int, now: datetime) -> CartLine:
    if lines >= MOST_LINES:
        raise AppError(f"Your cart holds {MOST_LINES} items, as many as it can. Place this order first.")
    line = CartLine(cart_id=cart_id, sku_id=item.sku_id, added_at=now)
    db.session.add(line)
    return line
