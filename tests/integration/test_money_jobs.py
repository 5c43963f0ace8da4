"""Capture, cancel, refund and lapse, through the outbox, against the look-alike."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from app.extensions import db
from app.inventory.models import Stock
from app.orders.cancel_order import cancel_order, cancel_own_order
from app.orders.fulfil_order import ship_order, start_processing
from app.orders.models import Order
from app.orders.status import OrderStatus
from app.outbox.kinds import Kind
from app.outbox.models import OutboxRow
from app.payments.models import Payment, Refund
from app.payments.providers import get_gateway
from app.payments.status import PaymentStatus, RefundStatus
from app.shared import clock
from app.shared.errors import AppError, Conflict, NotFound
from app.shared.history import Actor
from app.shared.money import Money
from app.shared.transaction import transaction
from app.shop.models import CaptureRule, ShopFacts
from sandbox.square import SquareServer
from tests.mailbox import Mails
from tests.placing import Ready, break_next, ledger, make_ready, payments_of, press

pytestmark = pytest.mark.usefixtures("app", "square")

BUYER = Actor.system("buyer")
RunJobs = Callable[..., list[Kind]]


def fresh(order: Order) -> Order:
    db.session.rollback()
    db.session.expire_all()
    return db.session.get_one(Order, order.id)


def set_rule(rule: CaptureRule) -> None:
    with transaction():
        db.session.get_one(ShopFacts, 1).capture_rule = rule


def cancel(ready: Ready, order: Order) -> None:
    cancel_own_order(order.number, ready.business_id, actor=BUYER, now=clock.now())


def test_capture_makes_the_order_paid_and_tells_buyer_and_staff(
    run_jobs: RunJobs, mails: Mails, square: SquareServer
) -> None:
    ready = make_ready()
    order = press(ready)
    run_jobs()

    assert fresh(order).status is OrderStatus.PAID
    assert payments_of(order)[0].status is PaymentStatus.CAPTURED
    assert [each["status"] for each in ledger(square)] == ["COMPLETED"]
    subjects = [mail.subject for mail in mails.to(ready.buyer.email)]
    assert len(subjects) == 2, subjects
    assert any("receipt" in subject.lower() for subject in subjects)
    assert order.number in mails.last_to("staff@shop.example").subject


def test_running_the_capture_again_charges_nothing_more(
    run_jobs: RunJobs, square: SquareServer, mails: Mails
) -> None:
    order = press(make_ready())
    run_jobs()
    with transaction():
        row = db.session.scalars(db.select(OutboxRow).filter_by(kind=Kind.PAYMENT_CAPTURE)).one()
        row.closed_at, row.due_at = None, clock.now()
    run_jobs()
    assert [each["call"] for each in square.office.calls()].count("payments.complete") == 1
    assert fresh(order).status is OrderStatus.PAID


def test_a_capture_whose_answer_was_lost_asks_first_and_does_not_charge_twice(
    run_jobs: RunJobs, square: SquareServer, mails: Mails
) -> None:
    order = press(make_ready())
    break_next(square, "payments.complete", "500", "after")
    run_jobs(may_fail=True)
    assert payments_of(order)[0].status is PaymentStatus.CAPTURING

    run_jobs(ahead=timedelta(minutes=1))
    assert payments_of(order)[0].status is PaymentStatus.CAPTURED
    assert [each["call"] for each in square.office.calls()].count("payments.complete") == 1


def test_cancelling_an_authorized_order_lets_the_hold_go(
    run_jobs: RunJobs, square: SquareServer, mails: Mails
) -> None:
    ready = make_ready()
    order = press(ready)
    cancel(ready, order)
    run_jobs()

    assert fresh(order).status is OrderStatus.CANCELLED
    assert payments_of(order)[0].status is PaymentStatus.VOIDED
    assert [each["status"] for each in ledger(square)] == ["CANCELED"]
    stock = db.session.get_one(Stock, ready.sku.id)
    assert (stock.available, stock.reserved) == (100, 0)


def test_cancelling_a_paid_order_gives_everything_back_once(
    run_jobs: RunJobs, square: SquareServer, mails: Mails
) -> None:
    ready = make_ready()
    order = press(ready)
    run_jobs()
    cancel(ready, order)
    run_jobs()
    run_jobs(ahead=timedelta(minutes=1))

    db.session.rollback()
    [refund] = db.session.scalars(db.select(Refund))
    assert refund.amount_cents == Money(3500)
    assert refund.status is RefundStatus.COMPLETED
    assert "cancelled" in mails.last_to(ready.buyer.email).subject.lower()


def test_a_refund_whose_answer_was_lost_is_sent_again_under_the_same_key(
    run_jobs: RunJobs, square: SquareServer, mails: Mails
) -> None:
    ready = make_ready()
    order = press(ready)
    run_jobs()
    cancel(ready, order)
    break_next(square, "refunds.create", "500", "after")
    run_jobs(may_fail=True)
    run_jobs(ahead=timedelta(minutes=1))

    db.session.rollback()
    [refund] = db.session.scalars(db.select(Refund))
    assert refund.status is RefundStatus.COMPLETED


def test_a_packed_order_can_no_longer_be_cancelled_by_the_buyer(run_jobs: RunJobs, mails: Mails) -> None:
    ready = make_ready()
    order = press(ready)
    run_jobs()
    start_processing(order.id, actor=BUYER, now=clock.now())
    with pytest.raises(Conflict):
        cancel(ready, order)
    assert fresh(order).status is OrderStatus.PROCESSING


def test_another_business_cannot_cancel_it() -> None:
    order = press(make_ready())
    number, business_id = order.number, order.business_id
    with pytest.raises(NotFound):
        cancel_own_order(number, business_id + 1, actor=BUYER, now=clock.now())


def test_where_the_shop_captures_on_shipment_the_card_is_charged_when_the_goods_leave(
    run_jobs: RunJobs, square: SquareServer, mails: Mails
) -> None:
    ready = make_ready()
    set_rule(CaptureRule.ON_SHIPMENT)
    order = press(ready)
    run_jobs()
    assert payments_of(order)[0].status is PaymentStatus.AUTHORIZED

    start_processing(order.id, actor=BUYER, now=clock.now())
    ship_order(order.id, carrier="UPS", tracking_number="1Z", actor=BUYER, now=clock.now())
    run_jobs()
    assert payments_of(order)[0].status is PaymentStatus.CAPTURED
    assert fresh(order).status is OrderStatus.SHIPPED
    assert fresh(order).paid_at is not None
    stock = db.session.get_one(Stock, ready.sku.id)
    assert (stock.available, stock.reserved, stock.shipped, stock.received) == (98, 0, 2, 100)


def test_an_order_whose_card_is_being_charged_is_not_packed_yet() -> None:
    order = press(make_ready())
    with pytest.raises(AppError, match="being charged"):
        start_processing(order.id, actor=BUYER, now=clock.now())


def test_a_hold_that_lapsed_is_noticed_and_the_buyer_is_told(
    run_jobs: RunJobs, square: SquareServer, mails: Mails
) -> None:
    ready = make_ready()
    set_rule(CaptureRule.BY_HAND)
    order = press(ready)
    run_jobs()
    get_gateway().void(
        payments_of(order)[0].provider_payment_id or ""
    )  # as Square does by itself after seven days
    with transaction():
        db.session.scalars(db.select(Payment)).one().lapses_at = clock.now() - timedelta(hours=1)
        db.session.add(
            OutboxRow(kind=Kind.PAYMENTS_WATCH, ids={}, due_at=clock.now(), created_at=clock.now())
        )
    run_jobs()

    assert payments_of(order)[0].status is PaymentStatus.LAPSED
    assert fresh(order).status is OrderStatus.PAYMENT_FAILED
    assert mails.last_to(ready.buyer.email)


def test_an_order_cancelled_by_staff_while_packed_frees_stock_and_money(
    run_jobs: RunJobs, square: SquareServer, mails: Mails
) -> None:
    ready = make_ready()
    order = press(ready)
    run_jobs()
    start_processing(order.id, actor=BUYER, now=clock.now())
    cancel_order(order.id, actor=BUYER, now=clock.now(), reason="Damaged in the stockroom")
    run_jobs()
    stock = db.session.get_one(Stock, ready.sku.id)
    assert (stock.available, stock.reserved) == (100, 0)
    assert db.session.scalars(db.select(Refund.amount_cents)).all() == [Money(3500)]
