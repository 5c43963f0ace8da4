"""The circuit breaker: what opens it, what does not, the one try after the rest, and what people see meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.accounts.permissions import Role
from app.carts.models import Cart, CartStatus
from app.extensions import db
from app.inventory.models import Stock
from app.orders.models import Order
from app.orders.status import OrderStatus
from app.outbox.kinds import Kind
from app.outbox.later import ComeBackLater
from app.outbox.models import OutboxRow
from app.payments.gateway import Declined, OutcomeUnknown, PaymentGateway
from app.payments.guarded_gateway import GuardedGateway
from app.payments.pay_links import make_pay_path
from app.payments.providers import get_gateway
from app.payments.status import PaymentStatus
from app.settings import Settings
from app.shared import clock
from app.shared.breaker import Breaker, NotAsked
from app.shared.circuits import Circuit, CircuitState, claim_probe, find_circuit, open_circuit
from app.shared.history import list_history
from app.shared.transaction import transaction
from sandbox.square import SquareServer
from tests.client import ShopClient, read_text, sign_in
from tests.factories import make_shop, make_staff
from tests.mailbox import Mails
from tests.placing import CARD_DECLINED, CARD_OK, break_next, make_ready, payments_of, press

pytestmark = pytest.mark.usefixtures("guarded", "square")
REST = timedelta(seconds=60)
RunJobs = Callable[..., list[Kind]]


@pytest.fixture
def guarded(app: Flask) -> Iterator[None]:
    """The shop as a host runs it: five failures in a minute and a minute's rest."""
    before = app.extensions["settings"]
    app.extensions["settings"] = replace(before, breaker_failures=5)
    app.extensions.pop("payment_gateways", None)
    yield
    app.extensions["settings"] = before
    app.extensions.pop("payment_gateways", None)


class Down(Exception):
    """The service does not answer."""


class Refusal(Exception):
    """The service answers, and says no."""


def make_breaker(app: Flask, failures: int = 5) -> Breaker:
    settings: Settings = replace(app.extensions["settings"], breaker_failures=failures)
    return Breaker.of("test", settings, lambda error: isinstance(error, Down))


def fail(breaker: Breaker, times: int = 1, error: Exception | None = None) -> None:
    def step() -> None:
        raise error or Down("no answer")

    for _ in range(times):
        with pytest.raises(type(error or Down())):
            breaker.call(step)


def circuit(name: str = "test") -> Circuit:
    db.session.rollback()
    db.session.expire_all()
    return db.session.scalars(db.select(Circuit).filter_by(name=name)).one()


def let_rest_pass(name: str = "test") -> None:
    with transaction():
        row = db.session.scalars(db.select(Circuit).filter_by(name=name)).one()
        row.opened_at = clock.now() - REST


def silence(square: SquareServer, call: str, times: int = 1) -> None:
    for _ in range(times):
        break_next(square, call, "500", "before")


def test_the_fifth_failure_in_a_minute_stops_the_asking(app: Flask) -> None:
    breaker = make_breaker(app)
    fail(breaker, 4)
    assert breaker.call(lambda: "answer") == "answer"
    fail(breaker)
    asked: list[int] = []
    with pytest.raises(NotAsked) as silent:
        breaker.call(lambda: asked.append(1))
    assert asked == []
    assert 55 <= silent.value.seconds <= 60
    assert (circuit().state, circuit().trips, circuit().last_error) == (CircuitState.OPEN, 1, "no answer")


def test_failures_older_than_the_window_are_forgotten(app: Flask) -> None:
    breaker = make_breaker(app)
    fail(breaker, 4)
    with transaction():
        row = db.session.scalars(db.select(Circuit)).one()
        row.failed_at = [(clock.now() - timedelta(seconds=61)).isoformat()] * 4
    fail(breaker)
    assert circuit().state is CircuitState.CLOSED
    assert len(circuit().failed_at) == 1


def test_what_proves_an_answer_counts_as_no_failure(app: Flask) -> None:
    breaker = make_breaker(app)
    fail(breaker, 12, Refusal("no"))
    assert breaker.call(lambda: "answer") == "answer"
    assert db.session.scalars(db.select(Circuit)).all() == []


def test_after_the_rest_one_try_is_let_out_and_a_good_one_ends_it(app: Flask) -> None:
    breaker = make_breaker(app)
    fail(breaker, 5)
    let_rest_pass()

    def probe() -> str:
        with pytest.raises(NotAsked):
            breaker.call(lambda: "a second one")
        return "answer"

    assert breaker.call(probe) == "answer"
    assert (circuit().state, circuit().failed_at) == (CircuitState.CLOSED, [])
    assert breaker.call(lambda: "answer") == "answer"
    assert [each.event for each in list_history("breaker", circuit().id)] == [
        "stopped_asking",
        "answers_again",
    ]


def test_a_refusal_of_the_one_try_is_an_answer_too(app: Flask) -> None:
    breaker = make_breaker(app)
    fail(breaker, 5)
    let_rest_pass()
    fail(breaker, 1, Refusal("no"))
    assert circuit().state is CircuitState.CLOSED


def test_a_try_that_fails_begins_the_rest_anew(app: Flask) -> None:
    breaker = make_breaker(app)
    fail(breaker, 5)
    let_rest_pass()
    fail(breaker)
    with pytest.raises(NotAsked):
        breaker.call(lambda: "answer")
    assert (circuit().state, circuit().trips) == (CircuitState.OPEN, 1)


def test_a_try_whose_process_died_is_replaced_after_another_rest(app: Flask) -> None:
    now = clock.now()
    open_circuit("test", words="no answer", now=now - REST)
    assert claim_probe("test", rest=REST, now=now)
    assert not claim_probe("test", rest=REST, now=now + REST / 2)
    assert find_circuit("test", rest=REST, now=now + REST / 2).is_resting
    assert claim_probe("test", rest=REST, now=now + REST)


def test_a_straggler_does_not_lengthen_the_rest(app: Flask) -> None:
    now = clock.now()
    assert open_circuit("test", words="no answer", now=now)
    assert not open_circuit("test", words="still none", now=now + REST / 2)
    assert circuit().opened_at == now


def test_no_transaction_may_be_open_around_a_guarded_call(app: Flask) -> None:
    with pytest.raises(RuntimeError, match="no transaction"), transaction():
        make_breaker(app).call(lambda: "answer")


def test_a_guarded_call_holds_no_read_open(app: Flask) -> None:
    def step() -> bool:
        return db.session().in_transaction()

    assert make_breaker(app).call(step) is False


def test_every_call_of_the_contract_is_guarded() -> None:
    calls = {name for name in vars(PaymentGateway) if not name.startswith("_")}
    guarded = {name for name in vars(GuardedGateway) if not name.startswith("_")}
    assert calls - guarded == set()


def test_declines_never_stop_the_asking(square: SquareServer) -> None:
    ready = make_ready()
    for _ in range(6):
        with pytest.raises(Declined):
            press(ready, ready.command(CARD_DECLINED))
    assert db.session.scalars(db.select(Circuit)).all() == []


def test_a_silent_square_is_left_alone_and_jobs_wait_without_losing_a_try(
    run_jobs: RunJobs, square: SquareServer, mails: Mails
) -> None:
    order = press(make_ready())
    gateway = get_gateway()
    silence(square, "payments.get", 5)
    for _ in range(5):
        with pytest.raises(OutcomeUnknown):
            gateway.get("nothing-here")
    calls = len(square.office.calls())
    with pytest.raises(ComeBackLater):
        gateway.get("nothing-here")

    run_jobs(may_fail=True)
    [job] = db.session.scalars(db.select(OutboxRow).filter_by(kind=Kind.PAYMENT_CAPTURE)).all()
    assert (job.attempts, job.closed_at, job.last_error) == (0, None, "")
    assert job.due_at > clock.now() + timedelta(seconds=50)
    assert payments_of(order)[0].status is PaymentStatus.AUTHORIZED
    assert len(square.office.calls()) == calls

    let_rest_pass("square")
    run_jobs(ahead=timedelta(minutes=2))
    assert payments_of(order)[0].status is PaymentStatus.CAPTURED
    assert circuit("square").state is CircuitState.CLOSED


def test_the_checkout_says_so_before_it_asks_a_card_and_keeps_the_cart(
    client: ShopClient, square: SquareServer
) -> None:
    ready = make_ready()
    sign_in(client, ready.buyer)
    open_circuit("square", words="no answer", now=clock.now())
    page = client.get("/checkout/review")
    assert "Card payments are not answering right now" in read_text(page)
    answer = client.submit(page, "form#review", source_token=CARD_OK, accept_terms="y")
    assert answer.status_code == 422
    said = read_text(answer)
    assert "Your order was not placed" in said
    assert "your cart is kept as it is. Please try again in a minute." in said
    assert "Place the order now, pay later by link" in said
    assert square.office.calls() == []
    db.session.rollback()
    assert db.session.scalars(db.select(Order)).all() == []
    assert db.session.get_one(Cart, ready.cart.id).status is CartStatus.OPEN

    let_rest_pass("square")
    client.submit(client.get("/checkout/review"), "form#review", source_token=CARD_OK, accept_terms="y")
    db.session.rollback()
    assert db.session.scalars(db.select(Order.status)).all() == [OrderStatus.PAYMENT_PENDING]


def press_later(client: ShopClient) -> TestResponse:
    page = client.get("/checkout/review")
    return client.submit(page, "form#review", source_token=None, accept_terms="y", later="1")


def kept_order() -> Order:
    db.session.rollback()
    db.session.expire_all()
    return db.session.scalars(db.select(Order)).one()


def test_an_order_can_be_kept_to_be_paid_by_link_and_nothing_is_held_for_it(
    client: ShopClient, run_jobs: RunJobs, mails: Mails, square: SquareServer
) -> None:
    ready = make_ready()
    sign_in(client, ready.buyer)
    open_circuit("square", words="no answer", now=clock.now())
    answer = press_later(client)
    order = kept_order()
    said = read_text(answer)
    assert f"Order {order.number} Your order is written down, not paid yet" in said
    assert f"link is on its way to {ready.buyer.email}" in said
    assert "An order to which nothing happens for 7 days is cancelled by itself." in said
    assert (order.status, payments_of(order), square.office.calls()) == (OrderStatus.PAYMENT_FAILED, [], [])
    stock = db.session.get_one(Stock, ready.sku.id)
    assert (stock.available, stock.reserved) == (100, 0)

    run_jobs()
    [mail] = mails.to(ready.buyer.email)
    [link] = [word for word in mail.text.split() if "/pay/" in word]
    let_rest_pass("square")
    page = client.get("/pay/" + link.rpartition("/")[2])
    client.submit(page, "#pay-form", source_token=CARD_OK)
    run_jobs()
    assert kept_order().status is OrderStatus.PAID
    assert db.session.get_one(Cart, ready.cart.id).status is CartStatus.ORDERED


def test_a_later_press_on_the_same_cart_goes_on_with_the_kept_order_and_mails_once(
    client: ShopClient, run_jobs: RunJobs, mails: Mails
) -> None:
    ready = make_ready()
    sign_in(client, ready.buyer)
    open_circuit("square", words="no answer", now=clock.now())
    page = client.get("/checkout/review")
    for _ in range(2):  # a double press
        client.submit(page, "form#review", source_token=None, accept_terms="y", later="1")
    number = kept_order().number
    press_later(client)  # and once more from a page made since
    assert kept_order().number == number
    run_jobs()
    assert len(mails.to(ready.buyer.email)) == 1

    let_rest_pass("square")
    order = press(ready)
    assert (order.number, order.status) == (number, OrderStatus.PAYMENT_PENDING)
    run_jobs()
    assert kept_order().status is OrderStatus.PAID


def test_nobody_puts_off_what_can_be_paid_now(client: ShopClient) -> None:
    ready = make_ready()
    sign_in(client, ready.buyer)
    open_circuit("square", words="no answer", now=clock.now())
    page = client.get("/checkout/review")
    let_rest_pass("square")
    answer = client.submit(page, "form#review", source_token=None, accept_terms="y", later="1")
    assert "Card payments are answering again" in read_text(answer)
    db.session.rollback()
    assert db.session.scalars(db.select(Order)).all() == []
    assert "pay later by link" not in read_text(client.get("/checkout/review"))


def test_an_order_written_in_the_moment_it_opened_is_kept_and_waits_for_another_try(
    square: SquareServer, run_jobs: RunJobs, mails: Mails
) -> None:
    ready = make_ready()
    command = ready.command()
    open_circuit("square", words="no answer", now=clock.now())
    order = press(ready, command)
    assert order.status is OrderStatus.PAYMENT_FAILED
    assert square.office.calls() == []
    stock = db.session.get_one(Stock, ready.sku.id, populate_existing=True)
    assert (stock.available, stock.reserved) == (100, 0)
    run_jobs()
    assert f"Order {order.number} is written down" in mails.last_to(ready.buyer.email).subject
    let_rest_pass("square")
    assert press(ready).id == order.id
    assert payments_of(order)[-1].status is PaymentStatus.AUTHORIZED


def test_the_page_of_an_order_kept_in_that_moment_says_what_to_do(client: ShopClient) -> None:
    ready = make_ready()
    sign_in(client, ready.buyer)
    command = ready.command()
    open_circuit("square", words="no answer", now=clock.now())
    order = press(ready, command)
    said = read_text(client.get(f"/checkout/done/{order.number}", follow_redirects=True))
    assert "Your order is written down, not paid yet" in said


def test_the_page_behind_a_link_says_so_and_asks_nobody(client: ShopClient, square: SquareServer) -> None:
    ready = make_ready()
    with pytest.raises(Declined):
        press(ready, ready.command(CARD_DECLINED))
    order = kept_order()
    page = client.get(make_pay_path(order.id))
    open_circuit("square", words="no answer", now=clock.now())
    asked = len(square.office.calls())
    answer = client.submit(page, "#pay-form", source_token=CARD_OK)
    assert answer.status_code == 422
    assert "this link stays good. Please try again in a minute." in read_text(answer)
    assert len(square.office.calls()) == asked
    assert kept_order().status is OrderStatus.PAYMENT_FAILED


def test_the_page_behind_the_scenes_and_readyz_tell_it(client: ShopClient) -> None:
    make_shop()
    for state in ("ready", "open"):
        if state == "open":
            open_circuit("square", words="no answer from Square (ReadTimeout)", now=clock.now())
        answer = client.get("/readyz")
        assert answer.status_code == 200
        assert answer.json is not None
        assert answer.json["services"].get("square", {}).get("state", "ready") == state
    assert answer.json["services"]["square"]["trips"] == 1
    sign_in(client, make_staff(Role.SUPPORT))
    said = read_text(client.get("/admin/services/"))
    assert "Square (card payments) Does not answer" in said
    assert "no answer from Square (ReadTimeout)" in said
    assert "Stopped asking" in said
    assert "Mail server Answers" in said


def test_one_slow_answer_does_not_make_the_other_threads_wait(app: Flask) -> None:
    breaker = make_breaker(app)
    is_asked, answers = threading.Event(), threading.Event()

    def ask_slowly() -> None:
        with app.app_context():
            breaker.call(lambda: is_asked.set() or answers.wait(10))

    thread = threading.Thread(target=ask_slowly)
    thread.start()
    assert is_asked.wait(5)
    assert breaker.call(lambda: "answer") == "answer"
    assert thread.is_alive()
    answers.set()
    thread.join()
