"""Change how many of a line the buyer wants."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.businesses.access import Viewer
from app.carts.item import require_changeable
from app.carts.open_cart import get_own_line, lock_open_cart, price_now, touch
from app.shared.transaction import retry_lost_races, transaction


@dataclass(frozen=True, slots=True)
class ChangeQuantity:
    """The line and the units wanted of it; `typed` is what stood in the box."""

    line_id: int
    quantity: int
    typed: str = ""


@dataclass(frozen=True, slots=True)
class Changed:
    """The line as it is now."""

    name: str
    quantity: int


@retry_lost_races
def change_quantity(command: ChangeQuantity, *, viewer: Viewer, now: datetime) -> Changed:
    """WrongQuantity names the right ones beside it and changes nothing; NotFound for a line that is not one's own."""
    with transaction():
        cart = lock_open_cart(viewer.user_id, now)
        line, item = get_own_line(cart, command.line_id)
        require_changeable(item, command.quantity, command.typed, knows_stock=viewer.sees_prices)
        if line.quantity != command.quantity:
            line.quantity = command.quantity
            line.seen_price_cents = price_now(item, command.quantity, viewer)
            touch(cart, now)
        return Changed(item.name, line.quantity)
