"""What the payment provider reports: who is believed, how often, and what comes of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask

from app.extensions import db
from app.orders.cancel_order import cancel_own_order
from app.orders.models import Order
from app.orders.status import OrderStatus
from app.outbox.kinds import Kind
from app.outbox.models import OutboxRow
from app.payments.difference_kinds import DifferenceKind
from app.payments.models import Difference, Payment, Refund, WebhookEvent
from app.payments.providers import get_gateway
from app.payments.status import PaymentStatus, RefundStatus
from app.payments.webhook_event import LONGEST_BODY
from app.shared import clock
from app.shared.history import Actor, list_history
from app.shared.transaction import transaction
from app.shop.models import CaptureRule, ShopFacts
from sandbox.square import SquareServer
from sandbox.square.refunds import bounce
from sandbox.square.webhooks import sign
from tests.client import ShopClient
from tests.events import event, send
from tests.mailbox import Mails
from tests.placing import break_next, make_ready, payments_of, press
from tests.worlds import SITE_URL

pytestmark = pytest.mark.usefixtures("app", "square", "mails")

RunJobs = Callable[..., list[Kind]]


def kept() -> list[WebhookEvent]:
    db.session.rollback()
    db.session.expire_all()
    return list(db.session.scalars(db.select(WebhookEvent).order_by(WebhookEvent.id)))


def differences() -> list[Difference]:
    db.session.rollback()
    db.session.expire_all()
    return list(db.session.scalars(db.select(Difference)))


def held_order(run_jobs: RunJobs) -> tuple[Order, Payment]:
    """An order whose amount is held and stays so, for the shop captures by hand."""
    ready = make_ready()
    with transaction():
        db.session.get_one(ShopFacts, 1).capture_rule = CaptureRule.BY_HAND
    order = press(ready)
    run_jobs()
    return order, payments_of(order)[0]


def fresh(order: Order) -> Order:
    db.session.rollback()
    db.session.expire_all()
    return db.session.get_one(Order, order.id)


# --- The door -----------------------------------------------------------------------------------------------------


def test_a_signed_event_is_kept_and_only_a_job_is_posted(
    client: ShopClient, square: SquareServer, count_queries
) -> None:
    with count_queries() as queries:
        assert send(client, event("pay1", event_id="e1")).status_code == 200
    [row] = kept()
    assert (row.event_id, row.type, row.provider_payment_id, row.handled_at) == (
        "e1",
        "payment.updated",
        "pay1",
        None,
    )
    [job] = db.session.scalars(db.select(OutboxRow))
    assert (job.kind, job.ids) == (Kind.PAYMENT_WEBHOOK, {"webhook_event_id": row.id})
    assert square.office.calls() == [], "the answer waits for nobody"
    assert queries.count <= 2, queries


def test_the_same_event_again_is_acknowledged_and_nothing_more(client: ShopClient) -> None:
    answers = [send(client, event("pay1", event_id="e1")).status_code for _ in range(3)]
    assert answers == [200, 200, 200]
    assert len(kept()) == 1
    assert len(list(db.session.scalars(db.select(OutboxRow)))) == 1


@pytest.mark.parametrize(
    "signature", ["", "x", sign("wrong key", f"{SITE_URL}/webhooks/square", event("p", event_id="f"))]
)
def test_what_is_not_signed_by_the_provider_is_turned_away(client: ShopClient, signature: str) -> None:
    assert send(client, event("p", event_id="f"), signature).status_code == 401
    assert kept() == []


def test_a_signature_over_another_body_or_address_is_turned_away(client: ShopClient, app: Flask) -> None:
    key = app.extensions["settings"].square_webhook_signature_key
    other_body = sign(key, f"{SITE_URL}/webhooks/square", event("p", event_id="one"))
    assert send(client, event("p", event_id="two"), other_body).status_code == 401
    body = event("p", event_id="three")
    assert send(client, body, sign(key, "https://elsewhere.example/webhooks/square", body)).status_code == 401
    assert kept() == []


def test_the_address_that_counts_is_the_registered_one_whatever_host_is_asked(client: ShopClient) -> None:
    body = event("pay1")
    signature = sign("webhook-key-for-tests", f"{SITE_URL}/webhooks/square", body)
    answer = client.post(
        "/webhooks/square", data=body, headers={"x-square-hmacsha256-signature": signature, "Host": "proxy.internal"},
        csrf=False,
    )  # fmt: skip
    assert answer.status_code == 200


def test_types_the_shop_does_nothing_with_are_acknowledged_and_kept_without_a_job(client: ShopClient) -> None:
    assert send(client, event("d1", "dispute.created")).status_code == 200
    [row] = kept()
    assert (row.type, row.outcome) == ("dispute.created", "not looked at")
    assert row.handled_at is not None
    assert list(db.session.scalars(db.select(OutboxRow))) == []


@pytest.mark.parametrize(
    "body", ["", "[]", "nonsense", '{"type": "payment.updated"}', '{"event_id": "", "type": ""}']
)
def test_a_signed_body_that_is_no_event_is_refused(client: ShopClient, body: str) -> None:
    assert send(client, body).status_code == 400
    assert kept() == []


def test_a_body_nobody_would_send_is_not_read(client: ShopClient) -> None:
    body = json.dumps({"event_id": "big", "type": "payment.updated", "data": "x" * LONGEST_BODY})
    assert send(client, body).status_code == 413
    assert kept() == []


def test_a_shop_without_a_key_for_events_has_no_such_address(client: ShopClient, app: Flask) -> None:
    settings = app.extensions["settings"]
    for missing in ({"square_webhook_signature_key": ""}, {"square_webhook_url": ""}):
        app.extensions["settings"] = replace(settings, **missing)
        try:
            assert send(client, event("pay1")).status_code == 404
        finally:
            app.extensions["settings"] = settings
    assert kept() == []


def test_nothing_is_read_from_the_address_itself(client: ShopClient) -> None:
    assert client.get("/webhooks/square").status_code == 405


# --- The job ------------------------------------------------------------------------------------------------------


def test_a_capture_made_in_the_providers_dashboard_makes_the_order_paid(
    client: ShopClient, run_jobs: RunJobs, mails: Mails
) -> None:
    order, payment = held_order(run_jobs)
    get_gateway().capture(payment.provider_payment_id or "")
    send(client, event(payment.provider_payment_id or ""))
    run_jobs()
    assert payments_of(order)[0].status is PaymentStatus.CAPTURED
    assert fresh(order).status is OrderStatus.PAID
    assert "receipt" in mails.last_to(order.buyer_email).subject.lower()
    assert kept()[0].outcome == "taken over"


def test_a_hold_let_go_at_the_provider_fails_the_order_and_frees_its_goods(
    client: ShopClient, run_jobs: RunJobs
) -> None:
    order, payment = held_order(run_jobs)
    get_gateway().void(payment.provider_payment_id or "")
    send(client, event(payment.provider_payment_id or ""))
    run_jobs()
    assert payments_of(order)[0].status is PaymentStatus.LAPSED
    assert fresh(order).status is OrderStatus.PAYMENT_FAILED


def test_an_event_is_not_believed_but_looked_into(client: ShopClient, run_jobs: RunJobs) -> None:
    """It says COMPLETED over one cent; the provider says the amount is held."""
    order, payment = held_order(run_jobs)
    send(client, event(payment.provider_payment_id or "", status="COMPLETED"))
    run_jobs()
    assert payments_of(order)[0].status is PaymentStatus.AUTHORIZED
    assert kept()[0].outcome == "nothing new"
    assert differences() == []


def test_an_authorization_whose_answer_was_lost_is_taken_over_from_its_event(
    client: ShopClient, run_jobs: RunJobs, square: SquareServer
) -> None:
    ready = make_ready()
    break_next(square, "payments.create", "500", "after")
    order = press(ready)
    assert payments_of(order)[0].status is PaymentStatus.UNKNOWN
    [made] = square.office.books.store.all_as_of("payment", "9999")
    send(client, event(made["id"], "payment.created"))
    run_jobs()
    assert payments_of(order)[0].status is PaymentStatus.CAPTURED
    assert fresh(order).status is OrderStatus.PAID
    run_jobs(ahead=timedelta(hours=2))
    assert [each["status"] for each in square.office.books.store.all_as_of("payment", "9999")] == [
        "COMPLETED"
    ]


def test_an_event_that_overtakes_our_own_answer_waits_for_it(
    client: ShopClient, run_jobs: RunJobs, square: SquareServer
) -> None:
    order = press(make_ready())
    with transaction():
        payment = db.session.scalars(db.select(Payment)).one()
        provider_id = payment.provider_payment_id or ""
        payment.status, payment.provider_payment_id = (
            PaymentStatus.CREATED,
            None,
        )  # as it is before transaction 2
        db.session.execute(db.delete(OutboxRow))
    send(client, event(provider_id, "payment.created"))
    assert run_jobs() == []
    assert payments_of(order)[0].status is PaymentStatus.CREATED
    assert kept()[0].handled_at is None


def test_a_cancelled_orders_hold_that_is_gone_ends_as_voided(client: ShopClient, run_jobs: RunJobs) -> None:
    order, payment = held_order(run_jobs)
    get_gateway().void(payment.provider_payment_id or "")
    send(client, event(payment.provider_payment_id or ""))
    cancel_own_order(order.number, order.business_id, actor=Actor.system("buyer"), now=clock.now())
    run_jobs()
    assert payments_of(order)[0].status is PaymentStatus.VOIDED
    assert fresh(order).status is OrderStatus.CANCELLED


def test_late_and_reordered_events_change_nothing(client: ShopClient, run_jobs: RunJobs) -> None:
    order, payment = held_order(run_jobs)
    provider_id = payment.provider_payment_id or ""
    get_gateway().capture(provider_id)
    bodies = [event(provider_id, status=status) for status in ("COMPLETED", "APPROVED", "CANCELED", "FAILED")]
    for body in reversed(bodies):
        send(client, body)
    run_jobs()
    history = [(each.status, each.amount_cents) for each in payments_of(order)]
    assert history == [(PaymentStatus.CAPTURED, payment.amount_cents)]
    assert sorted(each.outcome for each in kept()) == ["nothing new"] * 3 + ["taken over"]
    assert fresh(order).status is OrderStatus.PAID


def test_money_the_shop_does_not_know_is_listed_and_not_guessed_at(
    client: ShopClient, run_jobs: RunJobs, square: SquareServer
) -> None:
    order, _payment = held_order(run_jobs)
    made = square.office.books.store.all_as_of("payment", "9999")[0]
    with square.office.books.store.transaction():
        square.office.books.record("payment", made | {"id": "stranger", "reference_id": "another till"})
    send(client, event("stranger", "payment.created"))
    send(client, event("stranger", "payment.updated"))
    run_jobs()
    [difference] = differences()
    assert (difference.kind, difference.provider_id) == (DifferenceKind.UNKNOWN_PAYMENT, "stranger")
    assert payments_of(order)[0].status is PaymentStatus.AUTHORIZED
    assert {each.outcome for each in kept()} == {"listed as a difference"}


def test_a_payment_at_another_place_of_the_seller_is_none_of_the_shops_business(
    client: ShopClient, run_jobs: RunJobs, square: SquareServer
) -> None:
    held_order(run_jobs)
    made = square.office.books.store.all_as_of("payment", "9999")[0]
    elsewhere = made | {"id": "market", "reference_id": "", "location_id": "MARKET_STALL"}
    with square.office.books.store.transaction():
        square.office.books.record("payment", elsewhere)
    send(client, event("market"))
    run_jobs()
    assert differences() == []
    assert kept()[0].outcome == "nothing new"


def test_an_event_about_nothing_the_provider_knows_ends_quietly(
    client: ShopClient, run_jobs: RunJobs
) -> None:
    send(client, event("never-was"))
    send(client, event("never-was", "refund.updated"))
    run_jobs()
    assert [each.outcome for each in kept()] == ["not known to the provider", "nothing new"]
    assert differences() == []


def test_while_the_provider_is_silent_the_event_waits(
    client: ShopClient, run_jobs: RunJobs, square: SquareServer
) -> None:
    order, payment = held_order(run_jobs)
    get_gateway().capture(payment.provider_payment_id or "")
    send(client, event(payment.provider_payment_id or ""))
    break_next(square, "payments.get", "500")
    run_jobs(may_fail=True)
    assert kept()[0].handled_at is None
    run_jobs(ahead=timedelta(minutes=1))
    assert payments_of(order)[0].status is PaymentStatus.CAPTURED


def cancelled_with_refund(run_jobs: RunJobs, square: SquareServer) -> Refund:
    """A paid order, cancelled, whose refund is still on its way."""
    order = press(make_ready())
    run_jobs()
    square.office.books.options.refund_delay_seconds = 3600
    try:
        cancel_own_order(order.number, order.business_id, actor=Actor.system("buyer"), now=clock.now())
        run_jobs()
    finally:
        square.office.books.options.refund_delay_seconds = 0
    return db.session.scalars(db.select(Refund)).one()


@pytest.mark.parametrize(
    "said, status",
    [
        ("COMPLETED", RefundStatus.COMPLETED),
        ("FAILED", RefundStatus.FAILED),
        ("REJECTED", RefundStatus.REJECTED),
    ],
)
def test_a_refund_is_followed_to_its_end(
    client: ShopClient, run_jobs: RunJobs, square: SquareServer, said: str, status: RefundStatus
) -> None:
    refund = cancelled_with_refund(run_jobs, square)
    assert refund.status is RefundStatus.PENDING
    books = square.office.books
    with books.store.transaction():
        books.record(
            "refund", (books.store.find("refund", refund.provider_refund_id or "") or {}) | {"status": said}
        )
    jobs_before = db.session.scalar(db.select(db.func.count()).select_from(OutboxRow))
    send(client, event(refund.provider_refund_id or "", "refund.updated"))
    run_jobs()
    db.session.refresh(refund)
    assert refund.status is status
    jobs_after = db.session.scalar(db.select(db.func.count()).select_from(OutboxRow))
    assert jobs_after == (jobs_before or 0) + 1, "no second chain of checks"


def test_news_that_a_refund_is_still_on_its_way_changes_nothing(
    client: ShopClient, run_jobs: RunJobs, square: SquareServer
) -> None:
    refund = cancelled_with_refund(run_jobs, square)
    send(client, event(refund.provider_refund_id or "", "refund.created"))
    run_jobs()
    db.session.refresh(refund)
    assert refund.status is RefundStatus.PENDING
    assert kept()[0].outcome == "nothing new"


def test_a_refund_that_comes_back_after_it_had_arrived_has_failed(
    client: ShopClient, run_jobs: RunJobs, square: SquareServer
) -> None:
    order = press(make_ready())
    run_jobs()
    cancel_own_order(order.number, order.business_id, actor=Actor.system("buyer"), now=clock.now())
    run_jobs()
    run_jobs(ahead=timedelta(minutes=1))
    refund = db.session.scalars(db.select(Refund)).one()
    assert refund.status is RefundStatus.COMPLETED
    bounce(square.office.books, refund.provider_refund_id or "")
    send(client, event(refund.provider_refund_id or "", "refund.updated"))
    run_jobs()
    db.session.refresh(refund)
    assert (refund.status, refund.completed_at) == (RefundStatus.FAILED, None)
    assert list_history("refund", refund.id)[-1].reason.startswith("It had arrived, and then came back")
    assert kept()[0].outcome == "taken over"
    assert differences() == []


def test_a_copy_of_old_news_does_not_undo_a_refund_that_arrived(
    client: ShopClient, run_jobs: RunJobs, square: SquareServer
) -> None:
    order = press(make_ready())
    run_jobs()
    cancel_own_order(order.number, order.business_id, actor=Actor.system("buyer"), now=clock.now())
    run_jobs()
    run_jobs(ahead=timedelta(minutes=1))
    refund = db.session.scalars(db.select(Refund)).one()
    send(client, event(refund.provider_refund_id or "", "refund.created"))
    run_jobs()
    db.session.refresh(refund)
    assert refund.status is RefundStatus.COMPLETED
    assert kept()[0].outcome == "nothing new"
