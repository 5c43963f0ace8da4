"""Two at once on MariaDB: the shop takes money once, sells a unit once, and cancels or captures but never both."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from app.extensions import db
from app.inventory.models import Stock
from app.inventory.move import OutOfStock
from app.orders.cancel_order import cancel, cancel_own_order
from app.orders.models import Order
from app.orders.status import OrderStatus
from app.outbox.later import ComeBackLater
from app.payments.capture_payment import capture_payment
from app.payments.gateway import Declined
from app.payments.models import Payment
from app.payments.providers import get_gateway
from app.payments.release_payment import release_payment
from app.payments.status import PaymentStatus
from app.shared import clock
from app.shared.errors import Conflict, RulesBroken
from app.shared.history import Actor
from app.shared.transaction import lock, transaction
from sandbox.square import SquareServer
from tests.factories import make_shop, make_sku
from tests.placing import CARD_DECLINED, ledger, make_ready, payments_of, press

pytestmark = pytest.mark.usefixtures("app", "square")

WORKER = Actor.system("test worker")
STALE = timedelta(minutes=5)


def test_ten_parallel_presses_make_one_order_and_one_authorization(
    at_once: Callable[..., list[Any]], square: SquareServer
) -> None:
    ready = make_ready()
    command = ready.command()
    results = at_once(*[lambda: press(ready, command).id] * 10)

    assert len(set(results)) == 1, results
    assert len(list(db.session.scalars(db.select(Order)))) == 1
    assert len(ledger(square)) == 1


def test_the_first_two_orders_of_a_shop_at_once_are_two_orders(at_once: Callable[..., list[Any]]) -> None:
    make_shop()
    # A sku each: the lock on a shared one would let them pass one by one.
    buyers = [make_ready(sku=make_sku(stock=100)) for _ in range(4)]
    commands = [ready.command() for ready in buyers]
    results = at_once(*[lambda r=r, c=c: press(r, c).number for r, c in zip(buyers, commands, strict=True)])
    assert sorted(results, key=str) == ["TP-1001", "TP-1002", "TP-1003", "TP-1004"]


def test_another_card_on_an_order_that_is_being_cancelled_makes_a_new_order(
    at_once: Callable[..., list[Any]],
) -> None:
    ready = make_ready()
    with pytest.raises(Declined):
        press(ready, ready.command(CARD_DECLINED))
    declined_id = db.session.scalars(db.select(Order.id)).one()
    command = ready.command()
    is_locked = threading.Event()

    def cancel_slowly() -> None:
        with transaction():
            order = lock(Order, declined_id)
            cancel(order, actor=WORKER, now=clock.now(), reason="Left alone")
            is_locked.set()
            time.sleep(0.3)

    def press_meanwhile() -> int:
        is_locked.wait(5)
        return press(ready, command).id

    results = at_once(cancel_slowly, press_meanwhile)
    assert isinstance(results[1], int), results
    assert results[1] != declined_id
    statuses = list(db.session.scalars(db.select(Order.status).order_by(Order.id)))
    assert statuses == [OrderStatus.CANCELLED, OrderStatus.PAYMENT_PENDING]


def test_the_last_unit_goes_to_one_of_two_buyers(
    at_once: Callable[..., list[Any]], square: SquareServer
) -> None:
    make_shop()
    sku = make_sku(stock=1)
    buyers = [make_ready(sku=sku, quantity=1) for _ in range(2)]
    commands = [ready.command() for ready in buyers]
    results = at_once(*[lambda r=r, c=c: press(r, c) for r, c in zip(buyers, commands, strict=True)])

    refused = [each for each in results if isinstance(each, (OutOfStock, RulesBroken))]
    assert len(refused) == 1, results
    assert len(ledger(square)) == 1
    stock = db.session.get_one(Stock, sku.id)
    assert (stock.available, stock.reserved) == (0, 1)


def test_two_workers_capture_once(at_once: Callable[..., list[Any]], square: SquareServer) -> None:
    order = press(make_ready())
    [payment] = payments_of(order)
    payment_id = payment.id
    db.session.rollback()

    def capture() -> None:
        capture_payment(payment_id, gateway=get_gateway(), stale_after=STALE, actor=WORKER)

    results = at_once(capture, capture, capture)
    assert results.count(None) >= 1
    assert all(each is None or isinstance(each, ComeBackLater) for each in results), results
    assert [each["call"] for each in square.office.calls()].count("payments.complete") == 1
    assert [each["status"] for each in ledger(square)] == ["COMPLETED"]


@pytest.mark.parametrize("round_number", range(5))
def test_capture_against_cancel_ends_in_one_of_two_whole_states(
    at_once: Callable[..., list[Any]], square: SquareServer, round_number: int
) -> None:
    ready = make_ready()
    order = press(ready)
    [payment] = payments_of(order)
    order_id, number, payment_id, business_id = order.id, order.number, payment.id, ready.business_id
    db.session.rollback()

    def capture() -> None:
        capture_payment(payment_id, gateway=get_gateway(), stale_after=STALE, actor=WORKER)

    def cancel() -> None:
        cancel_own_order(number, business_id, actor=WORKER, now=clock.now())

    def release() -> None:
        release_payment(order_id, gateway=get_gateway(), stale_after=STALE, actor=WORKER)

    at_once(capture, cancel)
    release()
    release()
    db.session.rollback()
    ended = db.session.get_one(Order, order_id)
    paid = db.session.get_one(Payment, payment_id)
    assert ended.status is OrderStatus.CANCELLED
    assert paid.status in {PaymentStatus.VOIDED, PaymentStatus.CAPTURED}
    if paid.status is PaymentStatus.CAPTURED:
        refunds = db.session.execute(db.text("SELECT amount_cents FROM refunds")).scalars().all()
        assert refunds == [3500]
    else:
        assert [each["status"] for each in ledger(square)] == ["CANCELED"]


def test_cancelling_twice_at_once_cancels_once(at_once: Callable[..., list[Any]]) -> None:
    ready = make_ready()
    number, business_id = press(ready).number, ready.business_id
    db.session.rollback()

    def cancel() -> str:
        return cancel_own_order(number, business_id, actor=WORKER, now=clock.now()).status.value

    results = at_once(cancel, cancel)
    assert results.count("cancelled") == 1
    assert [type(each) for each in results].count(Conflict) == 1
    stock = db.session.get_one(Stock, ready.sku.id)
    assert (stock.available, stock.reserved) == (100, 0)
