"""Write the order as copies of what the buyer saw, inside the placing transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert

from app.businesses.models import Address
from app.carts.models import Cart
from app.checkout.load import Checkout
from app.checkout.payment_ways import BY_CARD, Way
from app.extensions import db
from app.orders.cancel_order import cancel
from app.orders.models import Order, OrderLine
from app.orders.numbers import next_order_number
from app.orders.status import OrderStatus
from app.pricing.quote import Quote, QuoteLine
from app.shared import history
from app.shared.history import Actor
from app.shared.money import ZERO


def write_order(
    checkout: Checkout,
    cart: Cart,
    retried: Order | None,
    *,
    way: Way = BY_CARD,
    token: str,
    actor: Actor,
    now: datetime,
) -> Order:
    """A new order, or the declined one again when its cart is unchanged; a changed cart's old order is cancelled."""
    if retried is not None and retried.cart_version != cart.version:
        cancel(retried, actor=actor, now=now, reason="The cart was changed after the card was declined")
        retried = None
    if retried is not None:
        retried.move_to(OrderStatus.PENDING, actor=actor, at=now)
        return _renew(retried, checkout, cart, way, token)
    order = Order(number=next_order_number(), status=OrderStatus.PENDING, placed_at=now, version=1)
    _fill(order, checkout, cart, way, token)
    db.session.add(order)
    db.session.flush()
    _add_lines(order, checkout.quote)
    history.record("order", order.id, "placed", actor=actor, at=now, to_status=order.status)
    return order


def _renew(order: Order, checkout: Checkout, cart: Cart, way: Way, token: str) -> Order:
    """The same order with another card or way to pay: prices and rules as they are today, its lines written anew."""
    order.version += 1
    _fill(order, checkout, cart, way, token)
    db.session.execute(delete(OrderLine).where(OrderLine.order_id == order.id))
    _add_lines(order, checkout.quote)
    return order


def _fill(order: Order, checkout: Checkout, cart: Cart, way: Way, token: str) -> None:
    quote, shipping = checkout.quote, checkout.shipping
    if shipping is None or checkout.bill_to is None or quote.tax is None:
        raise ValueError("a quote without violations knows its shipping, its billing address and its tax")
    order.checkout_token = token
    order.business_id, order.user_id = checkout.business.id, checkout.user.id
    order.cart_id, order.cart_version = cart.id, cart.version
    order.business_name = checkout.business.display_name
    order.buyer_name, order.buyer_email = checkout.user.name, checkout.user.email
    order.is_pickup = shipping.is_pickup
    order.ship_to = {} if shipping.is_pickup or checkout.ship_to is None else copy_address(checkout.ship_to)
    order.bill_to = copy_address(checkout.bill_to)
    order.shipping_code, order.shipping_name = shipping.code, shipping.name
    order.payment_method, order.terms_days = way.method, way.terms_days
    order.po_number, order.note = cart.po_number, cart.note
    order.subtotal_cents, order.shipping_cents = quote.subtotal, quote.shipping_price
    order.tax_cents, order.shipping_tax_cents = quote.tax or ZERO, quote.shipping_tax
    order.total_cents = quote.total
    order.tax_reason = quote.tax_reason
    order.exempt_certificate_id = quote.exempt_certificate_id


def _add_lines(order: Order, quote: Quote) -> None:
    """All in one statement: the counter of order numbers is locked by now, and the next buyer waits for it."""
    lines = [_line(order.id, position, each) for position, each in enumerate(quote.lines, start=1)]
    db.session.execute(insert(OrderLine), lines)


def _line(order_id: int, position: int, quoted: QuoteLine) -> dict[str, Any]:
    wanted = quoted.wanted
    return {
        "order_id": order_id,
        "position": position,
        "sku_id": wanted.sku_id,
        "sku_code": wanted.code,
        "product_name": wanted.product_name,
        "options_label": wanted.options_label,
        "case_pack": wanted.case_pack,
        "quantity": wanted.quantity,
        "ordered_quantity": wanted.quantity,
        "unit_price_cents": quoted.unit_price,
        "line_total_cents": quoted.line_total,
        "tax_rate": quoted.tax_rate,
        "tax_cents": quoted.tax,
    }


def copy_address(address: Address) -> dict[str, Any]:
    """The address as the order keeps it: later changes in the book rewrite no past."""
    fields = ("recipient", "line1", "line2", "city", "state", "postal_code", "phone")
    return {name: getattr(address, name) for name in fields}
