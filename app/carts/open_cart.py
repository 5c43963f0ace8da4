"""A buyer's one open cart, locked for a change. Each runs inside the caller's transaction."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam
from sqlalchemy.exc import IntegrityError

from app.businesses.access import Viewer
from app.carts.item import CartItem
from app.carts.models import Cart, CartLine
from app.carts.wanted import list_lines
from app.extensions import db
from app.pricing.queries import list_breaks_for
from app.pricing.tiers import SkuPrice, unit_price
from app.shared.errors import Conflict, NotFound
from app.shared.money import Money

_OPEN_CART = (
    db.select(Cart)
    .where(Cart.open_user_id == bindparam("user_id"))
    .with_for_update()
    .execution_options(populate_existing=True)
)


def lock_open_cart(user_id: int | None, now: datetime) -> Cart:
    """The buyer's open cart, made if there is none; Conflict while an order is being placed from it."""
    if user_id is None:
        raise ValueError("a guest has a list, not a cart")
    cart = _lock(user_id) or _make(user_id, now)
    if cart.placing_order_id is not None:
        raise Conflict(
            "Your order is being placed right now, so your cart cannot change. Try again in a minute."
        )
    return cart


def touch(cart: Cart, now: datetime) -> None:
    """Note that the lines changed: a card tried again on this cart then belongs to a new order."""
    cart.version += 1
    cart.touched_at = now


def get_own_line(cart: Cart, line_id: int) -> tuple[CartLine, CartItem]:
    """A line of this cart with its sku's facts; NotFound for anybody else's."""
    found = list_lines((CartLine.cart_id == cart.id) & (CartLine.id == line_id))
    if not found:
        raise NotFound("This is no longer in your cart.")
    return found[0]


def price_now(item: CartItem, quantity: int, viewer: Viewer) -> Money | None:
    """What a unit costs this buyer at the quantity; None for who may not see it."""
    if not viewer.sees_prices:
        return None
    breaks = list_breaks_for([item.sku_id], viewer.price_list_id)
    return unit_price(SkuPrice(item.list_price, breaks.get(item.sku_id, ())), quantity)


def _lock(user_id: int) -> Cart | None:
    """The open cart by its unique key. One that is ordered or closed while we wait for its lock is no longer found."""
    cart: Cart | None = db.session.scalars(_OPEN_CART, {"user_id": user_id}).one_or_none()
    return cart


def _make(user_id: int, now: datetime) -> Cart:
    """A new cart; another request of the same buyer may have been faster, the unique key then leads to its cart."""
    cart = Cart(user_id=user_id, open_user_id=user_id, created_at=now, touched_at=now)
    try:
        with db.session.begin_nested():
            db.session.add(cart)
    except IntegrityError:
        existing = _lock(user_id)
        if existing is None:
            raise
        return existing
    return cart
