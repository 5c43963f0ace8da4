"""Work that gave up: staff hear of the first, find the order behind it, and try one or all of it again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from app.accounts.permissions import Role
from app.extensions import db
from app.outbox.kinds import Kind
from app.outbox.models import OutboxRow
from app.outbox.queries import count_dead
from app.shared import clock
from app.shared.history import list_history
from app.shared.transaction import transaction
from jobs.relay import Ticket
from jobs.runner import run
from tests.client import ShopClient, read_html, read_text, sign_in
from tests.factories import make_buyer, make_order, make_payment, make_shop, make_staff
from tests.mailbox import Mails

pytestmark = pytest.mark.usefixtures("app")
RunJobs = Callable[..., list[Kind]]


@pytest.fixture(autouse=True)
def shop(app: Flask) -> None:
    make_shop(staff_email="desk@example.com")


def make_dead(kind: Kind = Kind.PAYMENT_CAPTURE, error: str = "OutcomeUnknown: no answer", **ids: int) -> int:
    now = clock.now()
    with transaction():
        row = OutboxRow(
            kind=kind, ids=ids, due_at=now, created_at=now, attempts=6, last_error=error, needs_person_at=now
        )
        db.session.add(row)
        db.session.flush()
        return row.id


def let_die(app: Flask, payment_id: int = 424242) -> None:
    """A job fails its last try."""
    tries = len(app.extensions["settings"].outbox_retry_seconds)
    now = clock.now()
    with transaction():
        row = OutboxRow(
            kind=Kind.PAYMENT_CAPTURE,
            ids={"payment_id": payment_id},
            due_at=now,
            created_at=now,
            attempts=tries,
        )
        db.session.add(row)
        db.session.flush()
        row_id = row.id
    assert run(Ticket(row_id, tries, Kind.PAYMENT_CAPTURE)) is False


def notices() -> list[OutboxRow]:
    db.session.rollback()
    db.session.expire_all()
    return list(db.session.scalars(db.select(OutboxRow).filter_by(kind=Kind.MAIL_DEAD_LETTERS)))


def test_staff_get_one_mail_on_the_day_something_gives_up_and_not_a_hundred(
    app: Flask, mails: Mails, run_jobs: RunJobs
) -> None:
    for _ in range(3):
        let_die(app)
    assert len(notices()) == 1
    run_jobs()
    [mail] = mails.to("desk@example.com")
    assert "3 jobs" in mail.subject
    assert "Capture a payment" in mail.text
    assert "http://localhost/admin/outbox/?show=dead" in mail.text
    let_die(app)
    run_jobs()
    assert len(mails.to("desk@example.com")) == 1


def test_the_next_day_is_told_anew(app: Flask) -> None:
    let_die(app)
    with transaction():
        db.session.scalars(
            db.select(OutboxRow).filter_by(kind=Kind.MAIL_DEAD_LETTERS)
        ).one().period = "2000-01-01"
    let_die(app)
    assert len(notices()) == 2


def test_what_was_seen_to_before_the_mail_left_is_not_told(
    app: Flask, mails: Mails, run_jobs: RunJobs
) -> None:
    let_die(app)
    with transaction():
        for row in db.session.scalars(db.select(OutboxRow).where(OutboxRow.needs_person_at.is_not(None))):
            row.closed_at = clock.now()
    run_jobs()
    assert mails.all() == []


def test_a_notice_that_gives_up_itself_announces_nothing(app: Flask) -> None:
    tries = len(app.extensions["settings"].outbox_retry_seconds)
    now = clock.now()
    with transaction():
        row = OutboxRow(
            kind=Kind.MAIL_DEAD_LETTERS, ids={"wrong": 1}, due_at=now, created_at=now, attempts=tries
        )
        db.session.add(row)
        db.session.flush()
        row_id = row.id
    run(Ticket(row_id, tries, Kind.MAIL_DEAD_LETTERS))
    assert len(notices()) == 1
    assert count_dead() == 1


def test_a_dead_job_says_why_in_plain_words_and_leads_to_its_order(client: ShopClient) -> None:
    order = make_order(make_buyer(), number="HP-7")
    row_id = make_dead(payment_id=make_payment(order).id)
    sign_in(client, make_staff(Role.FINANCE))
    page = client.get(f"/admin/outbox/details/?id={row_id}")
    assert "The payment provider did not answer" in read_text(page)
    [link] = [each for each in read_html(page).select("a") if each.get_text() == "Order HP-7"]
    assert "HP-7" in read_text(client.get(str(link["href"])))


def test_all_dead_jobs_are_tried_again_at_once_and_each_keeps_who_asked(client: ShopClient) -> None:
    order = make_order(make_buyer())
    row_ids = [make_dead(Kind.MAIL_ORDER_RECEIVED, order_id=order.id) for _ in range(3)]
    staff = make_staff(Role.FINANCE)
    sign_in(client, staff)
    page = client.get("/admin/outbox/?show=dead")
    asked = client.submit(page, "form[action$='/retry-all']")
    assert "Try all 3 again?" in read_text(asked)
    assert count_dead() == 3
    client.submit(asked, "form.confirm-page")
    assert count_dead() == 0
    for row_id in row_ids:
        row = db.session.get_one(OutboxRow, row_id)
        assert (row.attempts, row.needs_person_at) == (0, None)
        assert row.due_at <= clock.now() + timedelta(seconds=1)
        [entry] = list_history("outbox", row_id)
        assert (entry.event, entry.actor_name) == ("retried", staff.name)


def test_support_sees_dead_jobs_and_has_no_button_for_them(client: ShopClient) -> None:
    make_dead()
    sign_in(client, make_staff(Role.SUPPORT))
    page = client.get("/admin/outbox/?show=dead")
    assert "Capture a payment" in read_text(page)
    assert not read_html(page).select("form[action$='/retry-all']")
    assert client.post("/admin/outbox/retry-all", data={"confirmed": "yes"}).status_code == 403
