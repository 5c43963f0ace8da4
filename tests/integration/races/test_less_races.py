"""Two at once on MariaDB about less: a line is refunded once, and a hold is taken for what the order comes to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from app.extensions import db
from app.inventory.models import Stock
from app.orders.cancel_order import cancel_order
from app.orders.models import Order, OrderLine
from app.orders.shorten_order import Shorter
from app.orders.status import OrderStatus
from app.outbox.later import ComeBackLater
from app.payments.capture_payment import capture_payment
from app.payments.close_refund import close_failed_refund
from app.payments.models import Payment, Refund
from app.payments.providers import get_gateway
from app.payments.queries import balance, refundable
from app.payments.refund_payment import RefundPayment, put_refunded_on_the_shelf, refund_payment
from app.payments.release_payment import release_payment
from app.payments.send_refund_again import send_refund_again
from app.payments.shorten_order import ShortenOrder, shorten_order
from app.payments.status import PaymentStatus, RefundKind, RefundStatus
from app.shared import clock
from app.shared.errors import Conflict
from app.shared.history import Actor, list_history
from app.shared.money import ZERO, Money
from app.shared.transaction import transaction
from sandbox.square import SquareServer
from tests.placing import ledger, make_ready, payments_of, press

pytestmark = pytest.mark.usefixtures("app", "square")

WORKER = Actor.system("test worker")
STALE = timedelta(minutes=5)
AtOnce = Callable[..., list[Any]]


@pytest.fixture
def placed() -> tuple[int, int, int]:
    """Twelve units at $10.00, shipped for $15.00, held on a card: ids of order, payment and line."""
    order = press(make_ready(quantity=12))
    [payment] = payments_of(order)
    line_id = db.session.scalars(db.select(OrderLine.id)).one()
    ids = (order.id, payment.id, line_id)
    db.session.rollback()
    return ids


def capture(payment_id: int) -> None:
    capture_payment(payment_id, gateway=get_gateway(), stale_after=STALE, actor=WORKER)


def shorten_to(order_id: int, line_id: int, quantity: int) -> None:
    change = Shorter(line_id=line_id, quantity=quantity, reason="Damaged")
    shorten_order(ShortenOrder(order_id=order_id, lines=[change]), actor=WORKER, now=clock.now())


def ask(ids: tuple[int, int, int], **changes: Any) -> RefundPayment:
    order_id, payment_id, line_id = ids
    values = {"kind": RefundKind.LINES, "units": {line_id: 8}, "reason": "Broken"} | changes
    return RefundPayment(order_id=order_id, payment_id=payment_id, **values)


def test_two_staff_who_refund_the_same_line_at_once_refund_it_once(
    at_once: AtOnce, placed: tuple[int, int, int]
) -> None:
    capture(placed[1])
    command = ask(placed)
    results = at_once(*[lambda: refund_payment(command, actor=WORKER, now=clock.now()).id] * 3)
    assert [type(each) is int for each in results].count(True) == 1, results
    assert all(isinstance(each, (int, Conflict)) for each in results), results
    db.session.rollback()
    assert list(db.session.scalars(db.select(Refund.amount_cents))) == [Money(8000)]


def test_amounts_that_are_refunded_at_once_never_come_to_more_than_was_taken(
    at_once: AtOnce, placed: tuple[int, int, int]
) -> None:
    capture(placed[1])
    command = ask(placed, kind=RefundKind.AMOUNT, amount=Money(5000), units={})
    results = at_once(*[lambda: refund_payment(command, actor=WORKER, now=clock.now()).id] * 5)
    assert [isinstance(each, int) for each in results].count(True) == 2, results
    db.session.rollback()
    assert refundable(db.session.get_one(Payment, placed[1])) == Money(3500)


@pytest.mark.parametrize("round_number", range(5))
def test_shorten_against_capture_takes_what_the_order_comes_to(
    at_once: AtOnce, placed: tuple[int, int, int], square: SquareServer, round_number: int
) -> None:
    order_id, payment_id, line_id = placed
    captured, shortened = at_once(lambda: capture(payment_id), lambda: shorten_to(order_id, line_id, 10))
    assert captured is None or isinstance(captured, ComeBackLater), captured
    db.session.rollback()
    order, payment = db.session.get_one(Order, order_id), db.session.get_one(Payment, payment_id)
    assert payment.status is PaymentStatus.CAPTURED
    assert ledger(square)[0]["total_money"]["amount"] == payment.amount_cents.cents
    assert balance(order) == ZERO
    back = Money.total(db.session.scalars(db.select(Refund.amount_cents)))
    if isinstance(shortened, Conflict):
        assert (order.total_cents, payment.amount_cents, back) == (Money(13500), Money(13500), ZERO)
    else:
        assert shortened is None, shortened
        assert order.total_cents == Money(11500)
        assert payment.amount_cents - back == Money(11500)
    stock = db.session.scalars(db.select(Stock)).one()
    assert stock.reserved == db.session.get_one(OrderLine, line_id).quantity


@pytest.mark.parametrize("round_number", range(3))
def test_shorten_against_cancel_leaves_every_unit_on_the_shelf(
    at_once: AtOnce, placed: tuple[int, int, int], round_number: int
) -> None:
    order_id, _, line_id = placed
    at_once(
        lambda: shorten_to(order_id, line_id, 10),
        lambda: cancel_order(order_id, actor=WORKER, now=clock.now(), reason="Given up"),
    )
    release_payment(order_id, gateway=get_gateway(), stale_after=STALE, actor=WORKER)
    db.session.rollback()
    assert db.session.get_one(Order, order_id).status is OrderStatus.CANCELLED
    stock = db.session.scalars(db.select(Stock)).one()
    assert (stock.available, stock.reserved) == (100, 0)


def test_a_failed_refund_is_sent_again_once_however_often_the_button_is_pressed(
    at_once: AtOnce, placed: tuple[int, int, int]
) -> None:
    capture(placed[1])
    refund_id = refund_payment(ask(placed), actor=WORKER, now=clock.now()).id
    with transaction():
        db.session.get_one(Refund, refund_id).move_to(RefundStatus.REJECTED, actor=WORKER, at=clock.now())
    results = at_once(*[lambda: send_refund_again(refund_id, actor=WORKER, now=clock.now()).id] * 4)
    assert [isinstance(each, int) for each in results].count(True) == 1, results
    assert all(isinstance(each, (int, Conflict)) for each in results), results


def _rejected(placed: tuple[int, int, int]) -> int:
    capture(placed[1])
    refund_id = refund_payment(ask(placed), actor=WORKER, now=clock.now()).id
    with transaction():
        db.session.get_one(Refund, refund_id).move_to(RefundStatus.REJECTED, actor=WORKER, at=clock.now())
    db.session.rollback()
    return refund_id


def test_of_staff_who_close_a_refund_at_once_one_wins_and_is_the_one_on_the_row(
    at_once: AtOnce, placed: tuple[int, int, int]
) -> None:
    refund_id = _rejected(placed)

    def closes(name: str) -> Callable[[], str]:
        actor = Actor.system(name)
        return lambda: (
            close_failed_refund(refund_id, reason=f"Says {name}", actor=actor, now=clock.now()).close_reason
            or ""
        )

    results = at_once(*[closes(name) for name in ("Ann", "Bea", "Cem", "Dot")])
    [won] = [each for each in results if isinstance(each, str)]
    assert all(isinstance(each, (str, Conflict)) for each in results), results
    db.session.rollback()
    assert db.session.get_one(Refund, refund_id).close_reason == won
    told = [each for each in list_history("refund", refund_id) if each.event == "closed"]
    assert [(each.actor_name, each.reason) for each in told] == [(won.removeprefix("Says "), won)]


@pytest.mark.parametrize("round_number", range(5))
def test_a_refund_is_closed_or_sent_again_and_never_both(
    at_once: AtOnce, placed: tuple[int, int, int], round_number: int
) -> None:
    refund_id = _rejected(placed)
    again, closed = at_once(
        lambda: send_refund_again(refund_id, actor=WORKER, now=clock.now()).id,
        lambda: close_failed_refund(refund_id, reason="Settled", actor=WORKER, now=clock.now()).id,
    )
    assert sorted(isinstance(each, Conflict) for each in (again, closed)) == [False, True], (again, closed)
    db.session.rollback()
    is_replaced = (
        db.session.scalars(db.select(Refund.id).filter_by(replaces_id=refund_id)).first() is not None
    )
    assert is_replaced == (db.session.get_one(Refund, refund_id).closed_at is None)


def test_units_go_back_on_the_shelf_once_however_many_put_them_there(
    at_once: AtOnce, placed: tuple[int, int, int]
) -> None:
    order_id, payment_id, line_id = placed
    capture(payment_id)
    refund_id = refund_payment(ask(placed), actor=WORKER, now=clock.now()).id
    with transaction():
        order = db.session.get_one(Order, order_id)
        for status in (OrderStatus.PROCESSING, OrderStatus.SHIPPED):
            order.move_to(status, actor=WORKER, at=clock.now())
        stock = db.session.scalars(db.select(Stock)).one()
        stock.reserved, stock.shipped = 0, 12
    db.session.rollback()

    def put_back() -> int:
        return put_refunded_on_the_shelf(refund_id, {line_id: 8}, actor=WORKER, now=clock.now()).id

    results = at_once(*[put_back] * 3)
    assert [isinstance(each, int) for each in results].count(True) == 1, results
    db.session.rollback()
    db.session.expire_all()
    stock = db.session.scalars(db.select(Stock)).one()
    assert (stock.available, stock.shipped) == (96, 4)
