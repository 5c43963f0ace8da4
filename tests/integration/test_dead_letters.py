"""Work that gave up: staff hear of the first, find the order behind it, and try one or all of it again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from app.accounts.permissions import Role
from app.extensions import db
from app.outbox.announce_dead import announce_dead
from app.outbox.kinds import Kind
from app.outbox.models import OutboxRow
from app.outbox.queries import count_dead
from app.shared import clock
from app.shared.history import list_history
from app.shared.transaction import transaction
from jobs import runner
from jobs.relay import Ticket
from jobs.runner import run
from tests.client import ShopClient, read_html, read_text, sign_in
from tests.factories import make_buyer, make_order, make_payment, make_shop, make_staff
from tests.mailbox import Mails

pytestmark = pytest.mark.usefixtures("app")
RunJobs = Callable[..., list[Kind]]
QUIET = timedelta(minutes=240)


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


def clear_the_pile() -> None:
    with transaction():
        for row in db.session.scalars(db.select(OutboxRow).where(OutboxRow.needs_person_at.is_not(None))):
            row.closed_at = clock.now()


def age_notices(by: timedelta) -> None:
    """As if they had been posted so long ago."""
    with transaction():
        for row in db.session.scalars(db.select(OutboxRow).filter_by(kind=Kind.MAIL_DEAD_LETTERS)):
            assert row.first_due_at is not None
            row.created_at, row.due_at = row.created_at - by, row.due_at - by
            row.first_due_at, row.period = row.first_due_at - by, f"{row.period}-{row.id}"


def test_the_first_of_a_pile_that_was_cleared_is_told_again_on_the_same_day(
    app: Flask, mails: Mails, run_jobs: RunJobs
) -> None:
    let_die(app)
    run_jobs()
    clear_the_pile()
    age_notices(QUIET + timedelta(minutes=1))
    let_die(app)
    run_jobs()
    assert len(mails.to("desk@example.com")) == 2


def test_the_first_of_a_pile_cleared_within_the_quiet_time_is_told_when_that_is_over(
    app: Flask, mails: Mails, run_jobs: RunJobs
) -> None:
    let_die(app)
    run_jobs()
    clear_the_pile()
    for _ in range(3):
        let_die(app)
    first, second = sorted(notices(), key=lambda row: row.id)
    assert second.due_at - first.created_at == QUIET
    run_jobs()
    assert len(mails.to("desk@example.com")) == 1
    run_jobs(ahead=QUIET)
    assert len(mails.to("desk@example.com")) == 2


def test_what_waits_for_the_quiet_time_and_is_seen_to_before_is_not_told(
    app: Flask, mails: Mails, run_jobs: RunJobs
) -> None:
    let_die(app)
    run_jobs()
    clear_the_pile()
    let_die(app)
    clear_the_pile()
    run_jobs(ahead=QUIET)
    assert len(mails.to("desk@example.com")) == 1


def test_a_pile_that_lies_there_and_grows_after_the_quiet_time_is_told_again(app: Flask) -> None:
    let_die(app)
    with transaction():
        notice = db.session.scalars(db.select(OutboxRow).filter_by(kind=Kind.MAIL_DEAD_LETTERS)).one()
        notice.closed_at = clock.now()
    age_notices(QUIET - timedelta(minutes=1))
    let_die(app)
    assert len(notices()) == 1
    age_notices(timedelta(minutes=2))
    let_die(app)
    assert len(notices()) == 2


def test_staff_are_not_told_twice_around_midnight() -> None:
    midnight = datetime(2026, 12, 1, tzinfo=UTC)
    for minutes in (-2, 2):
        row_id = make_dead()
        with transaction():
            announce_dead(Kind.PAYMENT_CAPTURE, row_id, midnight + timedelta(minutes=minutes), quiet=QUIET)
        with transaction():
            db.session.execute(
                db.update(OutboxRow).filter_by(kind=Kind.MAIL_DEAD_LETTERS).values(closed_at=midnight)
            )
    assert len(notices()) == 1


def test_a_stale_worker_that_fails_last_tells_nobody(app: Flask) -> None:
    """Its lease ran out, another one took the work over and is at it."""
    tries = len(app.extensions["settings"].outbox_retry_seconds)
    now = clock.now()
    with transaction():
        row = OutboxRow(
            kind=Kind.PAYMENT_CAPTURE,
            ids={},
            due_at=now,
            created_at=now,
            attempts=tries + 2,
            leased_until=now,
        )
        db.session.add(row)
        db.session.flush()
        row_id = row.id
    stale = Ticket(row_id, tries, Kind.PAYMENT_CAPTURE)
    assert runner._note_failure(stale, ValueError("no"), app.extensions["settings"], now) is False
    assert (notices(), count_dead()) == ([], 0)


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
        assert (row.tries, row.needs_person_at) == (0, None)
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
