"""Some of an order cannot be shipped: lines, stock and money follow, whatever the money's state."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from app.extensions import db
from app.inventory.models import Stock
from app.orders.cancel_order import cancel_order
from app.orders.fulfil_order import ship_order, start_processing
from app.orders.models import Order, OrderLine
from app.orders.shorten_order import Shorter
from app.orders.status import OrderStatus
from app.outbox.kinds import Kind
from app.payments.apply_facts import apply_facts
from app.payments.models import Payment, Refund, RefundLine
from app.payments.providers import get_gateway
from app.payments.queries import balance
from app.payments.refund_payment import RefundPayment, refund_payment
from app.payments.shorten_order import ShortenOrder, shorten_order
from app.payments.status import PaymentStatus, RefundKind, RefundStatus
from app.shared import clock
from app.shared.errors import AppError, Conflict
from app.shared.history import Actor, list_history
from app.shared.money import ZERO, Money
from app.shared.transaction import transaction
from app.shop.models import CaptureRule, ShopFacts
from sandbox.square import SquareServer
from tests.factories import make_tax_rate
from tests.mailbox import Mails
from tests.placing import Ready, break_next, ledger, make_ready, payments_of, press

pytestmark = pytest.mark.usefixtures("app", "square")

STAFF = Actor.system("staff")
RunJobs = Callable[..., list[Kind]]
DAMAGED = "The last case was damaged"


def ready_of(quantity: int = 12) -> Ready:
    """Twelve units at $10.00 with 7.25 % of tax, shipped for $15.00: $143.70."""
    make_tax_rate()
    return make_ready(quantity=quantity)


def set_rule(rule: CaptureRule) -> None:
    with transaction():
        db.session.get_one(ShopFacts, 1).capture_rule = rule


def fresh(order: Order) -> Order:
    db.session.rollback()
    db.session.expire_all()
    return db.session.get_one(Order, order.id)


def line_of(order: Order) -> OrderLine:
    return db.session.scalars(db.select(OrderLine).filter_by(order_id=order.id)).one()


def shorten_to(order: Order, quantity: int, *, is_gone: bool = False, reason: str = DAMAGED) -> None:
    change = Shorter(line_id=line_of(order).id, quantity=quantity, reason=reason, is_gone=is_gone)
    db.session.rollback()
    shorten_order(ShortenOrder(order_id=order.id, lines=[change]), actor=STAFF, now=clock.now())


def stock_of(ready: Ready) -> tuple[int, int, int, int]:
    db.session.rollback()
    db.session.expire_all()
    stock = db.session.get_one(Stock, ready.sku.id)
    return (stock.available, stock.reserved, stock.shipped, stock.received)


def held(run_jobs: RunJobs, quantity: int = 12) -> tuple[Ready, Order]:
    ready = ready_of(quantity)
    set_rule(CaptureRule.ON_SHIPMENT)
    order = press(ready)
    run_jobs()
    return ready, order


def ship(order: Order) -> None:
    if fresh(order).status is not OrderStatus.PROCESSING:
        start_processing(order.id, actor=STAFF, now=clock.now())
    ship_order(order.id, carrier="UPS", tracking_number="1Z", actor=STAFF, now=clock.now())


def test_line_tax_and_total_fall_and_shipping_stays(run_jobs: RunJobs) -> None:
    _, order = held(run_jobs)
    assert order.total_cents == Money(12000 + 870 + 1500)
    shorten_to(order, 10)
    line, after = line_of(order), fresh(order)
    assert (line.quantity, line.ordered_quantity, line.short_reason) == (10, 12, DAMAGED)
    assert (line.line_total_cents, line.tax_cents) == (Money(10000), Money(725))
    assert (after.subtotal_cents, after.tax_cents, after.shipping_cents) == (
        Money(10000),
        Money(725),
        Money(1500),
    )
    assert after.total_cents == Money(12225)


@pytest.mark.parametrize(("is_gone", "stock"), [(False, (90, 10, 0, 100)), (True, (88, 10, 0, 98))])
def test_units_go_back_on_the_shelf_or_are_written_off(
    run_jobs: RunJobs, is_gone: bool, stock: tuple[int, int, int, int]
) -> None:
    ready, order = held(run_jobs)
    shorten_to(order, 10, is_gone=is_gone)
    assert stock_of(ready) == stock
    told = [(entry.event, entry.details.get("units")) for entry in list_history("stock", ready.sku.id)]
    assert told == ([("written_off", -2)] if is_gone else [])


def test_a_hold_is_captured_for_the_new_total_and_the_first_amount_is_kept(
    run_jobs: RunJobs, square: SquareServer, mails: Mails
) -> None:
    ready, order = held(run_jobs)
    shorten_to(order, 10)
    ship(order)
    run_jobs()
    [payment] = payments_of(order)
    assert (payment.status, payment.amount_cents, payment.authorized_cents) == (
        PaymentStatus.CAPTURED,
        Money(12225),
        Money(14370),
    )
    [theirs] = ledger(square)
    assert (theirs["status"], theirs["total_money"]["amount"]) == ("COMPLETED", 12225)
    assert balance(fresh(order)) == ZERO
    assert list(db.session.scalars(db.select(Refund))) == []
    receipt = next(mail for mail in mails.to(ready.buyer.email) if "receipt" in mail.subject.lower())
    assert "$122.25" in receipt.text
    assert stock_of(ready) == (90, 0, 10, 100)


def test_the_buyer_reads_what_is_left_out_why_and_what_it_costs_now(run_jobs: RunJobs, mails: Mails) -> None:
    ready, order = held(run_jobs)
    shorten_to(order, 10)
    run_jobs()
    mail = mails.last_to(ready.buyer.email)
    assert mail.subject == f"Order {order.number}: some of it cannot be shipped"
    assert "ordered 12, shipping 10" in mail.text
    assert DAMAGED in mail.text
    assert "Your card is charged $122.25, not the $143.70 that is held on it" in mail.text


def test_of_money_that_was_taken_the_difference_goes_back_with_the_tax_that_fell(
    run_jobs: RunJobs, mails: Mails
) -> None:
    ready = ready_of()
    order = press(ready)
    run_jobs()
    shorten_to(order, 10)
    run_jobs()
    refund = db.session.scalars(db.select(Refund)).one()
    assert (refund.kind, refund.amount_cents, refund.tax_cents, refund.reason) == (
        RefundKind.SHORTENED,
        Money(2145),
        Money(145),
        DAMAGED,
    )
    part = db.session.scalars(db.select(RefundLine)).one()
    assert (part.quantity, part.goods_cents, part.tax_cents) == (2, Money(2000), Money(145))
    assert balance(fresh(order)) == ZERO
    mail = next(mail for mail in mails.to(ready.buyer.email) if "cannot be shipped" in mail.subject)
    assert "We give $21.45 back to your card" in mail.text


def test_an_order_can_be_shortened_twice(run_jobs: RunJobs, square: SquareServer) -> None:
    ready, order = held(run_jobs)
    shorten_to(order, 10)
    shorten_to(order, 7, is_gone=True, reason="Water in the stockroom")
    ship(order)
    run_jobs()
    assert fresh(order).total_cents == Money(7000 + 508 + 1500)
    assert ledger(square)[0]["total_money"]["amount"] == 9008
    assert line_of(order).short_reason == "Water in the stockroom"
    assert stock_of(ready) == (90, 0, 7, 97)


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_lost_answer_of_lowering_lowers_once(run_jobs: RunJobs, square: SquareServer, moment: str) -> None:
    _, order = held(run_jobs)
    shorten_to(order, 10)
    ship(order)
    break_next(square, "payments.update", "500", moment)
    run_jobs(may_fail=True)
    assert payments_of(order)[0].status is PaymentStatus.CAPTURING
    run_jobs(ahead=timedelta(minutes=1))
    [payment] = payments_of(order)
    assert (payment.status, payment.amount_cents) == (PaymentStatus.CAPTURED, Money(12225))
    assert ledger(square)[0]["total_money"]["amount"] == 12225


def test_a_lost_answer_of_the_capture_after_lowering_is_asked_for(
    run_jobs: RunJobs, square: SquareServer
) -> None:
    _, order = held(run_jobs)
    shorten_to(order, 10)
    ship(order)
    break_next(square, "payments.complete", "500", "after")
    run_jobs(may_fail=True)
    run_jobs(ahead=timedelta(minutes=1))
    [payment] = payments_of(order)
    assert (payment.amount_cents, payment.authorized_cents) == (Money(12225), Money(14370))
    assert [each["call"] for each in square.office.calls()].count("payments.complete") == 1


def test_an_event_about_a_lowered_hold_or_its_capture_is_no_difference(
    run_jobs: RunJobs, square: SquareServer
) -> None:
    _, order = held(run_jobs)
    shorten_to(order, 10)
    [payment] = payments_of(order)
    gateway, provider_id = get_gateway(), payment.provider_payment_id or ""
    known = gateway.get(provider_id)
    db.session.rollback()
    lowered = gateway.lower(provider_id, Money(12225), payment.idempotency_key, known.version_token)
    taken = gateway.capture(provider_id, lowered.version_token)
    for facts in (lowered, taken):
        apply_facts(payment.id, facts, stale_after=timedelta(0), actor=STAFF, now=clock.now())
    [after] = payments_of(order)
    assert (after.status, after.amount_cents) == (PaymentStatus.CAPTURED, Money(12225))


def test_a_capture_of_the_whole_hold_that_was_under_way_gives_the_difference_back(
    run_jobs: RunJobs, square: SquareServer
) -> None:
    _, order = held(run_jobs)
    shorten_to(order, 10)
    [payment] = payments_of(order)
    provider_id = payment.provider_payment_id or ""
    db.session.rollback()
    taken = get_gateway().capture(provider_id)  # somebody pressed "capture" at Square itself
    apply_facts(payment.id, taken, stale_after=timedelta(0), actor=STAFF, now=clock.now())
    run_jobs()
    refund = db.session.scalars(db.select(Refund)).one()
    assert (refund.kind, refund.amount_cents, refund.tax_cents) == (
        RefundKind.SHORTENED,
        Money(2145),
        Money(145),
    )
    assert balance(fresh(order)) == ZERO


def test_a_lowered_hold_that_is_cancelled_is_let_go(run_jobs: RunJobs, square: SquareServer) -> None:
    ready, order = held(run_jobs)
    shorten_to(order, 10)
    cancel_order(order.id, actor=STAFF, now=clock.now(), reason="Given up")
    run_jobs()
    assert payments_of(order)[0].status is PaymentStatus.VOIDED
    assert stock_of(ready) == (100, 0, 0, 100)


def test_while_the_card_is_being_charged_nothing_is_left_out(run_jobs: RunJobs, square: SquareServer) -> None:
    ready = ready_of()
    order = press(ready)
    break_next(square, "payments.complete", "500", "before")
    run_jobs(may_fail=True)
    with pytest.raises(Conflict, match="being charged right now"):
        shorten_to(order, 10)
    assert fresh(order).total_cents == Money(14370)


def test_a_hold_that_a_worker_is_at_is_left_alone(run_jobs: RunJobs) -> None:
    _, order = held(run_jobs)
    with transaction():
        db.session.scalars(db.select(Payment)).one().claimed_at = clock.now()
    with pytest.raises(Conflict, match="being charged right now"):
        shorten_to(order, 10)


def test_nothing_left_means_cancel(run_jobs: RunJobs) -> None:
    _, order = held(run_jobs)
    with pytest.raises(AppError, match="cancel the order instead"):
        shorten_to(order, 0)


@pytest.mark.parametrize(
    ("quantity", "reason", "words"),
    [(13, DAMAGED, "stands at 12 units"), (10, " ", "Say why"), (12, DAMAGED, "Enter fewer units")],
)
def test_a_change_that_is_none_is_refused(run_jobs: RunJobs, quantity: int, reason: str, words: str) -> None:
    _, order = held(run_jobs)
    with pytest.raises(AppError, match=words):
        shorten_to(order, quantity, reason=reason)


def test_goods_that_left_are_refunded_not_left_out(run_jobs: RunJobs) -> None:
    _, order = held(run_jobs)
    ship(order)
    with pytest.raises(Conflict, match="This order is shipped now"):
        shorten_to(order, 10)


def test_units_that_were_refunded_already_are_not_left_out_again(run_jobs: RunJobs) -> None:
    order = press(ready_of())
    run_jobs()
    [payment] = payments_of(order)
    command = RefundPayment(
        order_id=order.id, payment_id=payment.id, kind=RefundKind.LINES, reason="Too dear", units={line_of(order).id: 5}
    )  # fmt: skip
    db.session.rollback()
    refund_payment(command, actor=STAFF, now=clock.now())
    with pytest.raises(Conflict, match=r"5 of .* were refunded already"):
        shorten_to(order, 4)
    shorten_to(order, 5)
    run_jobs()
    run_jobs(ahead=timedelta(minutes=1))
    refunds = list(db.session.scalars(db.select(Refund).order_by(Refund.id)))
    assert [each.status for each in refunds] == [RefundStatus.COMPLETED] * 2
    assert sum(each.amount_cents.cents for each in refunds) == 12000 + 870
