"""Orders without a card: on terms and on pickup, from the press of the button to the last receipt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import delete

from app.businesses.models import Business
from app.checkout.payment_ways import CannotPayThisWay
from app.checkout.place_order import place_order
from app.extensions import db
from app.inventory.models import Stock
from app.orders.cancel_order import cancel_order
from app.orders.models import Order
from app.orders.payment_method import PaymentMethod
from app.orders.status import OrderStatus
from app.outbox.kinds import Kind
from app.outbox.models import OutboxRow
from app.payments.ask_by_hand import request_capture
from app.payments.models import Difference
from app.payments.post_missing_work import post_missing_work
from app.payments.providers import get_gateway
from app.payments.queries import balance, list_overdue_authorizations
from app.payments.receivables import list_open_orders, load_credit
from app.payments.reconcile import reconcile
from app.payments.record_receipt import withdraw_receipt
from app.payments.status import PaymentStatus
from app.shared import clock
from app.shared.errors import AppError, Conflict
from app.shared.money import ZERO, Money
from app.shared.transaction import transaction
from app.shop.models import ShopFacts
from app.shop.queries import shop_today
from sandbox.square import SquareServer
from tests.factories import make_cart
from tests.mailbox import Mails
from tests.on_account import (
    STAFF,
    Run,
    fall_due,
    fresh,
    make_account,
    make_collector,
    place,
    receive,
    send_out,
)
from tests.placing import Ready, ledger, make_ready, payments_of

pytestmark = pytest.mark.usefixtures("app", "square")

_O, _P = OrderStatus, PaymentStatus
TOTAL = Money(3500)


def _another_cart(ready: Ready) -> Ready:
    """The same goods again, in a new cart of the same buyer."""
    cart = make_cart(
        ready.buyer,
        {ready.sku: 2},
        shipping_address_id=ready.address.id,
        shipping_method_id=ready.cart.shipping_method_id,
    )
    return replace(ready, cart=cart)


def test_an_order_on_terms_stands_at_once_and_nobody_outside_is_asked(square: SquareServer) -> None:
    order = place(make_account())
    [promise] = payments_of(order)
    assert fresh(order).status is _O.PAYMENT_PENDING
    assert (promise.provider, promise.status, promise.live_order_id, promise.lapses_at) == (
        "terms", _P.AUTHORIZED, None, None,
    )  # fmt: skip
    assert (order.terms_days, fresh(order).status_words, order.method_words) == (
        30,
        "On terms",
        "Net 30 on account",
    )
    assert ledger(square) == []


def test_an_order_on_terms_is_shipped_invoiced_paid_in_parts_and_then_settled(
    run_jobs: Run, mails: Mails
) -> None:
    ready = make_account()
    order = send_out(place(ready))
    run_jobs()
    shipped = fresh(order)
    today = shop_today(clock.now())
    assert (shipped.status, shipped.invoice_number, shipped.due_on) == (
        _O.SHIPPED,
        "INV-1001",
        today + timedelta(days=30),
    )
    invoice = mails.last_to(ready.buyer.email)
    assert "INV-1001" in invoice.subject
    assert "$35.00" in invoice.text
    assert "/pay/" in invoice.text

    receive(order, Money(1500))
    assert balance(fresh(order)) == Money(2000)
    assert fresh(order).paid_at is None
    run_jobs()
    assert "$20.00 is still open" in mails.last_to(ready.buyer.email).text

    receive(order, Money(2000), by="ach")
    assert balance(fresh(order)) == ZERO
    assert fresh(order).paid_at is not None
    assert [each.status for each in payments_of(order)] == [_P.CAPTURED] * 3
    run_jobs()
    assert "Nothing is owed" in mails.last_to(ready.buyer.email).text


def test_a_buyer_who_pays_ahead_has_a_paid_order(run_jobs: Run) -> None:
    order = place(make_account())
    receive(order, TOTAL, by="cash")
    assert fresh(order).status is _O.PAID
    assert send_out(order).invoice_number == "INV-1001"


def test_what_is_collected_is_paid_at_the_counter(run_jobs: Run, mails: Mails) -> None:
    ready = make_collector()
    order = place(ready, PaymentMethod.ON_PICKUP)
    run_jobs()
    assert "in cash or by check when you collect it" in mails.last_to(ready.buyer.email).text
    assert fresh(order).status_words == "Pay on pickup"
    assert send_out(order).due_on == shop_today(clock.now())
    receive(order, Money(2000), by="cash", reference="")
    assert fresh(order).paid_at is not None


def test_staff_are_told_of_an_order_that_no_capture_will_announce(run_jobs: Run, mails: Mails) -> None:
    order = place(make_account())
    run_jobs()
    subject = mails.last_to("staff@shop.example").subject
    assert order.number in subject
    assert "Net 30 on account" in subject


# --- What is refused ----------------------------------------------------------------------------------------------


def test_the_limit_counts_orders_that_are_not_invoiced_yet() -> None:
    ready = make_account(limit=Money(5000))
    place(ready)
    assert load_credit(ready.business_id, shop_today(clock.now())).owed == TOTAL
    again = _another_cart(ready)
    with pytest.raises(CannotPayThisWay, match=r"\$35.00 is open, so \$15.00 is left"):
        place(again)
    assert len(list(db.session.scalars(db.select(Order)))) == 1


def test_a_refused_order_leaves_cart_and_stock_as_they_were() -> None:
    ready = make_account(limit=Money(100))
    with pytest.raises(CannotPayThisWay) as refused:
        place(ready)
    assert refused.value.field == "payment_method"
    db.session.expire_all()
    assert db.session.get_one(Stock, ready.sku.id).reserved == 0
    assert ready.cart.placing_order_id is None


def test_a_paid_invoice_makes_room_again() -> None:
    ready = make_account(limit=Money(5000))
    receive(place(ready), TOTAL)
    assert place(_another_cart(ready)).status is _O.PAYMENT_PENDING


def test_a_businesses_own_limit_goes_before_its_groups() -> None:
    ready = make_account(limit=Money(100))
    with transaction():
        db.session.get_one(Business, ready.business_id).credit_limit_cents = Money(10_000)
    assert place(ready).status is _O.PAYMENT_PENDING


def test_an_invoice_more_than_thirty_days_late_closes_the_account() -> None:
    ready = make_account()
    order = send_out(place(ready))
    fall_due(order, 30)
    again = _another_cart(ready)
    second = place(again)
    fall_due(order, 31)
    with pytest.raises(CannotPayThisWay, match="31 days overdue"):
        place(_another_cart(ready))
    assert second.number == "TP-1002"


@pytest.mark.parametrize("method", [PaymentMethod.TERMS, PaymentMethod.ON_PICKUP])
def test_a_way_to_pay_that_was_never_offered_is_refused(method: PaymentMethod) -> None:
    with pytest.raises(CannotPayThisWay, match="not open for this order"):
        place(make_ready(), method)


def test_pickup_may_be_paid_by_card_alone_where_the_shop_says_so() -> None:
    ready = make_collector()
    with transaction():
        db.session.get_one(ShopFacts, 1).allows_pay_on_pickup = False
    with pytest.raises(CannotPayThisWay):
        place(ready, PaymentMethod.ON_PICKUP)


# --- Receipts -----------------------------------------------------------------------------------------------------


def test_more_than_is_open_is_not_taken() -> None:
    order = place(make_account())
    with pytest.raises(AppError, match=r"Only \$35.00 is open"):
        receive(order, Money(3501))
    assert len(payments_of(order)) == 1


def test_two_presses_record_one_receipt() -> None:
    order = place(make_account())
    key = str(uuid4())
    first, second = (receive(order, Money(1000), key=key) for _ in range(2))
    assert first.id == second.id
    assert balance(fresh(order)) == Money(2500)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"by": "barter"}, "how the money came"),
        ({"amount": ZERO}, "how much came"),
        ({"received_on": timedelta(days=2)}, "future"),
        ({"received_on": timedelta(days=-400)}, "more than a year ago"),
        ({"key": "x"}, "out of date"),
    ],
)
def test_a_receipt_that_cannot_be_is_refused_in_words(changes: dict[str, object], words: str) -> None:
    order = place(make_account())
    given = {
        name: clock.now().date() + each if isinstance(each, timedelta) else each
        for name, each in changes.items()
    }
    with pytest.raises(AppError, match=words):
        receive(order, **({"amount": Money(1000)} | given))  # type: ignore[arg-type]


def test_nothing_is_received_by_hand_for_a_card_order_or_a_cancelled_one() -> None:
    on_account = place(make_account())
    cancel_order(on_account.id, actor=STAFF, now=clock.now(), reason="Changed their mind")
    with pytest.raises(Conflict, match="cancelled"):
        receive(on_account, Money(100))


def test_a_receipt_recorded_by_mistake_is_owed_again() -> None:
    order = place(make_account())
    receipt = receive(order, TOTAL)
    assert fresh(order).status is _O.PAID
    withdraw_receipt(receipt.id, reason="Another business's check", actor=STAFF, now=clock.now())
    again = fresh(order)
    assert (again.status, again.paid_at, balance(again)) == (_O.PAYMENT_PENDING, None, TOTAL)
    assert [each.status for each in payments_of(order)] == [_P.AUTHORIZED, _P.FAILED]
    with pytest.raises(Conflict):
        withdraw_receipt(receipt.id, reason="Twice", actor=STAFF, now=clock.now())
    receive(order, TOTAL)
    assert fresh(order).status is _O.PAID


def test_a_promise_is_no_receipt_to_take_back() -> None:
    [promise] = payments_of(place(make_account()))
    with pytest.raises(Conflict, match="no receipt"):
        withdraw_receipt(promise.id, reason="No", actor=STAFF, now=clock.now())


# --- What heals and what is left alone ------------------------------------------------------------------------------


def test_a_crash_between_writing_and_recording_heals_by_settle(run_jobs: Callable[..., object]) -> None:
    ready = make_account()

    class Crashed(Exception):
        pass

    class Dies:
        name, location = "terms", ""

        def authorize(self, _charge: object) -> None:
            raise Crashed

    with pytest.raises(Crashed):
        place_order(
            ready.command("", payment_method=PaymentMethod.TERMS), user_id=ready.user_id, business_id=ready.business_id,
            actor=STAFF, gateway=Dies(), settle_after=timedelta(minutes=2),  # type: ignore[arg-type]
        )  # fmt: skip
    [order] = db.session.scalars(db.select(Order))
    assert order.status is _O.PENDING
    run_jobs(ahead=timedelta(minutes=3))
    assert fresh(order).status is _O.PAYMENT_PENDING
    [promise] = payments_of(order)
    assert promise.status is _P.AUTHORIZED


def test_jobs_that_capture_and_watch_holds_leave_promises_alone(run_jobs: Callable[..., object]) -> None:
    order = send_out(place(make_account()))
    run_jobs()
    later = clock.now() + timedelta(days=40)
    assert list_overdue_authorizations(later) == []
    assert post_missing_work(later) == 0
    [promise] = payments_of(order)
    assert promise.status is _P.AUTHORIZED
    with pytest.raises(Conflict, match="promise to pay later"):
        request_capture(promise.id, actor=STAFF, now=clock.now())


def test_a_cancelled_order_owes_nothing_and_its_promise_is_let_go(run_jobs: Run, mails: Mails) -> None:
    ready = make_account()
    order = place(ready)
    cancel_order(order.id, actor=STAFF, now=clock.now(), reason="Out of season")
    run_jobs()
    [promise] = payments_of(order)
    assert promise.status is _P.VOIDED
    assert list_open_orders() == []
    assert load_credit(ready.business_id, shop_today(clock.now())).owed == ZERO
    assert "Nothing is owed for it" in mails.last_to(ready.buyer.email).text


def test_a_promise_whose_release_was_lost_is_let_go_by_the_hourly_look(run_jobs: Run) -> None:
    order = place(make_account())
    cancel_order(order.id, actor=STAFF, now=clock.now(), reason="Out of season")
    with transaction():
        db.session.execute(delete(OutboxRow).where(OutboxRow.kind == Kind.PAYMENT_RELEASE))
    post_missing_work(clock.now() + timedelta(hours=2))
    run_jobs(ahead=timedelta(hours=2))
    assert [each.status for each in payments_of(order)] == [_P.VOIDED]


def test_the_list_and_the_balance_of_one_order_say_the_same() -> None:
    order = place(make_account())
    receive(order, Money(1234))
    [listed] = list_open_orders()
    assert listed.owed == balance(fresh(order)) == Money(2266)


def test_the_comparison_with_the_providers_books_knows_nothing_of_what_is_paid_by_hand(run_jobs: Run) -> None:
    receive(send_out(place(make_account())), Money(1000))
    run_jobs()
    now = clock.now()
    reconcile(now - timedelta(days=8), gateway=get_gateway("square"), actor=STAFF)
    assert list(db.session.scalars(db.select(Difference))) == []
