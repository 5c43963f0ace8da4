"""Two at once on MariaDB: the shop takes money once, sells a unit once, and cancels or captures but never both."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from app.extensions import db
from app.inventory.models import Stock
from app.inventory.move import OutOfStock
from app.orders.cancel_order import cancel_own_order
from app.orders.models import Order
from app.orders.status import OrderStatus
from app.outbox.later import ComeBackLater
from app.payments.capture_payment import capture_payment
from app.payments.models import Payment
from app.payments.providers import get_gateway
from app.payments.release_payment import release_payment
from app.payments.status import PaymentStatus
from app.shared import clock
from app.shared.errors import Conflict, RulesBroken
from app.shared.history import Actor
from sandbox.square import SquareServer
from tests.factories import make_shop, make_sku
from tests.placing import ledger, make_ready, payments_of, press

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
