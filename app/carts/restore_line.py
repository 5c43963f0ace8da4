"""Put a removed line back as it was, even if it could not be added like this today: the cart says what is wrong."""

from __future__ import annotations

from datetime import datetime

from app.businesses.access import Viewer
from app.carts.additions import GONE
from app.carts.models import CartLine
from app.carts.open_cart import lock_open_cart, price_now, touch
from app.carts.wanted import list_items_of
from app.catalog.quantities import MOST_UNITS
from app.extensions import db
from app.shared.errors import NotFound
from app.shared.transaction import retry_lost_races, transaction


@retry_lost_races
def restore_line(sku_id: int, quantity: int, *, viewer: Viewer, now: datetime) -> str:
    """Returns the name of what is back. A line of the same sku that is there again already stays as it is."""
    with transaction():
        cart = lock_open_cart(viewer.user_id, now)
        items = list_items_of({sku_id: quantity})
        if not items or not 1 <= quantity <= MOST_UNITS:
            raise NotFound(GONE)
        there = db.session.scalars(
            db.select(CartLine).filter_by(cart_id=cart.id, sku_id=sku_id)
        ).one_or_none()
        if there is None:
            seen = price_now(items[0], quantity, viewer)
            line = CartLine(
                cart_id=cart.id, sku_id=sku_id, quantity=quantity, seen_price_cents=seen, added_at=now
            )
            db.session.add(line)
            touch(cart, now)
        return items[0].name
