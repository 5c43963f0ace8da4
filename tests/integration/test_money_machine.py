"""Thousands of stories about money, told by hypothesis: whatever goes wrong on the way, the books balance in the end.

`make test` tells 18 on each database, always the same ones. `make sequences` tells 2,000 on each, new ones each time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from app.accounts.models import User
from app.carts.models import Cart
from app.catalog.models import Sku
from app.checkout.load import load_checkout
from app.checkout.place_order import PlaceOrder
from app.extensions import db
from app.orders.cancel_order import cancel_order, cancel_own_order
from app.orders.fulfil_order import mark_delivered, mark_returned, ship_order, start_processing
from app.orders.models import Order, OrderLine
from app.orders.shorten_order import Shorter
from app.orders.status import OrderStatus
from app.outbox.kinds import Kind
from app.outbox.post import post
from app.pay.pay_order import PayOrder, pay_order
from app.payments.act_on_holds import act_on_holds
from app.payments.ask_by_hand import request_capture
from app.payments.close_refund import close_failed_refund
from app.payments.gateway import HoldState
from app.payments.models import Payment, Refund
from app.payments.payable import find_standing
from app.payments.providers import get_gateway
from app.payments.refund_payment import RefundPayment, put_refunded_on_the_shelf, refund_payment
from app.payments.send_refund_again import give_back_by_hand, send_refund_again
from app.payments.shorten_order import ShortenOrder, shorten_order
from app.payments.shown_refunds import list_not_on_the_shelf
from app.payments.status import GAVE_BACK, RECEIPTS, PaymentStatus, RefundKind, RefundStatus
from app.shared import clock
from app.shared.errors import AppError
from app.shared.history import Actor
from app.shared.money import Money
from app.shared.transaction import transaction
from app.shop.models import CaptureRule, HoldRule, ShopFacts
from sandbox.square import SquareServer
from sandbox.square.faults import Fault
from sandbox.square.refunds import bounce
from tests.factories import make_cart, make_tax_rate
from tests.money_shop import STAFF, Died, InterruptedGateway, MoneyShop, Plan, die
from tests.placing import CARD_DECLINED, CARD_OK, Ready, make_ready, press
from tests.worlds import forget_between_tests, vanishing_commits

BUYER = Actor.system("buyer")
_LONG_AGO = timedelta(minutes=1)

cards = st.sampled_from([CARD_OK, CARD_OK, CARD_DECLINED])
moments = st.sampled_from(["before", "after"])
job_calls = st.sampled_from(
    ["find", "get", "lower", "capture", "void", "cancel_by_key", "refund", "get_refund"]
)
http_calls = st.sampled_from([
    "payments.create", "payments.list", "payments.get", "payments.update", "payments.complete", "payments.cancel",
    "payments.cancel_by_idempotency_key", "refunds.create", "refunds.get",
])  # fmt: skip
hours = st.sampled_from([0, 0, 0.05, 2, 5])
positions = st.integers(0, 5)


class MoneyMachine(RuleBasedStateMachine):
    """One buyer, one sku, and a shop in which the processes die and Square fails as often as it works."""

    shop: MoneyShop
    buyer: Ready
    cart_id: int
    sku_id: int

    @initialize(rule=st.sampled_from([CaptureRule.AT_ONCE, *CaptureRule]))
    def open_the_shop(self, rule: CaptureRule) -> None:
        make_tax_rate()
        self.buyer = make_ready(stock=1000, quantity=6)
        # Numbers only: a row of this session, touched by another's step, would open a savepoint in the midst of it.
        self.cart_id, self.sku_id = self.buyer.cart.id, self.buyer.sku.id
        self.shop.stock = {self.sku_id: 1000}
        self.set_rule(rule)

    # --- What the buyer does -----------------------------------------------------------------------------------

    @rule(card=cards)
    def press_the_button(self, card: str) -> None:
        self.shop.elsewhere(lambda: self._press(card))

    @rule(card=cards, moment=moments)
    def press_and_the_web_process_dies(self, card: str, moment: str) -> None:
        self.shop.gateway.plans.append(Plan("authorize", moment, die))
        self.shop.elsewhere(lambda: self._press(card))
        self.shop.gateway.plans.clear()

    @rule(moment=moments, ahead=hours)
    def press_while_a_worker_settles(self, moment: str, ahead: float) -> None:
        self.shop.gateway.plans.append(
            Plan("authorize", moment, lambda: self.shop.work(timedelta(hours=ahead)))
        )
        self.shop.elsewhere(lambda: self._press(CARD_OK))
        self.shop.gateway.plans.clear()

    @rule(moment=moments)
    def press_and_cancel_before_the_answer(self, moment: str) -> None:
        self.shop.gateway.plans.append(Plan("authorize", moment, lambda: self.cancel(0, by_staff=False)))
        self.shop.elsewhere(lambda: self._press(CARD_OK))
        self.shop.gateway.plans.clear()

    @rule()
    def change_the_cart(self) -> None:
        cart = db.session.get_one(Cart, self.cart_id)
        if cart.placing_order_id is None:
            with transaction():
                cart.version += 1

    @rule(position=positions, by_staff=st.booleans())
    def cancel(self, position: int, by_staff: bool) -> None:
        def ask(order: Order) -> None:
            if by_staff:
                cancel_order(order.id, actor=STAFF, now=clock.now(), reason="Not to be had")
            else:
                cancel_own_order(order.number, order.business_id, actor=BUYER, now=clock.now())

        self._with_order(position, ask)

    @rule(position=positions, card=cards)
    def pay_by_link(self, position: int, card: str) -> None:
        self._with_order(position, lambda order: self._pay(order, card))

    @rule(position=positions, moment=moments)
    def pay_by_link_and_the_web_process_dies(self, position: int, moment: str) -> None:
        self.shop.gateway.plans.append(Plan("authorize", moment, die))
        self._with_order(position, lambda order: self._pay(order, CARD_OK))
        self.shop.gateway.plans.clear()

    # --- What staff do -----------------------------------------------------------------------------------------

    @rule(rule=st.sampled_from(list(CaptureRule)))
    def set_rule(self, rule: CaptureRule) -> None:
        with transaction():
            db.session.get_one(ShopFacts, 1).capture_rule = rule

    @rule(position=positions)
    def move_on(self, position: int) -> None:
        moves: dict[OrderStatus, Callable[[int], object]] = {
            OrderStatus.PAYMENT_PENDING: lambda each: start_processing(each, actor=STAFF, now=clock.now()),
            OrderStatus.PAID: lambda each: start_processing(each, actor=STAFF, now=clock.now()),
            OrderStatus.PROCESSING: lambda each: ship_order(
                each, carrier="UPS", tracking_number="1Z", actor=STAFF, now=clock.now()
            ),
            OrderStatus.SHIPPED: lambda each: mark_delivered(each, actor=STAFF, now=clock.now()),
            OrderStatus.DELIVERED: lambda each: mark_returned(
                each, actor=STAFF, now=clock.now(), reason="Wrong color"
            ),
        }
        self._with_order(position, lambda order: moves.get(order.status, lambda _: None)(order.id))

    @rule(
        position=positions,
        kind=st.sampled_from([RefundKind.WHOLE, RefundKind.LINES, RefundKind.LINES, RefundKind.AMOUNT]),
        units=st.integers(0, 6),
        with_shipping=st.booleans(),
        shelf=st.integers(0, 2),
    )
    def give_back(self, position: int, kind: RefundKind, units: int, with_shipping: bool, shelf: int) -> None:
        def ask(order: Order) -> None:
            line_id = db.session.scalars(select(OrderLine.id).filter_by(order_id=order.id)).one()
            taken = select(Payment.id).filter_by(order_id=order.id, status=PaymentStatus.CAPTURED)
            for payment_id in list(db.session.scalars(taken)):
                command = RefundPayment(
                    order_id=order.id, payment_id=payment_id, kind=kind, reason="Damaged", units={line_id: units},
                    with_shipping=with_shipping, amount=Money(137 * units), on_the_shelf={line_id: shelf},
                )  # fmt: skip
                db.session.rollback()
                refund_payment(command, actor=STAFF, now=clock.now())

        self._with_order(position, ask)

    @rule(position=positions, quantity=st.integers(0, 5), is_gone=st.booleans())
    def leave_out(self, position: int, quantity: int, is_gone: bool) -> None:
        self.shorten(position, quantity, is_gone)

    def shorten(self, position: int, quantity: int, is_gone: bool) -> None:
        def ask(order: Order) -> None:
            line_id = db.session.scalars(select(OrderLine.id).filter_by(order_id=order.id)).one()
            change = Shorter(line_id=line_id, quantity=quantity, reason="Damaged", is_gone=is_gone)
            db.session.rollback()
            shorten_order(ShortenOrder(order_id=order.id, lines=[change]), actor=STAFF, now=clock.now())

        self._with_order(position, ask)

    @rule(position=positions, units=st.integers(1, 6))
    def goods_are_back(self, position: int, units: int) -> None:
        def ask(order: Order) -> None:
            for each in list_not_on_the_shelf(order):
                db.session.rollback()
                put_refunded_on_the_shelf(each.refund_id, {each.line_id: units}, actor=STAFF, now=clock.now())

        self._with_order(position, ask)

    @rule(position=positions)
    def send_a_failed_refund_again(self, position: int) -> None:
        def ask(order: Order) -> None:
            failed = select(Refund.id).where(Refund.order_id == order.id, Refund.status.not_in(GAVE_BACK))
            for refund_id in list(db.session.scalars(failed)):
                db.session.rollback()
                send_refund_again(refund_id, actor=STAFF, now=clock.now())

        self._with_order(position, ask)

    @rule(position=positions, given_by=st.sampled_from(sorted(RECEIPTS)))
    def give_a_failed_refund_back_by_hand(self, position: int, given_by: str) -> None:
        def ask(order: Order) -> None:
            failed = select(Refund.id).where(Refund.order_id == order.id, Refund.status.not_in(GAVE_BACK))
            for refund_id in list(db.session.scalars(failed)):
                db.session.rollback()
                give_back_by_hand(refund_id, given_by=given_by, actor=STAFF, now=clock.now())

        self._with_order(position, ask)

    @rule(position=positions)
    def say_that_nothing_more_is_to_do(self, position: int) -> None:
        def ask(order: Order) -> None:
            failed = select(Refund.id).where(Refund.order_id == order.id, Refund.status.not_in(GAVE_BACK))
            for refund_id in list(db.session.scalars(failed)):
                db.session.rollback()
                close_failed_refund(refund_id, reason="Settled", actor=STAFF, now=clock.now())

        self._with_order(position, ask)

    @rule(position=positions)
    def capture_by_hand(self, position: int) -> None:
        def ask(order: Order) -> None:
            held = select(Payment.id).filter_by(order_id=order.id, status=PaymentStatus.AUTHORIZED)
            for payment_id in list(db.session.scalars(held)):
                request_capture(payment_id, actor=STAFF, now=clock.now())

        self._with_order(position, ask)

    @rule(hold_rule=st.sampled_from(list(HoldRule)))
    def holds_come_near_their_end(self, hold_rule: HoldRule) -> None:
        with transaction():
            db.session.get_one(ShopFacts, 1).hold_rule = hold_rule
        soon = clock.now() + timedelta(days=6, hours=20)
        self.shop.elsewhere(lambda: act_on_holds(actor=STAFF, now=soon))

    # --- What happens anyway -----------------------------------------------------------------------------------

    @rule(ahead=hours)
    def workers_run(self, ahead: float) -> None:
        self._work(ahead)

    @rule(call=job_calls, moment=moments, ahead=hours)
    def a_worker_dies(self, call: str, moment: str, ahead: float) -> None:
        self.shop.gateway.plans.append(Plan(call, moment, die))
        self._work(ahead)

    @rule(call=job_calls, moment=moments, ahead=hours, position=positions)
    def an_order_is_cancelled_under_a_worker(
        self, call: str, moment: str, ahead: float, position: int
    ) -> None:
        self.shop.gateway.plans.append(Plan(call, moment, lambda: self.cancel(position, by_staff=True)))
        self._work(ahead)

    @rule(call=job_calls, moment=moments, ahead=hours, position=positions, quantity=st.integers(1, 5))
    def an_order_gets_shorter_under_a_worker(
        self, call: str, moment: str, ahead: float, position: int, quantity: int
    ) -> None:
        self.shop.gateway.plans.append(
            Plan(call, moment, lambda: self.shorten(position, quantity, is_gone=False))
        )
        self._work(ahead)

    @rule(position=positions)
    def a_refund_comes_back_after_it_had_arrived(self, position: int) -> None:
        arrived = list(
            db.session.scalars(select(Refund).filter_by(status=RefundStatus.COMPLETED, given_by=""))
        )
        if not arrived:
            return
        refund = arrived[position % len(arrived)]
        bounce(self.shop.square.office.books, refund.provider_refund_id or "")
        with transaction():
            post(Kind.REFUND_CHECK, refund_id=refund.id)

    @rule(call=job_calls, moment=moments, ahead=hours)
    def two_workers_overlap(self, call: str, moment: str, ahead: float) -> None:
        self.shop.gateway.plans.append(Plan(call, moment, lambda: self.shop.work(timedelta(hours=ahead))))
        self._work(ahead)

    @rule(
        call=http_calls,
        kind=st.sampled_from(["500", "503", "429", "reset"]),
        moment=moments,
        count=st.integers(1, 3),
        ahead=hours,
    )
    def square_fails(self, call: str, kind: str, moment: str, count: int, ahead: float) -> None:
        self.shop.square.office.faults.add(Fault(call=call, kind=kind, moment=moment, count=count))
        self._work(ahead)

    @rule()
    def square_is_well_again(self) -> None:
        self.shop.square.office.faults.clear()

    @rule(seconds=st.sampled_from([0, 60]))
    def the_list_lags(self, seconds: int) -> None:
        self.shop.square.office.books.options.list_lag_seconds = seconds

    @rule(outcome=st.sampled_from(["COMPLETED", "REJECTED", "FAILED"]))
    def refunds_end(self, outcome: str) -> None:
        self.shop.square.office.books.options.refund_outcome = outcome

    @precondition(lambda self: self.shop.gateway.on_the_way)
    @rule()
    def lost_requests_arrive(self) -> None:
        self.shop.let_arrive()

    @rule(position=positions)
    def a_hold_lapses(self, position: int) -> None:
        held = list(db.session.scalars(select(Payment).filter_by(status=PaymentStatus.AUTHORIZED)))
        if not held:
            return
        payment = held[position % len(held)]
        provider_id = payment.provider_payment_id or ""
        with transaction():
            payment.lapses_at = clock.now() - _LONG_AGO
            post(Kind.PAYMENTS_WATCH)
        self.shop.square.office.faults.clear()
        real = get_gateway_of(self.shop.app)
        if real.get(provider_id).state is HoldState.AUTHORIZED:
            real.void(provider_id)  # as Square does by itself

    def teardown(self) -> None:
        """The story ends well, or the books say where it did not."""
        if hasattr(self, "buyer"):
            self._come_to_rest()
            for position in range(20):  # and in the end every order that still can be is given up
                self.cancel(position, by_staff=True)
            self._come_to_rest()

    def _come_to_rest(self) -> None:
        self.shop.heal()
        self.shop.check_that_nothing_was_forgotten()
        self.shop.heal()
        self.shop.check()

    # --- Steps -------------------------------------------------------------------------------------------------

    def _press(self, card: str) -> None:
        cart = db.session.scalars(select(Cart).filter_by(open_user_id=self.buyer.user_id)).one_or_none()
        if cart is None:
            cart = self._fill_a_new_cart()
        self.cart_id = cart.id
        total = load_checkout(cart, self.buyer.business_id, clock.now()).quote.total
        command = PlaceOrder(checkout_token=cart.checkout_token, shown_total=total, source=card)
        db.session.rollback()
        with suppress(AppError, Died):
            press(self.buyer, command)
        db.session.rollback()

    def _pay(self, order: Order, card: str) -> None:
        standing = find_standing(order)
        command = PayOrder(order_id=order.id, shown_amount=standing.owed, after=standing.newest, source=card)
        db.session.rollback()
        with suppress(AppError, Died):
            pay_order(command, actor=BUYER, gateway=get_gateway(), settle_after=timedelta(minutes=2))
        db.session.rollback()

    def _fill_a_new_cart(self) -> Cart:
        old = db.session.get_one(Cart, self.cart_id)
        kept = {"shipping_address_id": old.shipping_address_id, "shipping_method_id": old.shipping_method_id}
        buyer, sku = db.session.get_one(User, self.buyer.user_id), db.session.get_one(Sku, self.sku_id)
        return make_cart(buyer, {sku: 6}, **kept)

    def _with_order(self, position: int, step: Callable[[Order], object]) -> None:
        def go() -> None:
            orders = list(db.session.scalars(select(Order).order_by(Order.id.desc())))
            if orders:
                try:
                    step(orders[position % len(orders)])
                except AppError:
                    db.session.rollback()

        self.shop.elsewhere(go)

    def _work(self, ahead: float) -> None:
        """Workers run, with a fresh order to work on where nothing else waits."""
        if not self.shop.has_work():
            self.shop.elsewhere(lambda: self._press(CARD_OK))
        with suppress(Died):
            self.shop.work(timedelta(hours=ahead))
        self.shop.gateway.plans.clear()


def get_gateway_of(app: Flask) -> InterruptedGateway:
    gateway: InterruptedGateway = app.extensions["payment_gateways"]["square"]
    return gateway


@pytest.fixture
def hurried(world: Flask) -> Iterator[Flask]:
    """A worker's claim counts as a crashed one at once: nobody here is merely slow."""
    kept = world.extensions["settings"]
    world.extensions["settings"] = replace(kept, capture_stale_seconds=0)
    yield world
    world.extensions["settings"] = kept
    forget_between_tests(world)


def test_whatever_goes_wrong_the_books_balance_in_the_end(
    hurried: Flask, square: SquareServer, pytestconfig: pytest.Config
) -> None:
    class Machine(MoneyMachine):
        def __init__(self) -> None:
            super().__init__()
            self._world = vanishing_commits(hurried)
            self._world.__enter__()
            self._context = hurried.app_context()
            self._context.push()
            square.office.wipe()
            forget_between_tests(hurried)
            gateway = InterruptedGateway(get_gateway("square"))
            hurried.extensions["payment_gateways"] = {"square": gateway}
            self.shop = MoneyShop(hurried, square, gateway)

        def teardown(self) -> None:
            try:
                super().teardown()
            finally:
                db.session.remove()
                self._context.pop()
                self._world.__exit__(None, None, None)

    run_state_machine_as_test(Machine, settings=_how_many(pytestconfig.getoption("--sequences")))


def _how_many(wanted: int | None) -> settings:
    """Few and always the same, told as found; under the "long" profile as many as wanted, new ones each time, told short."""
    if settings.get_current_profile_name() == "long":
        long = settings.get_profile("long")
        return settings(long, max_examples=wanted or long.max_examples, stateful_step_count=40)
    return settings(
        max_examples=18,
        stateful_step_count=20,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
