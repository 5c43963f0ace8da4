"""The link against itself, the checkout, a cancellation and the clock, at once on MariaDB: one card, one end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from app.carts.models import Cart, CartStatus
from app.extensions import db
from app.inventory.models import Stock
from app.orders.cancel_abandoned import cancel_abandoned
from app.orders.cancel_order import cancel_order
from app.orders.models import Order
from app.orders.status import OrderStatus
from app.outbox.later import ComeBackLater
from app.pay.pay_order import PayOrder, pay_order
from app.payments.act_on_holds import act_on_holds
from app.payments.capture_payment import capture_payment
from app.payments.gateway import Declined
from app.payments.models import Payment
from app.payments.payable import find_standing
from app.payments.providers import get_gateway
from app.payments.release_payment import release_payment
from app.payments.status import PaymentStatus
from app.shared import clock
from app.shared.errors import Conflict
from app.shared.history import Actor
from app.shared.transaction import transaction
from app.shop.models import CaptureRule, HoldRule, ShopFacts
from sandbox.square import SquareServer
from tests.placing import CARD_DECLINED, CARD_OK, Ready, ledger, make_ready, payments_of, press

pytestmark = pytest.mark.usefixtures("app", "square")

AtOnce = Callable[..., list[Any]]
PAYER = Actor.system("Payment link")
WORKER = Actor.system("test worker")
STALE = timedelta(minutes=5)
_O = OrderStatus


def make_failed() -> tuple[Ready, PayOrder]:
    """A buyer whose card was declined, and what the page behind the link would send now."""
    ready = make_ready()
    with pytest.raises(Declined):
        press(ready, ready.command(CARD_DECLINED))
    order = db.session.scalars(db.select(Order)).one()
    standing = find_standing(order)
    command = PayOrder(order_id=order.id, shown_amount=standing.owed, after=standing.newest, source=CARD_OK)
    db.session.rollback()
    return ready, command


def pay(command: PayOrder) -> int:
    gateway, settle_after = get_gateway("square"), timedelta(minutes=2)
    return pay_order(command, actor=PAYER, gateway=gateway, settle_after=settle_after).id


def the_order() -> Order:
    db.session.rollback()
    db.session.expire_all()
    return db.session.scalars(db.select(Order)).one()


def held_at(square: SquareServer) -> list[str]:
    return [each["status"] for each in ledger(square) if each["status"] != "FAILED"]


def stock_of(ready: Ready) -> tuple[int, int]:
    row = db.session.get_one(Stock, ready.sku.id, populate_existing=True)
    return row.available, row.reserved


def test_ten_presses_on_a_link_at_once_ask_one_card(at_once: AtOnce, square: SquareServer) -> None:
    ready, command = make_failed()
    results = at_once(*[lambda: pay(command)] * 10)
    assert set(results) == {command.order_id}, results
    assert held_at(square) == ["APPROVED"]
    assert (the_order().status, stock_of(ready)) == (_O.PAYMENT_PENDING, (98, 2))


def test_the_link_and_the_checkout_at_once_pay_the_same_order_once(
    at_once: AtOnce, square: SquareServer
) -> None:
    ready, command = make_failed()
    placing = ready.command()
    results = at_once(*[lambda: pay(command), lambda: press(ready, placing).id] * 3)
    assert set(results) == {command.order_id}, results
    assert held_at(square) == ["APPROVED"]
    assert (the_order().status, stock_of(ready)) == (_O.PAYMENT_PENDING, (98, 2))
    cart = db.session.get_one(Cart, ready.cart.id, populate_existing=True)
    assert cart.status is CartStatus.ORDERED


def test_the_link_against_a_cancellation_ends_one_way_with_nothing_held_in_vain(
    at_once: AtOnce, square: SquareServer
) -> None:
    ready, command = make_failed()

    def cancel() -> str:
        return cancel_order(
            command.order_id, actor=WORKER, now=clock.now(), reason="Sold elsewhere"
        ).status.value

    results = at_once(lambda: pay(command), cancel)
    assert not [each for each in results if isinstance(each, Exception)], results
    order = the_order()
    assert order.status is _O.CANCELLED
    release_payment(order.id, gateway=get_gateway(), stale_after=STALE, actor=WORKER)
    assert set(held_at(square)) <= {"CANCELED"}
    assert stock_of(ready) == (100, 0)


def test_the_link_against_the_job_that_cancels_what_nobody_paid(
    at_once: AtOnce, square: SquareServer
) -> None:
    ready, command = make_failed()
    later = clock.now() + timedelta(days=8)

    def sweep() -> int:
        return cancel_abandoned(older_than=timedelta(days=7), actor=WORKER, now=later)

    results = at_once(lambda: pay(command), sweep)
    assert not [each for each in results if isinstance(each, Exception)], results
    order = the_order()
    if order.status is _O.CANCELLED:
        assert (held_at(square), stock_of(ready)) == ([], (100, 0))
    else:
        assert order.status is _O.PAYMENT_PENDING
        assert (held_at(square), stock_of(ready)) == (["APPROVED"], (98, 2))


def test_charging_against_letting_go_by_the_clock_does_one_of_both(
    at_once: AtOnce, square: SquareServer
) -> None:
    ready = make_ready()
    with transaction():
        shop = db.session.get_one(ShopFacts, 1)
        shop.capture_rule, shop.hold_rule = CaptureRule.BY_HAND, HoldRule.RELEASE
    order_id = press(ready).id
    [payment] = payments_of(the_order())
    payment_id, soon = payment.id, clock.now() + timedelta(days=6, hours=20)
    db.session.rollback()

    def capture() -> None:
        capture_payment(payment_id, gateway=get_gateway(), stale_after=STALE, actor=WORKER)

    results = at_once(capture, lambda: act_on_holds(actor=WORKER, now=soon), capture)
    assert all(each in (None, 0, 1) or isinstance(each, ComeBackLater | Conflict) for each in results), (
        results
    )
    release_payment(order_id, gateway=get_gateway(), stale_after=STALE, actor=WORKER)
    order = the_order()
    status = db.session.get_one(Payment, payment_id, populate_existing=True).status
    if order.status is _O.PAYMENT_FAILED:
        assert (status, held_at(square), stock_of(ready)) == (PaymentStatus.VOIDED, ["CANCELED"], (100, 0))
    else:
        assert order.status is _O.PAID
        assert (status, held_at(square), stock_of(ready)) == (PaymentStatus.CAPTURED, ["COMPLETED"], (98, 2))
