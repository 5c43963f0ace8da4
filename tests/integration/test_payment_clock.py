"""Before a hold lapses: charged or let go by the shop's rule; goods that left are always charged."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest

from app.accounts.permissions import Role
from app.carts.models import Cart, CartStatus
from app.extensions import db
from app.inventory.models import Stock
from app.orders.fulfil_order import ship_order, start_processing
from app.orders.models import Order
from app.orders.payment_method import PaymentMethod
from app.orders.status import OrderStatus
from app.outbox.kinds import Kind
from app.outbox.models import OutboxRow
from app.payments.act_on_holds import LET_GO, act_on_holds
from app.payments.ask_by_hand import request_capture
from app.payments.gateway import OutcomeUnknown
from app.payments.hold_clock import ACT_BEFORE
from app.payments.models import Payment
from app.payments.pay_links import make_pay_path
from app.payments.status import PaymentStatus
from app.shared import clock
from app.shared.history import Actor, list_history
from app.shared.transaction import transaction
from app.shop.models import CaptureRule, HoldRule, ShopFacts
from jobs.handlers.payments import watch
from sandbox.clock import MovableClock
from sandbox.square import SquareServer
from tests.client import ShopClient, read_html, read_text, sign_in
from tests.factories import make_buyer, make_order, make_payment, make_shop, make_staff
from tests.mailbox import Mails
from tests.placing import CARD_OK, Ready, break_next, ledger, make_ready, payments_of, press

pytestmark = pytest.mark.usefixtures("app", "square")
RunJobs = Callable[..., list[Kind]]
CLOCK = Actor.system("Payment clock")


def make_held(hold_rule: HoldRule) -> tuple[Ready, Order]:
    """An order whose card is held and that nobody charges."""
    ready = make_ready()
    with transaction():
        shop = db.session.get_one(ShopFacts, 1)
        shop.capture_rule, shop.hold_rule = CaptureRule.BY_HAND, hold_rule
    return ready, press(ready)


@pytest.fixture
def advance(square: SquareServer) -> Iterator[Callable[[timedelta], None]]:
    """Move the provider's clock on; it is back afterwards, because other tests share it."""
    books = square.office.books
    before = books.clock
    books.clock = MovableClock()
    yield lambda by: books.advance(by.total_seconds())
    books.clock = before


def act(now: datetime) -> int:
    db.session.rollback()
    return act_on_holds(actor=CLOCK, now=now)


def ends_of(order: Order) -> datetime:
    [payment] = payments_of(order)
    assert payment.lapses_at is not None
    return payment.lapses_at


def fresh(order: Order) -> Order:
    db.session.rollback()
    db.session.expire_all()
    return db.session.get_one(Order, order.id)


def open_kinds() -> set[Kind]:
    db.session.rollback()
    return set(db.session.scalars(db.select(OutboxRow.kind).where(OutboxRow.closed_at.is_(None))))


def test_a_hold_with_time_left_is_let_alone(run_jobs: RunJobs) -> None:
    _, order = make_held(HoldRule.RELEASE)
    assert act(ends_of(order) - ACT_BEFORE - timedelta(minutes=1)) == 0
    assert fresh(order).status is OrderStatus.PAYMENT_PENDING


def test_by_the_rule_to_charge_the_card_is_charged_before_the_hold_ends(
    run_jobs: RunJobs, square: SquareServer, advance: Callable[[timedelta], None]
) -> None:
    _, order = make_held(HoldRule.CAPTURE)
    now = ends_of(order) - ACT_BEFORE
    advance(timedelta(days=7) - ACT_BEFORE)  # there is still something to take at the provider
    assert act(now) == 1
    assert act(now) == 0  # its job stands in the outbox
    run_jobs()
    assert fresh(order).status is OrderStatus.PAID
    assert [each["status"] for each in ledger(square)] == ["COMPLETED"]
    events = [each.event for each in list_history("payment", payments_of(order)[0].id)]
    assert events.count("charged_before_it_lapses") == 1


def test_a_rule_that_comes_too_late_finds_the_hold_gone_and_the_order_fails(
    run_jobs: RunJobs, square: SquareServer, advance: Callable[[timedelta], None]
) -> None:
    _, order = make_held(HoldRule.CAPTURE)
    advance(timedelta(days=7, minutes=5))
    act(ends_of(order) + timedelta(minutes=5))
    run_jobs(may_fail=True)  # refused; the next try asks first
    run_jobs(ahead=timedelta(minutes=1))
    assert fresh(order).status is OrderStatus.PAYMENT_FAILED
    assert [payment.status for payment in payments_of(order)] == [PaymentStatus.LAPSED]
    assert [each["status"] for each in ledger(square)] == ["CANCELED"]


def test_by_the_rule_to_let_go_the_buyer_gets_the_goods_back_on_the_shelf_and_a_link(
    client: ShopClient, run_jobs: RunJobs, mails: Mails, square: SquareServer
) -> None:
    ready, order = make_held(HoldRule.RELEASE)
    run_jobs()
    assert act(ends_of(order) - ACT_BEFORE) == 1
    failed = fresh(order)
    assert failed.status is OrderStatus.PAYMENT_FAILED
    stock = db.session.get_one(Stock, ready.sku.id, populate_existing=True)
    assert (stock.available, stock.reserved) == (100, 0)
    assert "An earlier hold on a card is being let go" in read_text(client.get(make_pay_path(order.id)))
    run_jobs()
    assert [payment.status for payment in payments_of(order)] == [PaymentStatus.VOIDED]
    assert [each["status"] for each in ledger(square)] == ["CANCELED"]
    assert [each.reason for each in list_history("order", order.id)][-1] == LET_GO
    mail = mails.last_to(ready.buyer.email)
    assert "we let the hold on your card go" in mail.text
    [link] = [word for word in mail.text.split() if "/pay/" in word]
    page = client.get("/pay/" + link.rpartition("/")[2])
    client.submit(page, "#pay-form", source_token=CARD_OK)
    assert fresh(order).status is OrderStatus.PAYMENT_PENDING
    assert db.session.get_one(Cart, ready.cart.id).status is CartStatus.ORDERED


def test_goods_that_left_are_charged_whatever_the_rule(run_jobs: RunJobs, square: SquareServer) -> None:
    _, order = make_held(HoldRule.RELEASE)
    start_processing(order.id, actor=CLOCK, now=clock.now())
    ship_order(order.id, carrier="UPS", tracking_number="1Z", actor=CLOCK, now=clock.now())
    with transaction():  # the job that shipping posts was lost
        db.session.execute(db.delete(OutboxRow).where(OutboxRow.kind == Kind.PAYMENT_CAPTURE_ORDER))
    assert act(ends_of(order) - ACT_BEFORE) == 1
    run_jobs()
    assert (fresh(order).status, fresh(order).paid_at is not None) == (OrderStatus.SHIPPED, True)
    assert [each["status"] for each in ledger(square)] == ["COMPLETED"]


def test_an_order_in_preparation_is_let_go_too_and_cannot_be_shipped_unpaid(run_jobs: RunJobs) -> None:
    _, order = make_held(HoldRule.RELEASE)
    start_processing(order.id, actor=CLOCK, now=clock.now())
    act(ends_of(order) - ACT_BEFORE)
    assert fresh(order).status is OrderStatus.PAYMENT_FAILED


def test_a_capture_asked_for_before_finds_the_order_let_go_and_takes_nothing(
    run_jobs: RunJobs, square: SquareServer
) -> None:
    _, order = make_held(HoldRule.RELEASE)
    [payment] = payments_of(order)
    request_capture(payment.id, actor=CLOCK, now=clock.now())
    act(ends_of(order) - ACT_BEFORE)
    run_jobs()
    assert fresh(order).status is OrderStatus.PAYMENT_FAILED
    assert [each["status"] for each in ledger(square)] == ["CANCELED"]


def test_a_promise_never_lapses() -> None:
    make_shop(hold_rule=HoldRule.RELEASE)
    order = make_order(make_buyer(), payment_method=PaymentMethod.TERMS)
    make_payment(order, provider="terms", live_order_id=None, lapses_at=None)
    assert act(clock.now() + timedelta(days=400)) == 0
    assert fresh(order).status is OrderStatus.PAYMENT_PENDING


def test_the_hourly_look_acts_although_the_provider_does_not_answer(
    run_jobs: RunJobs, square: SquareServer
) -> None:
    _, order = make_held(HoldRule.CAPTURE)
    run_jobs()
    with transaction():
        db.session.get_one(Payment, payments_of(order)[0].id).lapses_at = clock.now()
    break_next(square, "payments.get", "500")
    with pytest.raises(OutcomeUnknown):
        watch()
    assert Kind.PAYMENT_CAPTURE in open_kinds()


def test_a_released_order_that_nobody_pays_again_can_still_be_ordered_from_the_cart(
    run_jobs: RunJobs,
) -> None:
    ready, order = make_held(HoldRule.RELEASE)
    act(ends_of(order) - ACT_BEFORE)
    run_jobs()
    again = press(ready)
    assert (again.id, again.status) == (order.id, OrderStatus.PAYMENT_PENDING)


# --- What staff see ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "age, badge",
    [(timedelta(days=1), ""), (timedelta(days=4), "Ends in 3 days"), (timedelta(days=6), "Ends in 2")],
)
def test_holds_turn_amber_and_red_wherever_they_are_shown(
    client: ShopClient, age: timedelta, badge: str
) -> None:
    make_shop()
    order = make_order(make_buyer())
    since = clock.now() - age + timedelta(minutes=1 if not badge else -1)
    payment = make_payment(order, authorized_at=since, lapses_at=since + timedelta(days=7, minutes=5))
    sign_in(client, make_staff(Role.FINANCE))
    for address in (
        "/admin/payments/",
        f"/admin/payments/details/?id={payment.id}",
        f"/admin/orders/details/?id={order.id}",
    ):
        labels = read_html(client.get(address)).select(".status--notice, .status--danger")
        ends = [label.get_text() for label in labels if "Ends" in label.get_text()]
        assert (not ends) if not badge else (badge in ends[0]), address


def test_the_order_page_says_of_every_hold_when_it_ends_a_young_one_too(client: ShopClient) -> None:
    make_shop()
    order = make_order(make_buyer())
    since = clock.now() - timedelta(hours=1)
    payment = make_payment(order, authorized_at=since, lapses_at=since + timedelta(days=7))
    sign_in(client, make_staff(Role.FINANCE))
    page = read_html(client.get(f"/admin/orders/details/?id={order.id}"))
    [label] = [each for each in page.select(".status--quiet") if "Ends" in each.get_text()]
    assert label.get_text() == "Ends in 6 days"
    assert payment.lapses_at is not None
    moments = [each["datetime"] for each in page.select("time")]
    assert payment.lapses_at.isoformat(timespec="seconds") in moments


def test_the_order_page_names_no_end_of_a_promise_or_of_money_that_is_in(client: ShopClient) -> None:
    make_shop()
    order = make_order(make_buyer(), payment_method=PaymentMethod.TERMS)
    make_payment(order, provider="terms", live_order_id=None, lapses_at=None)
    make_payment(order, status=PaymentStatus.CAPTURED)
    sign_in(client, make_staff(Role.FINANCE))
    page = read_html(client.get(f"/admin/orders/details/?id={order.id}"))
    assert not [each for each in page.select(".status") if "Ends" in each.get_text()]


def test_the_first_page_counts_holds_of_four_days_and_tells_the_red_ones(client: ShopClient) -> None:
    make_shop()
    for days in (1, 4, 6):
        since = clock.now() - timedelta(days=days, minutes=5)
        make_payment(make_order(make_buyer()), authorized_at=since, lapses_at=since + timedelta(days=7))
    sign_in(client, make_staff(Role.FINANCE))
    said = read_text(client.get("/admin/"))
    assert "2 Card holds four days old or more, 1 ends soon and 1 ends within a day" in said
    tile = read_html(client.get("/admin/")).select_one(".work__amber")
    assert tile is not None
    assert tile.get_text() == "1 ends soon"
    listed = read_html(client.get("/admin/payments/?show=ending"))
    assert len(listed.select("tbody tr")) == 2


def test_the_owner_chooses_what_becomes_of_holds(client: ShopClient) -> None:
    make_shop()
    sign_in(client, make_staff())
    page = client.get("/admin/shop_facts/edit/?id=1")
    assert "Goods that left are always charged" in read_text(page)
    client.submit(page, "form.form", hold_rule="release")
    db.session.rollback()
    assert db.session.get_one(ShopFacts, 1).hold_rule is HoldRule.RELEASE
