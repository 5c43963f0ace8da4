"""Two orders of one business at once on MariaDB: together they never pass its credit limit; receipts never its balance."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from app.checkout.payment_ways import CannotPayThisWay
from app.checkout.place_order import PlaceOrder, place_order
from app.extensions import db
from app.inventory.models import Stock
from app.orders.models import Order
from app.orders.payment_method import PaymentMethod
from app.payments.models import Payment
from app.payments.providers import get_gateway
from app.payments.queries import balance
from app.shared.errors import AppError
from app.shared.history import Actor
from app.shared.money import ZERO, Money
from tests.factories import make_cart, make_sku, make_user
from tests.on_account import fresh, make_account, place, receive_by_id, send_out_by_id
from tests.placing import Ready

pytestmark = pytest.mark.usefixtures("app", "square")


def another_buyer(ready: Ready) -> Ready:
    """Somebody else of the same business, with goods of their own in the cart."""
    buyer = make_user(business=ready.business)
    sku = make_sku(price=Money(1000))
    cart = make_cart(
        buyer,
        {sku: 2},
        shipping_address_id=ready.address.id,
        shipping_method_id=ready.cart.shipping_method_id,
    )
    return Ready(buyer, ready.business, ready.address, sku, cart, buyer.id, ready.business_id)


def press(ready: Ready, command: PlaceOrder) -> str:
    order = place_order(
        command,
        user_id=ready.user_id,
        business_id=ready.business_id,
        actor=Actor(ready.user_id, "Ada Palmer"),
        gateway=get_gateway("terms"),
        settle_after=timedelta(minutes=2),
    )
    return str(order.number)


def test_orders_at_once_do_not_pass_the_limit_together(at_once: Callable[..., list[Any]]) -> None:
    first = make_account(limit=Money(8000))
    buyers = [first, *(another_buyer(first) for _ in range(4))]
    commands = [each.command("", payment_method=PaymentMethod.TERMS) for each in buyers]
    results = at_once(*[lambda r=r, c=c: press(r, c) for r, c in zip(buyers, commands, strict=True)])
    refused = [each for each in results if isinstance(each, CannotPayThisWay)]
    assert len(refused) == 3, results
    orders = list(db.session.scalars(db.select(Order)))
    assert Money.total(each.total_cents for each in orders) == Money(7000)
    assert sum(row.reserved for row in db.session.scalars(db.select(Stock))) == 4


def test_one_check_pressed_five_times_is_one_receipt(at_once: Callable[..., list[Any]]) -> None:
    order = place(make_account())
    order_id = order.id
    key = str(uuid4())
    results = at_once(*[lambda: receive_by_id(order_id, Money(1000), key=key).id] * 5)
    assert len(set(results)) == 1, results
    assert balance(fresh(order)) == Money(2500)


def test_two_checks_at_once_do_not_pay_an_order_twice(at_once: Callable[..., list[Any]]) -> None:
    order = place(make_account())
    order_id = order.id
    results = at_once(*[lambda: receive_by_id(order_id, Money(2000)).id] * 3)
    assert sum(isinstance(each, AppError) for each in results) == 2, results
    assert balance(fresh(order)) == Money(1500)
    assert len(list(db.session.scalars(db.select(Payment)))) == 2


def test_the_last_two_checks_settle_the_order_once(at_once: Callable[..., list[Any]]) -> None:
    order = place(make_account())
    order_id = order.id
    at_once(*[lambda c=cents: receive_by_id(order_id, Money(c)).id for cents in (1500, 2000)])
    settled = fresh(order)
    assert balance(settled) == ZERO
    assert settled.paid_at is not None


def test_the_first_invoices_of_a_shop_at_once_have_numbers_of_their_own(
    at_once: Callable[..., list[Any]],
) -> None:
    first = make_account()
    ids = [place(each).id for each in (first, another_buyer(first), another_buyer(first))]
    results = at_once(*[lambda o=order_id: send_out_by_id(o).invoice_number for order_id in ids])
    assert sorted(results, key=str) == ["INV-1001", "INV-1002", "INV-1003"], results
