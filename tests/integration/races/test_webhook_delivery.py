"""Events over a real connection, as untidily as the look-alike can send them: late, in copies, newest first."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from flask import Flask

from app.extensions import db
from app.inventory.models import Stock
from app.orders.cancel_order import cancel_own_order
from app.orders.models import Order
from app.orders.status import OrderStatus
from app.outbox.kinds import Kind
from app.outbox.models import OutboxRow
from app.payments.models import Difference, Payment, Refund, WebhookEvent
from app.payments.providers import get_gateway
from app.payments.status import PaymentStatus, RefundStatus
from app.shared import clock
from app.shared.history import Actor, HistoryEntry
from app.shared.transaction import transaction
from app.shop.models import CaptureRule, ShopFacts
from sandbox.background_server import BackgroundServer
from sandbox.square import SquareServer
from sandbox.square.books import Webhooks
from sandbox.square.webhooks import sign
from tests.events import event
from tests.mailbox import Mails
from tests.placing import ledger, make_ready, payments_of, press
from tests.running_jobs import run_due
from tests.worlds import WEBHOOK_KEY

pytestmark = pytest.mark.usefixtures("mails")

COPIES = 3


@pytest.fixture
def square(square_server: SquareServer) -> Iterator[SquareServer]:
    square_server.office.wipe()
    yield square_server
    square_server.office.books.options.webhooks = Webhooks()
    square_server.office.wipe()


@pytest.fixture
def mails(mail_catcher) -> Mails:
    mail_catcher.box.empty()
    return Mails(mail_catcher)


@pytest.fixture
def door(app: Flask, square: SquareServer) -> Iterator[str]:
    """The shop on a port of its own; the look-alike sends it every event in three copies, newest first and late."""
    settings = app.extensions["settings"]
    server = BackgroundServer(app)
    url = f"{server.url}/webhooks/square"
    app.extensions["settings"] = replace(settings, square_webhook_url=url)
    square.office.books.options.webhooks = Webhooks(
        url=url, key=WEBHOOK_KEY, duplicates=COPIES - 1, delay_seconds=3600, reorder=True
    )
    try:
        yield url
    finally:
        server.stop()
        app.extensions["settings"] = settings


def capture_by_hand() -> None:
    with transaction():
        db.session.get_one(ShopFacts, 1).capture_rule = CaptureRule.BY_HAND


def moves(payment: Payment) -> Counter[str]:
    query = db.select(HistoryEntry.event).filter_by(subject="payment", subject_id=payment.id)
    return Counter(db.session.scalars(query))


def kept() -> list[WebhookEvent]:
    db.session.rollback()
    db.session.expire_all()
    return list(db.session.scalars(db.select(WebhookEvent)))


def test_an_orders_whole_life_told_backwards_in_three_copies_changes_nothing(
    app: Flask, square: SquareServer, door: str
) -> None:
    ready = make_ready()
    order = press(ready)
    run_due(app)
    cancel_own_order(order.number, ready.business_id, actor=Actor.system("buyer"), now=clock.now())
    run_due(app)
    before = ledger(square)
    told = square.office.courier.deliver()
    assert told == COPIES * len(kept())
    assert len(kept()) >= 5, "created, captured, refunded, and the refund's own"
    run_due(app)

    [payment] = payments_of(order)
    [refund] = db.session.scalars(db.select(Refund))
    assert (payment.status, refund.status) == (PaymentStatus.CAPTURED, RefundStatus.COMPLETED)
    assert moves(payment) == Counter({"created": 1, "authorized": 1, "capturing": 1, "captured": 1})
    assert db.session.get_one(Order, order.id).status is OrderStatus.CANCELLED
    stock = db.session.get_one(Stock, ready.sku.id)
    assert (stock.available, stock.reserved) == (100, 0)
    assert ledger(square) == before
    assert all(each.handled_at for each in kept())
    assert list(db.session.scalars(db.select(Difference))) == []


def test_what_only_the_events_know_is_taken_over_once(app: Flask, square: SquareServer, door: str) -> None:
    ready = make_ready()
    capture_by_hand()
    order = press(ready)
    run_due(app)
    get_gateway().capture(payments_of(order)[0].provider_payment_id or "")
    square.office.courier.deliver()
    run_due(app)
    [payment] = payments_of(order)
    assert payment.status is PaymentStatus.CAPTURED
    assert moves(payment)["captured"] == 1
    assert db.session.get_one(Order, order.id).status is OrderStatus.PAID
    receipts = db.session.scalars(db.select(OutboxRow).filter_by(kind=Kind.MAIL_ORDER_RECEIPT)).all()
    assert len(receipts) == 1


def test_forged_events_over_the_wire_are_turned_away(app: Flask, square: SquareServer, door: str) -> None:
    ready = make_ready()
    capture_by_hand()
    order = press(ready)
    provider_id = payments_of(order)[0].provider_payment_id or ""
    forged = event(provider_id, status="COMPLETED")
    headers: list[dict[str, str]] = [{}, {"x-square-hmacsha256-signature": "bm90IGl0"}]
    assert [httpx.post(door, content=forged, headers=each).status_code for each in headers] == [401, 401]
    square.office.books.options.webhooks.key = "a key of somebody else"
    assert square.office.courier.deliver() == 0
    assert kept() == []
    assert payments_of(order)[0].status is PaymentStatus.AUTHORIZED


def test_copies_that_come_at_the_same_moment_are_kept_once(
    app: Flask, door: str, at_once: Callable[..., list[Any]]
) -> None:
    body = event("pay1", event_id="one")
    headers = {"x-square-hmacsha256-signature": sign_for(door, body)}
    answers = at_once(*[lambda: httpx.post(door, content=body, headers=headers).status_code] * 10)
    assert answers == [200] * 10
    assert len(kept()) == 1
    assert len(list(db.session.scalars(db.select(OutboxRow)))) == 1


def sign_for(door: str, body: str) -> str:
    return sign(WEBHOOK_KEY, door, body)


def test_an_answer_takes_milliseconds_and_asks_nobody(app: Flask, square: SquareServer, door: str) -> None:
    took = []
    for number in range(30):
        body = event(f"pay{number}")
        begun = time.perf_counter()
        assert (
            httpx.post(
                door, content=body, headers={"x-square-hmacsha256-signature": sign_for(door, body)}
            ).status_code
            == 200
        )
        took.append(time.perf_counter() - begun)
    assert sorted(took)[len(took) // 2] < 0.25, took
    assert square.office.calls() == []
