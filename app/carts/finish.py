"""What placing an order does to its cart. Each runs inside the caller's transaction."""

from __future__ import annotations

import uuid
from datetime import datetime

from app.carts.models import Cart, CartLine, CartStatus
from app.extensions import db


def close_ordered_cart(cart_id: int | None, now: datetime) -> None:
    """The order stands: its cart is done, and the buyer's next add opens a new one."""
    cart = _find(cart_id)
    if cart is not None and cart.status is CartStatus.OPEN:
        cart.status = CartStatus.ORDERED
        cart.open_user_id = None
        cart.closed_at = now


def reopen_cart(cart_id: int | None, now: datetime) -> None:
    """The order did not come about: the cart is as it was, with a new token for the next try.

    One that was ordered already (a hold ended before it was charged) opens again; where the buyer has begun another
    cart since, its goods join that one.
    """
    cart = _find(cart_id)
    if cart is None or cart.status is CartStatus.EXPIRED:
        return
    if cart.status is CartStatus.ORDERED:
        begun = _find_begun(cart.user_id)
        if begun is not None:
            _join(cart, begun, now)
            return
        cart.status, cart.open_user_id, cart.closed_at = CartStatus.OPEN, cart.user_id, None
        cart.touched_at = now
    cart.placing_order_id = None
    cart.checkout_token = str(uuid.uuid4())


def free_cart(cart_id: int | None, order_id: int, now: datetime) -> None:
    """The order being placed from this cart was cancelled: the buyer may change the cart and order again."""
    cart = _find(cart_id)
    if cart is not None and cart.status is CartStatus.OPEN and cart.placing_order_id == order_id:
        reopen_cart(cart_id, now)


def _find_begun(user_id: int) -> Cart | None:
    query = db.select(Cart).filter_by(open_user_id=user_id).with_for_update()
    begun: Cart | None = db.session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    return begun


def _join(ordered: Cart, begun: Cart, now: datetime) -> None:
    """Copy the lines the begun cart lacks; one that is being placed this moment is left as the buyer sees it."""
    if begun.placing_order_id is not None:
        return
    there = set(db.session.scalars(db.select(CartLine.sku_id).filter_by(cart_id=begun.id)))
    lines = list(db.session.scalars(db.select(CartLine).filter_by(cart_id=ordered.id)))
    missing = [line for line in lines if line.sku_id not in there]
    for line in missing:
        copied = {"quantity": line.quantity, "seen_price_cents": line.seen_price_cents, "added_at": now}
        db.session.add(CartLine(cart_id=begun.id, sku_id=line.sku_id, **copied))
    if missing:
        begun.version += 1
        begun.touched_at = now


def _find(cart_id: int | None) -> Cart | None:
    if cart_id is None:
        return None
    query = db.select(Cart).where(Cart.id == cart_id).execution_options(populate_existing=True)
    cart: Cart | None = db.session.scalars(query).one_or_none()
    return cart
