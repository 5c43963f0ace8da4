"""Placing an order: one order, one hold on the card, and a way back from every refusal."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest

from app.carts.models import Cart, CartStatus
from app.extensions import db
from app.inventory.models import Stock
from app.inventory.move import OutOfStock
from app.orders.models import Order, OrderLine
from app.orders.status import OrderStatus
from app.payments.gateway import Charge, Declined
from app.payments.providers import get_gateway
from app.payments.status import PaymentStatus
from app.shared.errors import Conflict, RulesBroken
from app.shared.money import Money
from app.shared.transaction import transaction
from sandbox.square import SquareServer
from tests.mailbox import Mails
from tests.placing import CARD_DECLINED, CARD_OK, break_next, ledger, make_ready, payments_of, press

pytestmark = pytest.mark.usefixtures("app", "square")


def stock_of(sku_id: int) -> tuple[int, int, int, int]:
    db.session.rollback()
    db.session.expire_all()
    row = db.session.get_one(Stock, sku_id)
    return row.available, row.reserved, row.shipped, row.received


def test_an_accepted_card_makes_an_authorized_order_and_closes_the_cart(square: SquareServer) -> None:
    ready = make_ready()
    order = press(ready)

    [payment] = payments_of(order)
    assert order.status is OrderStatus.PAYMENT_PENDING
    assert order.total_cents == Money(3500)
    assert payment.status is PaymentStatus.AUTHORIZED
    assert payment.amount_cents == Money(3500)
    assert payment.card_last4
    assert payment.lapses_at is not None
    assert db.session.get_one(Cart, ready.cart.id).status is CartStatus.ORDERED
    assert stock_of(ready.sku.id) == (98, 2, 0, 100)


def test_the_order_keeps_copies_of_what_the_buyer_saw() -> None:
    ready = make_ready()
    order = press(ready)

    with transaction():
        ready.sku.code = "RENAMED"
        ready.address.city = "Elsewhere"
    [line] = db.session.scalars(db.select(OrderLine).filter_by(order_id=order.id))
    assert line.sku_code != "RENAMED"
    assert line.line_total_cents == Money(2000)
    assert db.session.get_one(Order, order.id).ship_to["city"] == "San Francisco"
    assert order.po_number == "PO-77"


def test_the_same_token_again_gives_the_same_order_and_no_second_hold(square: SquareServer) -> None:
    ready = make_ready()
    command = ready.command()
    first = press(ready, command)
    again = press(ready, command)

    assert again.id == first.id
    assert len(payments_of(first)) == 1


def test_a_declined_card_leaves_the_cart_open_and_the_stock_on_the_shelf() -> None:
    ready = make_ready()
    with pytest.raises(Declined) as refusal:
        press(ready, ready.command(CARD_DECLINED))

    assert "declined" in refusal.value.message
    [order] = db.session.scalars(db.select(Order))
    assert order.status is OrderStatus.PAYMENT_FAILED
    assert payments_of(order)[0].status is PaymentStatus.DECLINED
    cart = db.session.get_one(Cart, ready.cart.id)
    assert cart.status is CartStatus.OPEN
    assert cart.placing_order_id is None
    assert stock_of(ready.sku.id) == (100, 0, 0, 100)


def test_another_card_pays_the_same_order() -> None:
    ready = make_ready()
    with pytest.raises(Declined):
        press(ready, ready.command(CARD_DECLINED))
    order = press(ready)

    assert order.status is OrderStatus.PAYMENT_PENDING
    assert [each.id for each in db.session.scalars(db.select(Order))] == [order.id]
    assert [each.status for each in payments_of(order)] == [PaymentStatus.DECLINED, PaymentStatus.AUTHORIZED]
    assert len({each.idempotency_key for each in payments_of(order)}) == 2
    assert stock_of(ready.sku.id) == (98, 2, 0, 100)


def test_a_changed_cart_after_a_decline_makes_a_new_order_and_cancels_the_old_one() -> None:
    ready = make_ready()
    with pytest.raises(Declined):
        press(ready, ready.command(CARD_DECLINED))
    with transaction():
        cart = db.session.get_one(Cart, ready.cart.id)
        cart.version += 1
    order = press(ready)

    statuses = list(db.session.scalars(db.select(Order.status).order_by(Order.id)))
    assert statuses == [OrderStatus.CANCELLED, OrderStatus.PAYMENT_PENDING]
    assert order.number != db.session.scalars(db.select(Order.number).order_by(Order.id)).first()


def test_an_old_page_after_a_decline_is_refused() -> None:
    ready = make_ready()
    old = ready.command(CARD_DECLINED)
    with pytest.raises(Declined):
        press(ready, old)
    press(ready)
    with pytest.raises(Conflict):
        press(ready, old)


def test_a_total_other_than_the_shown_one_is_refused_before_any_money_is_asked_for(
    square: SquareServer,
) -> None:
    ready = make_ready()
    with pytest.raises(Exception, match=r"changed from \$1\.00 to \$35\.00"):
        press(ready, ready.command(shown_total=Money(100)))

    assert db.session.scalars(db.select(Order)).first() is None
    assert ledger(square) == []


def test_more_than_there_is_breaks_the_rules_and_writes_nothing() -> None:
    ready = make_ready(stock=1)
    with pytest.raises((RulesBroken, OutOfStock)):
        press(ready)
    assert db.session.scalars(db.select(Order)).first() is None
    assert stock_of(ready.sku.id) == (1, 0, 0, 1)


def test_a_suspended_business_cannot_place(square: SquareServer) -> None:
    ready = make_ready()
    command = ready.command()
    with transaction():
        db.session.execute(db.text("UPDATE businesses SET status = 'suspended'"))
    with pytest.raises(RulesBroken):
        press(ready, command)
    assert ledger(square) == []


def test_no_answer_from_square_is_neither_yes_nor_no_and_heals_itself(
    square: SquareServer, run_jobs: Callable[..., object], mails: Mails
) -> None:
    ready = make_ready()
    break_next(square, "payments.create", "500", "after")
    order = press(ready)

    assert order.status is OrderStatus.PENDING
    assert payments_of(order)[0].status is PaymentStatus.UNKNOWN
    assert db.session.get_one(Cart, ready.cart.id).placing_order_id == order.id

    run_jobs(ahead=timedelta(minutes=3))
    run_jobs()
    assert payments_of(order)[0].status is PaymentStatus.CAPTURED
    assert db.session.get_one(Order, order.id).status is OrderStatus.PAID


def test_an_attempt_square_never_saw_is_voided_and_the_buyer_may_try_again(
    square: SquareServer, run_jobs: Callable[..., object], mails: Mails
) -> None:
    ready = make_ready()
    break_next(square, "payments.create", "500")
    order = press(ready)
    run_jobs(ahead=timedelta(minutes=3))

    assert payments_of(order)[0].status is PaymentStatus.VOIDED
    assert db.session.get_one(Order, order.id).status is OrderStatus.PAYMENT_FAILED
    assert stock_of(ready.sku.id) == (100, 0, 0, 100)
    assert "Nothing was charged" in mails.last_to(ready.buyer.email).text

    again = press(ready)
    assert again.id == order.id
    assert again.status is OrderStatus.PAYMENT_PENDING


def test_an_orphaned_hold_that_lands_late_is_let_go_at_the_second_look(
    square: SquareServer, run_jobs: Callable[..., object], mails: Mails
) -> None:
    ready = make_ready()
    break_next(square, "payments.create", "500")
    order = press(ready)
    [payment] = payments_of(order)
    key = payment.idempotency_key
    run_jobs(ahead=timedelta(minutes=3))
    # The first attempt, held up on the way, arrives now.
    from_late = payments_of(order)[0]
    assert from_late.status is PaymentStatus.VOIDED
    get_gateway("square").authorize(
        Charge(source=CARD_OK, amount=Money(3500), key=str(uuid.uuid4()), reference=key)
    )
    run_jobs(ahead=timedelta(hours=2))
    assert [each["status"] for each in ledger(square)] == ["CANCELED"]
