"""Steps of an order that several tests take: a buyer ready to pay, and the press of the button."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx

from app.accounts.models import User
from app.businesses.models import Address, Business
from app.carts.models import Cart
from app.catalog.models import Sku
from app.checkout.load import load_checkout
from app.checkout.place_order import PlaceOrder, place_order
from app.extensions import db
from app.orders.models import Order
from app.payments.models import Payment
from app.payments.providers import get_gateway
from app.shared import clock
from app.shared.history import Actor
from app.shared.money import Money
from sandbox.square import SquareServer
from sandbox.square.faults import Fault
from tests.factories import (
    make_address,
    make_business,
    make_cart,
    make_shipping_method,
    make_shop,
    make_sku,
    make_user,
)

CARD_OK = "cnon:card-nonce-ok"
CARD_DECLINED = "cnon:card-nonce-declined"


@dataclass
class Ready:
    """A buyer with a cart that can be placed: two units at $10.00, shipped for $15.00, untaxed."""

    buyer: User
    business: Business
    address: Address
    sku: Sku
    cart: Cart
    user_id: int
    business_id: int

    def command(self, source: str = CARD_OK, **changes: object) -> PlaceOrder:
        """What the review page would send now."""
        db.session.refresh(self.cart)
        checkout = load_checkout(self.cart, self.business.id, clock.now())
        values = {
            "checkout_token": self.cart.checkout_token,
            "shown_total": checkout.quote.total,
            "source": source,
        }
        db.session.rollback()
        return PlaceOrder(**(values | changes))  # type: ignore[arg-type]


def make_ready(*, stock: int = 100, quantity: int = 2, sku: Sku | None = None) -> Ready:
    if sku is None:
        make_shop()
        sku = make_sku(price=Money(1000), stock=stock)
    business = make_business()
    address = make_address(business)
    buyer = make_user(business=business)
    cart = make_cart(
        buyer,
        {sku: quantity},
        shipping_address_id=address.id,
        shipping_method_id=make_shipping_method().id,
        po_number="PO-77",
    )
    return Ready(buyer, business, address, sku, cart, buyer.id, business.id)


def press(ready: Ready, command: PlaceOrder | None = None) -> Order:
    """Place the order as the route does; with a command at hand it touches no row of the test, so threads may press."""
    return place_order(
        command or ready.command(),
        user_id=ready.user_id,
        business_id=ready.business_id,
        actor=Actor(ready.user_id, "Ada Palmer"),
        gateway=get_gateway("square"),
        settle_after=timedelta(minutes=2),
    )


def payments_of(order: Order) -> list[Payment]:
    db.session.rollback()
    db.session.expire_all()
    return list(db.session.scalars(db.select(Payment).filter_by(order_id=order.id).order_by(Payment.id)))


def break_next(square: SquareServer, call: str, kind: str, moment: str = "before", **more: Any) -> None:
    """Let the next such call to the look-alike go wrong; see sandbox/square/faults.py for kinds and moments."""
    square.office.faults.add(Fault(call=call, kind=kind, moment=moment, count=1, **more))


def ledger(square: SquareServer) -> list[dict[str, Any]]:
    """What Square has on its books: payments, oldest first."""
    answer = httpx.get(f"{square.url}/_control/ledger", timeout=5)
    return sorted(answer.json()["payments"], key=lambda payment: payment["created_at"])
