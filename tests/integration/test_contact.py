"""Writing to the shop, and what becomes of a message."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from app.accounts.permissions import Role
from app.contact.answer_message import answer_message
from app.contact.assign_message import assign_message
from app.contact.close_message import close_message
from app.contact.form_age import sign_opening
from app.contact.models import ContactMessage
from app.contact.status import MessageStatus
from app.extensions import db
from app.shared import clock
from app.shared.errors import AppError, Conflict, NotFound
from app.shared.history import list_history
from tests.client import ShopClient, read_html, read_text, sign_in
from tests.factories import make_buyer, make_message, make_shop, make_staff
from tests.mailbox import Mails

pytestmark = pytest.mark.usefixtures("shop")
BODY = "Hello,\n\nwhere is my order?"


@pytest.fixture
def shop(app: Flask) -> None:
    make_shop(staff_email="desk@example.com")


def stamp(app: Flask, seconds: int = 60) -> str:
    return sign_opening(clock.now() - timedelta(seconds=seconds), app.config["SECRET_KEY"])


def write(app: Flask, client: ShopClient, **typed: str):
    facts = {
        "name": "Grace Hill",
        "email": "grace@example.com",
        "topic": "order",
        "body": BODY,
        "opened": stamp(app),
    }
    return client.submit(client.get("/contact"), "#contact-form", **facts | typed)


def messages() -> list[ContactMessage]:
    db.session.expire_all()
    return list(db.session.scalars(db.select(ContactMessage)))


def test_a_stranger_writes_staff_hear_of_it_and_the_stranger_is_told_so(
    app: Flask, client: ShopClient, mails: Mails, run_jobs: Callable[..., object]
):
    thanks = write(app, client)
    assert "we have your message" in read_text(thanks)
    [message] = messages()
    assert (message.name, message.email, message.body) == ("Grace Hill", "grace@example.com", BODY)
    assert (message.status, message.user_id, message.business_id) == (MessageStatus.NEW, None, None)
    run_jobs()
    notice = mails.last_to("desk@example.com")
    assert "where is my order?" in notice.text
    assert f"/admin/messages/{message.id}" in notice.text
    assert b"Reply-To: grace@example.com" in notice.source
    assert "where is my order?" not in mails.last_to("grace@example.com").text


def test_somebody_signed_in_types_neither_name_nor_address_and_is_known(app: Flask, client: ShopClient):
    buyer = make_buyer()
    sign_in(client, buyer)
    page = read_html(client.get("/contact"))
    assert page.select_one("#name")["value"] == buyer.name
    assert page.select_one("#email")["value"] == buyer.email
    client.submit(client.get("/contact"), "#contact-form", topic="order", body=BODY, opened=stamp(app))
    [message] = messages()
    assert (message.user_id, message.business_id) == (buyer.id, buyer.business_id)


def test_a_machine_that_fills_every_field_is_thanked_and_forgotten(app: Flask, client: ShopClient):
    assert "we have your message" in read_text(write(app, client, fax="555-0100"))
    assert messages() == []


def test_the_field_for_machines_is_out_of_everybodys_way(client: ShopClient):
    field = read_html(client.get("/contact")).select_one("#fax")
    assert field["tabindex"] == "-1"
    assert field.find_parent(attrs={"aria-hidden": "true"}) is not None


@pytest.mark.parametrize("seconds", [0, 1, 60 * 60 * 24 * 3])
def test_a_form_sent_too_soon_or_far_too_late_comes_back_with_everything_typed(
    app: Flask, client: ShopClient, seconds: int
):
    page = write(app, client, opened=stamp(app, seconds))
    assert page.status_code == 422
    html = read_html(page)
    assert "once more" in read_text(page)
    assert html.select_one("#body").get_text().strip() == BODY
    assert html.select_one("#name")["value"] == "Grace Hill"
    assert messages() == []


def test_a_made_up_stamp_does_not_pass(app: Flask, client: ShopClient):
    assert write(app, client, opened="1.made-up").status_code == 422
    assert messages() == []


@pytest.mark.parametrize(
    "typed, field",
    [
        ({"name": " "}, "name"),
        ({"name": "see https://x.example"}, "name"),
        ({"email": "grace"}, "email"),
        ({"topic": ""}, "topic"),
        ({"topic": "made up"}, "topic"),
        ({"body": "  \n "}, "body"),
        ({"body": "x" * 4001}, "body"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(
    app: Flask, client: ShopClient, typed: dict[str, str], field: str
):
    page = write(app, client, **typed)
    html = read_html(page)
    assert page.status_code == 422
    assert html.select_one(f"#{field}-error") is not None
    assert html.select_one(f"#{field}")["aria-invalid"] == "true"
    assert html.title.get_text().startswith("Error:")
    assert messages() == []


def test_a_message_is_taken_on_answered_and_closed(mails: Mails, run_jobs: Callable[..., object]):
    helper, message = make_staff(Role.SUPPORT), make_message()
    assign_message(message.id, assignee_id=helper.id, actor=helper.as_actor, now=clock.now())
    answer_message(message.id, " Yes, we do. ", author_id=helper.id, actor=helper.as_actor, now=clock.now())
    close_message(message.id, actor=helper.as_actor, now=clock.now())
    run_jobs()
    assert "Yes, we do." in mails.last_to(message.email).text
    assert helper.name in mails.last_to(message.email).text
    [stored] = messages()
    assert (stored.status, stored.assigned_to_id) == (MessageStatus.CLOSED, helper.id)
    events = [(entry.event, entry.actor_id) for entry in list_history("message", message.id)]
    assert events == [(event, helper.id) for event in ("assigned", "answered", "closed")]


def test_whoever_answers_first_has_the_message():
    helper, message = make_staff(Role.SUPPORT), make_message()
    answer_message(message.id, "Yes", author_id=helper.id, actor=helper.as_actor, now=clock.now())
    assert messages()[0].assigned_to_id == helper.id


def test_a_closed_message_is_answered_only_after_it_is_opened_again():
    helper, message = make_staff(Role.SUPPORT), make_message(MessageStatus.CLOSED)
    with pytest.raises(Conflict):
        answer_message(message.id, "Yes", author_id=helper.id, actor=helper.as_actor, now=clock.now())
    with pytest.raises(Conflict):
        close_message(message.id, actor=helper.as_actor, now=clock.now())
    assign_message(message.id, assignee_id=helper.id, actor=helper.as_actor, now=clock.now())
    answer_message(message.id, "Yes", author_id=helper.id, actor=helper.as_actor, now=clock.now())


def test_an_empty_or_endless_answer_is_refused():
    helper, message = make_staff(Role.SUPPORT), make_message()
    for body in ("  ", "x" * 5001):
        with pytest.raises(AppError) as refused:
            answer_message(message.id, body, author_id=helper.id, actor=helper.as_actor, now=clock.now())
        assert refused.value.field == "body"
    with pytest.raises(NotFound):
        close_message(10**9, actor=helper.as_actor, now=clock.now())


def test_staff_read_answer_and_close_in_the_back_office(
    client: ShopClient, mails: Mails, run_jobs: Callable[..., object]
):
    helper, message = make_staff(Role.SUPPORT), make_message(body="We are a <b>small</b> shop\nin Juneau.")
    sign_in(client, helper)
    inbox = client.get("/admin/messages/")
    assert message.name in read_text(inbox)
    page = client.get(f"/admin/messages/{message.id}")
    assert "We are a <b>small</b> shop" in read_text(page)
    taken = client.submit(page, "form[action$=assign]")
    assert "yours now" in read_text(taken)
    answered = client.submit(taken, "#answer-form", body="Yes, by sea.")
    assert "Yes, by sea." in read_text(answered)
    run_jobs()
    assert "Yes, by sea." in mails.last_to(message.email).text
    closed = client.submit(answered, "form[action$=close]")
    assert "is closed" in read_text(closed)
    assert message.name not in read_text(client.get("/admin/messages/"))
    assert message.name in read_text(client.get("/admin/messages/?show=closed"))


def test_an_answer_that_cannot_be_sent_keeps_what_was_typed(client: ShopClient):
    helper, message = make_staff(Role.SUPPORT), make_message()
    sign_in(client, helper)
    page = client.get(f"/admin/messages/{message.id}")
    close_message(message.id, actor=helper.as_actor, now=clock.now())
    refused = client.submit(page, "#answer-form", body="A long answer")
    assert refused.status_code == 422
    empty = client.post(f"/admin/messages/{make_message().id}/answer", data={"body": ""})
    assert empty.status_code == 422
    assert "Write the answer first" in read_text(empty)


def test_only_staff_who_answer_messages_see_them(client: ShopClient):
    message = make_message()
    for person, status in (
        (make_buyer(), 403),
        (make_staff(Role.CATALOGUE), 403),
        (make_staff(Role.SUPPORT), 200),
    ):
        sign_in(client, person)
        assert client.get(f"/admin/messages/{message.id}").status_code == status
        assert client.get("/admin/messages/").status_code == status
    sign_in(client, make_staff(Role.CATALOGUE))
    for step in ("assign", "answer", "close"):
        assert client.post(f"/admin/messages/{message.id}/{step}", data={"body": "x"}).status_code == 403
    assert messages()[0].status is MessageStatus.NEW


@pytest.mark.parametrize("number", ["999999", str(2**63 - 1), str(2**63), "9" * 40, "-1", "x"])
def test_a_message_that_does_not_exist_is_not_found(client: ShopClient, number: str):
    sign_in(client, make_staff())
    assert client.get(f"/admin/messages/{number}").status_code == 404
