"""Moments between two steps where money, goods or the cart could be forgotten."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import cast

import pytest
from flask import Flask

from admin.work import count_work
from app.carts.models import Cart, CartLine, CartStatus
from app.extensions import db
from app.orders.cancel_abandoned import cancel_abandoned
from app.orders.cancel_order import cancel_own_order
from app.orders.fulfil_order import ship_order, start_processing
from app.orders.models import Order
from app.orders.status import OrderStatus
from app.outbox.kinds import Kind
from app.outbox.later import ComeBackLater
from app.outbox.models import OutboxRow
from app.outbox.post import post
from app.payments.capture_payment import capture_payment
from app.payments.gateway import Charge, Declined, HoldState, OutcomeUnknown, PaymentFacts, PaymentGateway
from app.payments.models import Payment, ProviderAnswer, Refund
from app.payments.post_missing_work import post_missing_work
from app.payments.providers import get_gateway
from app.payments.record import lock_order_and_payment
from app.payments.refund_sum import RefundSum
from app.payments.release_payment import release_payment
from app.payments.request_refund import request_refund
from app.payments.send_refund import send_refund
from app.payments.settle_payment import settle_payment
from app.payments.status import PaymentStatus, RefundKind, RefundStatus
from app.payments.watch_authorizations import watch_authorizations
from app.shared import clock
from app.shared.errors import Conflict
from app.shared.history import Actor
from app.shared.money import ZERO, Money
from app.shared.transaction import transaction
from app.shop.models import CaptureRule, ShopFacts
from sandbox.square import SquareServer
from tests.factories import make_cart, make_sku
from tests.money_shop import InterruptedGateway, MoneyShop, Plan
from tests.placing import CARD_OK, Ready, break_next, ledger, make_ready, payments_of, press

pytestmark = pytest.mark.usefixtures("app", "square", "mails")

BUYER, WORKER = Actor.system("buyer"), Actor.system("test worker")
HOUR = timedelta(hours=1)
RunJobs = Callable[..., list[Kind]]


@pytest.fixture
def shop(app: Flask, square: SquareServer) -> MoneyShop:
    """The shop with a gateway around whose calls something may happen."""
    gateway = InterruptedGateway(get_gateway("square"))
    app.extensions["payment_gateways"] = {"square": gateway}
    return MoneyShop(app, square, gateway)


def fresh(order: Order) -> Order:
    db.session.rollback()
    db.session.expire_all()
    return db.session.get_one(Order, order.id)


def cart_of(ready: Ready) -> Cart:
    db.session.rollback()
    return db.session.get_one(Cart, ready.cart.id)


def set_rule(rule: CaptureRule) -> None:
    with transaction():
        db.session.get_one(ShopFacts, 1).capture_rule = rule


def place_to_hold(ready: Ready) -> Order:
    """An order whose card is held and that nobody charges."""
    set_rule(CaptureRule.BY_HAND)
    return press(ready)


def lapse(order: Order) -> None:
    """Square let the hold go by itself, and its time is over."""
    for payment in payments_of(order):
        get_gateway().void(payment.provider_payment_id or "")
        with transaction():
            payment.lapses_at = clock.now() - HOUR


def watch() -> int:
    return watch_authorizations(gateway=get_gateway(), actor=WORKER)


def settle(payment_id: int) -> None:
    settle_payment(payment_id, gateway=get_gateway(), look_again_after=HOUR, actor=WORKER)


def test_an_order_cancelled_while_the_bank_thinks_gives_the_cart_back(square: SquareServer) -> None:
    ready = make_ready()
    break_next(square, "payments.create", "500", "after")
    order = press(ready)
    cancel_own_order(order.number, ready.business_id, actor=BUYER, now=clock.now())

    assert (cart_of(ready).status, cart_of(ready).placing_order_id) == (CartStatus.OPEN, None)
    again = press(ready)
    assert again.id != order.id
    assert again.status is OrderStatus.PAYMENT_PENDING
    settle(payments_of(order)[0].id)
    assert cart_of(ready).status is CartStatus.ORDERED


def test_after_a_hold_lapsed_the_goods_are_in_the_cart_and_another_card_pays_the_same_order() -> None:
    ready = make_ready()
    order = place_to_hold(ready)
    lapse(order)
    assert watch() == 1

    assert fresh(order).status is OrderStatus.PAYMENT_FAILED
    assert (cart_of(ready).status, cart_of(ready).open_user_id) == (CartStatus.OPEN, ready.user_id)
    again = press(ready)
    assert (again.id, again.status) == (order.id, OrderStatus.PAYMENT_PENDING)


def test_goods_of_a_lapsed_order_join_the_cart_begun_since() -> None:
    ready = make_ready()
    order = place_to_hold(ready)
    begun = make_cart(ready.buyer, {make_sku(): 1})
    lapse(order)
    watch()

    lines = {
        line.sku_id: line.quantity
        for line in db.session.scalars(db.select(CartLine).filter_by(cart_id=begun.id))
    }
    assert lines[ready.sku.id] == 2
    assert len(lines) == 2
    assert cart_of(ready).status is CartStatus.ORDERED


def test_an_answer_recorded_while_settle_looks_keeps_its_hold(square: SquareServer, shop: MoneyShop) -> None:
    break_next(square, "payments.create", "500", "after")
    order = press(make_ready())
    [payment] = payments_of(order)
    payment_id = payment.id
    options = square.office.books.options

    def answer_arrives() -> None:
        options.list_lag_seconds = 0
        shop.elsewhere(lambda: settle(payment_id))

    options.list_lag_seconds = 60
    shop.gateway.plans.append(Plan("find", "after", answer_arrives))
    settle(payment_id)

    assert fresh(order).status is OrderStatus.PAYMENT_PENDING
    assert [each["status"] for each in ledger(square)] == ["APPROVED"]


def test_an_orphan_that_the_list_does_not_show_is_let_go_by_its_key(square: SquareServer) -> None:
    break_next(square, "payments.create", "500")
    order = press(make_ready())
    [payment] = payments_of(order)
    payment_id, key = payment.id, payment.idempotency_key
    settle(payment_id)
    get_gateway().authorize(Charge(source=CARD_OK, amount=payment.amount_cents, key=key, reference=key))
    square.office.books.options.list_lag_seconds = 3600
    try:
        settle(payment_id)
    finally:
        square.office.books.options.list_lag_seconds = 0
    assert [each["status"] for each in ledger(square)] == ["CANCELED"]


def test_one_payment_square_will_not_talk_about_hides_no_other_lapsed_hold(square: SquareServer) -> None:
    first = make_ready()
    orders = [place_to_hold(first), place_to_hold(make_ready(sku=first.sku))]
    for order in orders:
        lapse(order)
    break_next(square, "payments.get", "500")
    with pytest.raises(OutcomeUnknown):
        watch()
    assert [fresh(order).status for order in orders] == [
        OrderStatus.PAYMENT_PENDING,
        OrderStatus.PAYMENT_FAILED,
    ]


def test_a_hold_without_a_known_end_is_looked_at_after_a_week() -> None:
    order = place_to_hold(make_ready())
    lapse(order)
    with transaction():
        payment = db.session.scalars(db.select(Payment)).one()
        payment.lapses_at, payment.authorized_at = None, clock.now() - timedelta(days=8)
    assert watch() == 1


def test_a_hold_captured_without_our_knowing_is_noticed(run_jobs: RunJobs) -> None:
    order = place_to_hold(make_ready())
    [payment] = payments_of(order)
    get_gateway().capture(payment.provider_payment_id or "")
    with transaction():
        payment.lapses_at = clock.now() - HOUR
    watch()
    run_jobs(may_fail=True)
    run_jobs(ahead=timedelta(minutes=1))
    assert fresh(order).status is OrderStatus.PAID


def test_a_week_old_order_whose_hold_lapsed_today_is_not_given_up_today() -> None:
    week = timedelta(days=7)
    order = place_to_hold(make_ready())
    with transaction():
        order.placed_at = clock.now() - week - HOUR
        db.session.execute(db.text("UPDATE history SET at = :then"), {"then": "2026-01-01 00:00:00"})
    lapse(order)
    watch()

    assert cancel_abandoned(older_than=week, actor=WORKER, now=clock.now()) == 0
    assert cancel_abandoned(older_than=week, actor=WORKER, now=clock.now() + week + HOUR) == 1


def test_a_cart_closed_meanwhile_cannot_be_placed(square: SquareServer) -> None:
    ready = make_ready()
    command = ready.command()
    with transaction():
        cart = db.session.get_one(Cart, ready.cart.id)
        cart.status, cart.open_user_id = CartStatus.EXPIRED, None
    with pytest.raises(Conflict):
        press(ready, command)
    assert ledger(square) == []


def test_an_order_placed_before_the_shop_began_to_charge_at_once_is_charged_too(run_jobs: RunJobs) -> None:
    order = place_to_hold(make_ready())
    set_rule(CaptureRule.AT_ONCE)
    assert post_missing_work(clock.now()) == 0
    assert post_missing_work(clock.now() + 2 * HOUR) == 1
    assert post_missing_work(clock.now() + 2 * HOUR) == 0
    run_jobs(ahead=3 * HOUR)
    assert fresh(order).status is OrderStatus.PAID


def test_money_whose_job_is_gone_gets_it_back(square: SquareServer, run_jobs: RunJobs) -> None:
    ready = make_ready()
    break_next(square, "payments.create", "500", "after")
    unanswered = press(ready)
    cancelled = place_to_hold(make_ready(sku=ready.sku))
    cancel_own_order(cancelled.number, cancelled.business_id, actor=BUYER, now=clock.now())
    with transaction():
        db.session.execute(db.delete(OutboxRow))
    assert post_missing_work(clock.now() + 2 * HOUR) == 2
    run_jobs(ahead=3 * HOUR)
    assert fresh(unanswered).status is OrderStatus.PAYMENT_PENDING
    assert payments_of(cancelled)[0].status is PaymentStatus.VOIDED


def test_the_list_is_read_around_the_attempt_however_late_it_is_looked_for(square: SquareServer) -> None:
    break_next(square, "payments.create", "reset", "before")
    [payment] = payments_of(press(make_ready()))
    with transaction():
        db.session.get_one(Payment, payment.id).created_at = sent_at = clock.now() - timedelta(days=1)
    windows: list[tuple[datetime, datetime]] = []

    class Noting(InterruptedGateway):
        def find(self, reference: str, *, begin: datetime, end: datetime) -> PaymentFacts | None:
            windows.append((begin, end))
            found: PaymentFacts | None = get_gateway().find(reference, begin=begin, end=end)
            return found

    noting = cast(PaymentGateway, Noting(get_gateway()))
    settle_payment(payment.id, gateway=noting, look_again_after=HOUR, actor=WORKER)
    [(begin, end)] = windows
    assert begin < sent_at < end < sent_at + HOUR


def test_work_that_gave_up_is_left_to_a_person(square: SquareServer) -> None:
    break_next(square, "payments.create", "500", "after")
    press(make_ready())
    with transaction():
        db.session.scalars(db.select(OutboxRow)).one().needs_person_at = clock.now()
    assert post_missing_work(clock.now() + 2 * HOUR) == 0


def test_goods_that_left_on_a_hold_that_had_ended_are_shown_to_staff(run_jobs: RunJobs) -> None:
    order = place_to_hold(make_ready())
    start_processing(order.id, actor=WORKER, now=clock.now())
    lapse(order)
    ship_order(order.id, carrier="UPS", tracking_number="1Z", actor=WORKER, now=clock.now())
    assert count_work(clock.now())["payments"] == 0
    run_jobs(may_fail=True)
    run_jobs(ahead=timedelta(minutes=1))

    assert fresh(order).status is OrderStatus.SHIPPED
    assert payments_of(order)[0].status is PaymentStatus.LAPSED
    assert count_work(clock.now())["payments"] == 1


def test_a_refund_that_square_refused_is_shown_to_staff(square: SquareServer, run_jobs: RunJobs) -> None:
    order = press(make_ready())
    run_jobs()
    cancel_own_order(order.number, order.business_id, actor=BUYER, now=clock.now())
    break_next(square, "refunds.create", "error", category="REFUND_ERROR", code="REFUND_DECLINED")
    run_jobs()
    assert db.session.scalars(db.select(Refund.status)).all() == [RefundStatus.REJECTED]
    assert count_work(clock.now())["payments"] == 1


def test_a_refused_repeat_of_a_refund_whose_answer_was_lost_finds_what_the_first_one_did(
    square: SquareServer, run_jobs: RunJobs
) -> None:
    order = press(make_ready())
    run_jobs()
    cancel_own_order(order.number, order.business_id, actor=BUYER, now=clock.now())
    break_next(square, "refunds.create", "reset", "after")
    run_jobs(may_fail=True)
    break_next(square, "refunds.create", "error", category="REFUND_ERROR", code="REFUND_DECLINED")
    run_jobs(ahead=timedelta(minutes=1))
    [refund] = db.session.scalars(db.select(Refund))
    assert refund.status is RefundStatus.COMPLETED
    assert refund.provider_refund_id


def test_two_refunds_of_one_amount_whose_answers_were_lost_are_never_taken_for_each_other(
    square: SquareServer, run_jobs: RunJobs
) -> None:
    order = press(make_ready())
    run_jobs()
    [payment] = payments_of(order)
    with transaction():
        locked, paid = lock_order_and_payment(payment.id)
        for reason in ("One was dented", "Another was, too"):
            request_refund(
                locked, paid, RefundSum(amount=Money(500), tax=ZERO), kind=RefundKind.AMOUNT, reason=reason,
                actor=BUYER, now=clock.now(),
            )  # fmt: skip
    both = list(db.session.scalars(db.select(Refund.id)))
    for refund_id, moment in zip(both, ("after", "before"), strict=True):
        break_next(square, "refunds.create", "reset", moment)
        with pytest.raises(OutcomeUnknown):
            send_refund(refund_id, gateway=get_gateway(), actor=WORKER)
    for refund_id in both:
        break_next(square, "refunds.create", "error", category="REFUND_ERROR", code="REFUND_DECLINED")
        with pytest.raises(OutcomeUnknown):
            send_refund(refund_id, gateway=get_gateway(), actor=WORKER)
    assert db.session.scalars(db.select(Refund.status)).all() == [RefundStatus.UNKNOWN] * 2

    for refund_id in both:
        send_refund(refund_id, gateway=get_gateway(), actor=WORKER)
    rows = db.session.scalars(db.select(Refund)).all()
    assert [row.status for row in rows] == [RefundStatus.PENDING] * 2
    assert len({row.provider_refund_id for row in rows}) == 2


def test_a_refused_repeat_of_a_refund_that_never_arrived_is_refused(
    square: SquareServer, run_jobs: RunJobs
) -> None:
    order = press(make_ready())
    run_jobs()
    cancel_own_order(order.number, order.business_id, actor=BUYER, now=clock.now())
    break_next(square, "refunds.create", "reset", "before")
    run_jobs(may_fail=True)
    break_next(square, "refunds.create", "error", category="REFUND_ERROR", code="REFUND_DECLINED")
    run_jobs(ahead=timedelta(minutes=1))
    assert db.session.scalars(db.select(Refund.status)).all() == [RefundStatus.REJECTED]


def test_a_refund_square_is_busy_with_is_tried_again(square: SquareServer, run_jobs: RunJobs) -> None:
    order = press(make_ready())
    run_jobs()
    cancel_own_order(order.number, order.business_id, actor=BUYER, now=clock.now())
    break_next(square, "refunds.create", "error", category="REFUND_ERROR", code="REFUND_ALREADY_PENDING")
    run_jobs(may_fail=True)
    run_jobs(ahead=timedelta(minutes=1))
    assert db.session.scalars(db.select(Refund.status)).all() == [RefundStatus.COMPLETED]


def test_older_news_of_a_refund_changes_nothing(shop: MoneyShop, run_jobs: RunJobs) -> None:
    order = press(make_ready())
    run_jobs()
    cancel_own_order(order.number, order.business_id, actor=BUYER, now=clock.now())
    with transaction():
        db.session.execute(db.delete(OutboxRow).filter_by(kind=Kind.MAIL_ORDER_CANCELLED))

    def another_worker_is_faster() -> None:
        shop.work()
        shop.work(timedelta(minutes=1))

    shop.work()
    refund_id = db.session.scalars(db.select(Refund.id)).one()
    db.session.rollback()
    shop.gateway.plans.append(Plan("refund", "after", another_worker_is_faster))
    send_refund(refund_id, gateway=get_gateway(), actor=WORKER)
    db.session.expire_all()
    assert db.session.get_one(Refund, refund_id).status is RefundStatus.COMPLETED


def test_a_worker_whose_claim_ran_out_does_not_free_the_next_ones(
    square: SquareServer, shop: MoneyShop
) -> None:
    order = press(make_ready())
    [payment] = payments_of(order)
    payment_id, others = payment.id, clock.now() + timedelta(minutes=6)
    db.session.rollback()

    def another_claims() -> None:
        with transaction():
            db.session.get_one(Payment, payment_id).claimed_at = others

    shop.gateway.plans.append(Plan("capture", "before", lambda: shop.elsewhere(another_claims)))
    break_next(square, "payments.complete", "500")
    with pytest.raises(OutcomeUnknown):
        capture_payment(payment_id, gateway=get_gateway(), stale_after=timedelta(minutes=5), actor=WORKER)
    assert payments_of(order)[0].claimed_at == others


def test_an_order_that_stands_keeps_its_money_whatever_is_asked(square: SquareServer) -> None:
    order = press(make_ready())
    release_payment(order.id, gateway=get_gateway(), stale_after=HOUR, actor=WORKER)
    assert payments_of(order)[0].status is PaymentStatus.AUTHORIZED
    assert [each["status"] for each in ledger(square)] == ["APPROVED"]


class StillDeciding:
    """A provider that has not made up its mind about a payment."""

    name = "square"

    def get(self, provider_id: str) -> PaymentFacts:
        return PaymentFacts(provider_id=provider_id, state=HoldState.PENDING, amount=Money(3500))


def test_a_hold_the_provider_has_not_let_go_is_nobodys_claim_meanwhile() -> None:
    order = press(make_ready())
    cancel_own_order(order.number, order.business_id, actor=BUYER, now=clock.now())
    gateway = cast(PaymentGateway, StillDeciding())
    with pytest.raises(ComeBackLater):
        release_payment(order.id, gateway=gateway, stale_after=HOUR, actor=WORKER)
    assert payments_of(order)[0].claimed_at is None
    answers = db.session.scalars(db.select(ProviderAnswer.outcome).filter_by(call="void"))
    assert list(answers) == ["pending"]


def test_a_spent_card_token_is_the_buyers_to_enter_again_whatever_square_files_it_under(
    square: SquareServer,
) -> None:
    ready = make_ready()
    break_next(square, "payments.create", "error", category="INVALID_REQUEST_ERROR", code="CARD_TOKEN_USED")
    with pytest.raises(Declined, match="Enter them again"):
        press(ready)
    assert cart_of(ready).placing_order_id is None


def test_an_order_cancelled_just_before_another_card_makes_room_for_a_new_one() -> None:
    ready = make_ready()
    with pytest.raises(Declined):
        press(ready, ready.command("cnon:card-nonce-declined"))
    [declined] = db.session.scalars(db.select(Order))
    cancel_own_order(declined.number, ready.business_id, actor=BUYER, now=clock.now())
    assert press(ready).id != declined.id


def test_the_hourly_look_notices_a_lapsed_hold(run_jobs: RunJobs) -> None:
    order = place_to_hold(make_ready())
    lapse(order)
    with transaction():
        post(Kind.PAYMENTS_WATCH)
    run_jobs()
    assert fresh(order).status is OrderStatus.PAYMENT_FAILED
