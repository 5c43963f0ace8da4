"""What placing an order does to its cart. Each runs inside the caller's transaction."""

from __future__ import annotations

import uuid
from datetime import datetime

from app.carts.models import Cart, CartStatus
from app.extensions import db


def close_ordered_cart(cart_id: int | None, now: datetime) -> None:
    """The order stands: its cart is done, and the buyer's next add opens a new one."""
    cart = _find(cart_id)
    if cart is not None and cart.status is CartStatus.OPEN:
        cart.status = CartStatus.ORDERED
        cart.open_user_id = None
        cart.closed_at = now


def reopen_cart(cart_id: int | None) -> None:
    """The card was declined: the cart is as it was, with a new token for the next try."""
    cart = _find(cart_id)
    if cart is not None and cart.status is CartStatus.OPEN:
        cart.placing_order_id = None
        cart.checkout_token = str(uuid.uuid4())


def _find(cart_id: int | None) -> Cart | None:
    if cart_id is None:
        return None
    query = db.select(Cart).where(Cart.id == cart_id).execution_options(populate_existing=True)
    cart: Cart | None = db.session.scalars(query).one_or_none()
    return cart
