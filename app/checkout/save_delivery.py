"""Keep on the cart what the buyer chose: it stays across screens, devices and declined cards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.businesses.models import Address
from app.carts.models import Cart, CartStatus
from app.extensions import db
from app.shared.errors import AppError, Conflict
from app.shared.transaction import lock, retry_lost_races, transaction
from app.shop.models import ShippingKind, ShippingMethod


@dataclass(frozen=True, kw_only=True)
class SaveDelivery:
    """Where to, how, and the buyer's own references. No address is needed for a pickup."""

    shipping_method_id: int
    shipping_address_id: int | None
    po_number: str = ""
    note: str = ""


@retry_lost_races
def save_delivery(command: SaveDelivery, *, user_id: int, business_id: int, now: datetime) -> None:
    """AppError names the field when method or address is not (or no longer) to be had; Conflict without an open cart."""
    with transaction():
        cart_id = db.session.scalars(db.select(Cart.id).filter_by(open_user_id=user_id)).one_or_none()
        if cart_id is None:
            raise Conflict("Your cart is empty.")
        cart = lock(Cart, cart_id)
        if cart.status is not CartStatus.OPEN or cart.placing_order_id is not None:
            raise Conflict("This order is being placed already. See your orders.")
        method = db.session.get(ShippingMethod, command.shipping_method_id)
        if method is None or not method.is_active:
            raise AppError("Choose how the order should reach you.", "shipping_method")
        cart.shipping_method_id = method.id
        if method.kind is not ShippingKind.PICKUP or command.shipping_address_id is not None:
            cart.shipping_address_id = _own_address(command.shipping_address_id, business_id).id
        cart.po_number = " ".join(command.po_number.split())[:40]
        cart.note = command.note.strip()[:2000]
        cart.touched_at = now


def _own_address(address_id: int | None, business_id: int) -> Address:
    query = db.select(Address).filter_by(id=address_id, business_id=business_id, archived_at=None)
    address: Address | None = db.session.scalars(query).one_or_none()
    if address is None:
        raise AppError("Choose the address it should go to.", "address")
    return address
