"""Mails on their way: who gets which, what the mail server may say, and what is not sent at all."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from email import message_from_bytes
from email.policy import default

import pytest
from flask import Flask

from app.businesses.models import Business
from app.businesses.status import BusinessStatus
from app.extensions import db
from app.mail.message import Message
from app.mail.send import MailRefused, MailUnavailable, send
from app.orders.models import Order
from app.orders.status import OrderStatus
from app.outbox.kinds import Kind
from app.outbox.models import OutboxRow
from app.outbox.post import post
from app.payments.models import Payment
from app.payments.pay_links import read_pay_link
from app.payments.status import PaymentStatus
from app.shared import clock
from app.shared.history import Actor
from app.shared.money import Money
from app.shared.transaction import transaction
from sandbox.mail.smtp import Refusal
from tests.client import ShopClient, read_text, sign_in
from tests.factories import (
    make_address,
    make_business,
    make_buyer,
    make_group,
    make_message,
    make_order,
    make_payment,
    make_product,
    make_shop,
    make_sku,
    make_staff,
    make_user,
)
from tests.mailbox import Mails

pytestmark = pytest.mark.usefixtures("shop")
LETTER = Message(
    subject="Grüße, Ada",
    to="ada@example.com",
    text="Hello Ada",
    html="<p>Hello Ada</p>",
    reply_to="hello@example.com",
)
Run = Callable[..., object]


@pytest.fixture
def shop(app: Flask) -> None:
    make_shop(name="Harbor & Pine", staff_email="desk@example.com")


@pytest.fixture
def impatient(app: Flask) -> Iterator[None]:
    """The shop waits one second for its mail server."""
    patient = app.extensions["settings"]
    app.extensions["settings"] = replace(patient, smtp_timeout_seconds=1)
    yield
    app.extensions["settings"] = patient


def post_mail(kind: Kind, **ids: int) -> None:
    with transaction():
        post(kind, **ids)


def decide(business: Business, status: BusinessStatus, note: str = "") -> None:
    with transaction():
        business = db.session.get_one(Business, business.id)
        business.status, business.review_note = status, note


def test_a_mail_arrives_whole_with_the_headers_it_needs(mails: Mails):
    send(LETTER, shop_name="Harbor & Pine")
    caught = mails.last_to("ada@example.com")
    letter = message_from_bytes(caught.source, policy=default)
    assert letter["Subject"] == "Grüße, Ada"
    assert (
        letter["From"] == '"Harbor & Pine" <shop@example.com>'
        or letter["From"] == "Harbor & Pine <shop@example.com>"
    )
    assert letter["To"] == "ada@example.com"
    assert letter["Reply-To"] == "hello@example.com"
    assert letter["Date"]
    assert letter["Message-ID"].endswith("@localhost>")
    assert letter["Auto-Submitted"] == "auto-generated"
    assert caught.text.strip() == "Hello Ada"
    assert "<p>Hello Ada</p>" in caught.html


def test_a_mail_refused_for_good_says_so_without_naming_the_person(mails: Mails):
    mails.catcher.mood.refuse(Refusal(stage="rcpt", code=550))
    with pytest.raises(MailRefused) as refused:
        send(LETTER, shop_name="Harbor & Pine")
    assert "550" in str(refused.value)
    assert "ada@" not in str(refused.value)


@pytest.mark.parametrize("stage", ["rcpt", "data"])
def test_a_mail_put_off_is_to_be_tried_again(mails: Mails, stage: str):
    mails.catcher.mood.refuse(Refusal(stage=stage, code=451))
    with pytest.raises(MailUnavailable, match="451"):
        send(LETTER, shop_name="Harbor & Pine")


@pytest.mark.usefixtures("impatient")
def test_a_mail_server_that_says_nothing_holds_nobody_up(mails: Mails):
    mails.catcher.mood.seconds = 5
    began = clock.now()
    with pytest.raises(MailUnavailable):
        send(LETTER, shop_name="Harbor & Pine")
    assert (clock.now() - began).total_seconds() < 4


def test_no_mail_leaves_while_a_transaction_is_open(mails: Mails):
    with pytest.raises(RuntimeError, match="no transaction"), transaction():
        send(LETTER, shop_name="Harbor & Pine")
    assert mails.all() == []


def test_a_mail_the_server_put_off_is_sent_by_the_next_try(mails: Mails, run_jobs: Run):
    user = make_user()
    post_mail(Kind.MAIL_WELCOME, user_id=user.id)
    mails.catcher.mood.refuse(Refusal(stage="data", code=451, count=1))
    run_jobs(may_fail=True)
    [row] = db.session.scalars(db.select(OutboxRow))
    assert (row.closed_at, row.attempts) == (None, 1)
    assert "451" in row.last_error
    assert user.email not in row.last_error
    with transaction():
        db.session.get_one(OutboxRow, row.id).due_at = clock.now()
    run_jobs()
    assert "Welcome" in mails.last_to(user.email).subject


def test_each_decision_about_a_business_is_told_to_its_owner(mails: Mails, run_jobs: Run):
    group = make_group(first_order_minimum=Money(25000), reorder_minimum=Money(10000))
    business = make_business(BusinessStatus.SUBMITTED, group=group, trade_name="Palmer & Daughters")
    make_address(business, state="CA")
    owner = make_buyer(business)
    post_mail(Kind.MAIL_BUSINESS_SUBMITTED, business_id=business.id)
    run_jobs()
    notice = mails.last_to("desk@example.com")
    assert "Palmer & Daughters" in notice.subject
    assert "California" in notice.text
    assert owner.email in notice.text
    for kind, status, note, words in (
        (
            Kind.MAIL_BUSINESS_ASKED,
            BusinessStatus.NEEDS_INFORMATION,
            "Page two, please.",
            "Page two, please.",
        ),
        (Kind.MAIL_BUSINESS_REJECTED, BusinessStatus.REJECTED, "Too far away.", "Too far away."),
        (Kind.MAIL_BUSINESS_APPROVED, BusinessStatus.APPROVED, "", "$250.00"),
    ):
        decide(business, status, note)
        post_mail(kind, business_id=business.id)
        run_jobs()
        assert words in mails.last_to(owner.email).text


@pytest.mark.parametrize(
    "kind", [Kind.MAIL_BUSINESS_APPROVED, Kind.MAIL_BUSINESS_REJECTED, Kind.MAIL_BUSINESS_ASKED]
)
def test_a_decision_that_no_longer_stands_is_not_mailed(mails: Mails, run_jobs: Run, kind: Kind):
    business = make_business(BusinessStatus.SUBMITTED)
    make_buyer(business)
    post_mail(kind, business_id=business.id)
    run_jobs()
    assert mails.all() == []


def test_an_order_is_confirmed_receipted_and_announced_with_its_po_number(mails: Mails, run_jobs: Run):
    buyer = make_buyer()
    sku = make_sku(make_product("Lavender soap"), price=Money(340), case_pack=12, code="SOAP-LAV")
    order = make_order(buyer, {sku: 24}, status=OrderStatus.PAID, po_number="PO-77")
    payment = make_payment(order, PaymentStatus.CAPTURED)
    post_mail(Kind.MAIL_ORDER_RECEIVED, order_id=order.id)
    post_mail(Kind.MAIL_ORDER_RECEIPT, payment_id=payment.id)
    post_mail(Kind.MAIL_ORDER_NOTICE, order_id=order.id)
    run_jobs()
    received, receipt = mails.to(buyer.email)
    notice = mails.last_to("desk@example.com")
    assert "Visa ending 1111" in received.text
    assert "we charged $81.60" in receipt.text.lower()
    for mail in (received, receipt, notice):
        for words in (
            order.number,
            "PO-77",
            "SOAP-LAV",
            "Lavender soap",
            "$81.60",
            "Nothing in this order is taxable",
        ):
            assert words in mail.text
            assert words in mail.html
    assert f"http://localhost/orders/{order.number}" in received.text


def test_staff_reach_what_a_mail_is_about_by_its_link(client: ShopClient, mails: Mails, run_jobs: Run):
    business = make_business(BusinessStatus.SUBMITTED)
    make_address(business)
    order = make_order(make_buyer(business), status=OrderStatus.PAID)
    message = make_message()
    post_mail(Kind.MAIL_BUSINESS_SUBMITTED, business_id=business.id)
    post_mail(Kind.MAIL_ORDER_NOTICE, order_id=order.id)
    post_mail(Kind.MAIL_CONTACT_RECEIVED, message_id=message.id)
    run_jobs()
    sign_in(client, make_staff())
    links = [re.findall(r"http://localhost(/admin/\S+)", mail.text) for mail in mails.to("desk@example.com")]
    assert len(links) == 3
    for [link], words in zip(links, (business.display_name, order.number, message.name), strict=True):
        page = client.get(link)
        assert page.status_code == 200
        assert words in read_text(page)


def test_an_order_to_pick_up_names_no_address(mails: Mails, run_jobs: Run):
    buyer = make_buyer()
    order = make_order(buyer, is_pickup=True, shipping_name="Pickup")
    post_mail(Kind.MAIL_ORDER_RECEIVED, order_id=order.id)
    run_jobs()
    mail = mails.last_to(buyer.email)
    assert "when it is ready" in mail.text
    assert "when it is ready" in mail.html
    assert "Ships to" not in mail.text


def test_an_order_to_ship_names_where_it_goes(mails: Mails, run_jobs: Run):
    buyer = make_buyer()
    place = {
        "recipient": "Palmer",
        "line1": "500 Valencia St",
        "city": "San Francisco",
        "state": "CA",
        "postal_code": "94110",
    }
    order = make_order(buyer, ship_to=place)
    post_mail(Kind.MAIL_ORDER_RECEIVED, order_id=order.id)
    run_jobs()
    mail = mails.last_to(buyer.email)
    for words in ("500 Valencia St", "San Francisco, CA 94110"):
        assert words in mail.text
        assert words in mail.html


@pytest.mark.parametrize("was_charged, words", [(True, "back to your card"), (False, "is not charged")])
def test_a_cancellation_says_what_becomes_of_the_money(
    mails: Mails, run_jobs: Run, was_charged: bool, words: str
):
    buyer, helper = make_buyer(), make_staff()
    order = make_order(buyer, status=OrderStatus.PAYMENT_PENDING)
    make_payment(order, PaymentStatus.CAPTURED if was_charged else PaymentStatus.AUTHORIZED)
    cancel(order, helper.as_actor, "The candles broke.")
    post_mail(Kind.MAIL_ORDER_CANCELLED, order_id=order.id)
    run_jobs()
    text = mails.last_to(buyer.email).text
    assert words in text
    assert "The candles broke." in text


def test_a_buyer_who_cancelled_is_not_told_their_own_reason(mails: Mails, run_jobs: Run):
    buyer = make_buyer()
    order = make_order(buyer)
    cancel(order, buyer.as_actor, "Cancelled by the buyer")
    post_mail(Kind.MAIL_ORDER_CANCELLED, order_id=order.id)
    run_jobs()
    assert "Cancelled by the buyer" not in mails.last_to(buyer.email).text


def cancel(order: Order, actor: Actor, reason: str) -> None:
    with transaction():
        db.session.get_one(Order, order.id).move_to(
            OrderStatus.CANCELLED, actor=actor, at=clock.now(), reason=reason
        )


@pytest.mark.parametrize(
    "status, code, words",
    [
        (PaymentStatus.LAPSED, "", "ran out"),
        (PaymentStatus.DECLINED, "INSUFFICIENT_FUNDS", "could not be charged"),
    ],
)
def test_a_card_that_failed_later_is_told_with_the_way_on(
    mails: Mails, run_jobs: Run, status: PaymentStatus, code: str, words: str
):
    buyer = make_buyer()
    order = make_order(buyer, status=OrderStatus.PAYMENT_FAILED)
    payment = make_payment(order, status, decline_code=code)
    post_mail(Kind.MAIL_PAYMENT_FAILED, payment_id=payment.id)
    run_jobs()
    text = mails.last_to(buyer.email).text
    assert words in text
    [link] = [word for word in text.split() if "/pay/" in word]
    assert read_pay_link(link.rpartition("/")[2], clock.now()) == order.id


@pytest.mark.parametrize("status", [OrderStatus.PAID, OrderStatus.CANCELLED])
def test_nobody_is_asked_to_pay_what_is_paid_or_given_up(mails: Mails, run_jobs: Run, status: OrderStatus):
    order = make_order(make_buyer(), status=status)
    payment = make_payment(order, PaymentStatus.DECLINED)
    post_mail(Kind.MAIL_PAYMENT_FAILED, payment_id=payment.id)
    post_mail(Kind.MAIL_ORDER_RECEIPT, payment_id=payment.id)
    run_jobs()
    assert mails.all() == []


def test_work_whose_row_is_gone_is_done(mails: Mails, run_jobs: Run):
    nobody = 10**9
    for kind in Kind:
        prefix, _, name = kind.value.partition(".")
        is_about_no_row = kind is Kind.MAIL_DEAD_LETTERS or name.startswith("alarm_")
        if prefix == "mail" and not is_about_no_row:
            post_mail(kind, **{_id_of(name): nobody})
    run_jobs()
    assert mails.all() == []
    assert all(row.closed_at for row in db.session.scalars(db.select(OutboxRow)))
    assert db.session.scalars(db.select(Payment)).all() == []


def _id_of(name: str) -> str:
    special = {
        "verify_email": "token_id", "reset_password": "token_id", "order_receipt": "payment_id", "payment_failed": "payment_id",
        "contact_reply": "reply_id", "welcome": "user_id", "password_changed": "user_id", "already_registered": "user_id",
    }  # fmt: skip
    if name in special:
        return special[name]
    of = {
        "business": "business_id", "order": "order_id", "pay": "order_id", "invoice": "order_id", "refund": "refund_id",
        "contact": "message_id", "second": "user_id",
    }  # fmt: skip
    return of[name.partition("_")[0]]
