"""Take a line out of the cart. Nobody is asked first: it can be put back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.carts.open_cart import get_own_line, lock_open_cart, touch
from app.extensions import db
from app.shared.transaction import retry_lost_races, transaction


@dataclass(frozen=True, slots=True)
class Removed:
    """What restore_line needs to put it back."""

    sku_id: int
    name: str
    quantity: int


@retry_lost_races
def remove_line(line_id: int, *, user_id: int, now: datetime) -> Removed:
    """Remove one's own line; NotFound for any other."""
    with transaction():
        cart = lock_open_cart(user_id, now)
        line, item = get_own_line(cart, line_id)
        removed = Removed(item.sku_id, item.name, line.quantity)
        db.session.delete(line)
        touch(cart, now)
        return removed
