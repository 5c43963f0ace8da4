"""Payments and background work as staff see them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.accounts.permissions import Role
from app.extensions import db
from app.outbox.causes import plain_cause
from app.outbox.kinds import Kind, UnknownKind
from app.outbox.models import OutboxRow
from app.payments.models import Payment
from app.payments.status import PaymentStatus
from app.shared import clock
from app.shared.history import list_history
from app.shared.transaction import transaction
from tests.client import read_html, read_text
from tests.factories import make_buyer, make_order, make_payment


def make_job(
    kind: Kind = Kind.MAIL_ORDER_RECEIPT,
    error: str = "",
    *,
    dead: bool = False,
    done: bool = False,
    **ids: int,
) -> OutboxRow:
    now = clock.now()
    row = OutboxRow(
        kind=kind, ids=ids, due_at=now + timedelta(hours=2), created_at=now, attempts=6 if dead else 0, last_error=error,
        needs_person_at=now if dead else None, closed_at=now if done else None,
    )  # fmt: skip
    with transaction():
        db.session.add(row)
    return row


def first_cells(page) -> list[str]:
    return [cell.get_text(strip=True) for cell in read_html(page).select(".cell-first")]


def test_a_hold_is_captured_by_hand_after_a_yes(desk_of):
    payment = make_payment(make_order(make_buyer(), number="HP-7"))
    desk = desk_of(Role.FINANCE)
    page = desk.get(f"/admin/payments/details/?id={payment.id}")
    asked = desk.submit(page, "form[action$='/capture']")
    assert "is charged $10.00 for order HP-7" in read_text(asked)
    assert db.session.scalars(db.select(OutboxRow)).all() == []
    desk.submit(asked, "form.confirm-page")
    [job] = db.session.scalars(db.select(OutboxRow)).all()
    assert (job.kind, job.ids) == (Kind.PAYMENT_CAPTURE, {"payment_id": payment.id})
    assert list_history("payment", payment.id)[-1].event == "capture_requested"


def test_what_is_captured_already_cannot_be_captured(desk):
    payment = make_payment(make_order(make_buyer()), PaymentStatus.CAPTURED)
    answer = desk.post(
        "/admin/payments/capture", data={"id": payment.id, "confirmed": "yes"}, follow_redirects=True
    )
    assert "there is no hold to capture" in read_text(answer)
    assert db.session.scalars(db.select(OutboxRow)).all() == []


def test_a_payment_nobody_has_heard_of_can_be_asked_for_again(desk):
    payment = make_payment(make_order(make_buyer()), PaymentStatus.UNKNOWN)
    page = desk.get(f"/admin/payments/details/?id={payment.id}")
    desk.submit(page, "form[action$='/ask']")
    assert [row.kind for row in db.session.scalars(db.select(OutboxRow))] == [Kind.PAYMENT_SETTLE]


def test_the_lists_of_payments_that_need_somebody_hold_exactly_those(desk):
    now = clock.now()
    buyer = make_buyer()
    old = {"created_at": now - timedelta(hours=1)}
    make_payment(make_order(buyer, number="STUCK"), PaymentStatus.UNKNOWN, **old)
    make_payment(make_order(buyer, number="FRESH"), PaymentStatus.UNKNOWN)
    make_payment(
        make_order(buyer, number="ENDING"), PaymentStatus.AUTHORIZED, lapses_at=now + timedelta(hours=20)
    )
    make_payment(make_order(buyer, number="CALM"), PaymentStatus.AUTHORIZED)
    assert first_cells(desk.get("/admin/payments/?show=needs_person")) == ["STUCK"]
    assert first_cells(desk.get("/admin/payments/?show=ending")) == ["ENDING"]


def test_payments_have_no_form_to_change_them(desk):
    payment = make_payment(make_order(make_buyer()))
    for address in ("new/", f"edit/?id={payment.id}"):
        assert desk.get(f"/admin/payments/{address}").status_code == 404
        assert desk.post(f"/admin/payments/{address}", data={"amount_cents": "1"}).status_code == 404
    assert db.session.scalars(db.select(Payment.amount_cents)).one() == payment.amount_cents


def test_a_failed_mail_says_why_in_plain_words_and_leads_to_its_order(desk):
    order = make_order(make_buyer())
    job = make_job(error="SMTPRecipientsRefused: {'x@y': (550, b'no')}", dead=True, order_id=order.id)
    assert "does not take mail for this address" in read_text(desk.get("/admin/outbox/?show=dead"))
    page = read_html(desk.get(f"/admin/outbox/details/?id={job.id}"))
    assert page.select_one(f"a[href='/admin/orders/details/?id={order.id}']")
    assert "SMTPRecipientsRefused" in page.select_one(".answer").get_text()


def test_work_of_a_newer_version_is_listed_by_its_name_and_says_what_to_do(desk):
    """Its kind is unknown here, and the page shows all the same."""
    error = "KindUnknown: This version of the shop does not know “mail.loyalty_points”."
    job = make_job(UnknownKind("mail.loyalty_points"), error, dead=True)
    listed = desk.get("/admin/outbox/?show=dead")
    assert "Work of another version (mail.loyalty_points)" in read_text(listed)
    page = read_text(desk.get(f"/admin/outbox/details/?id={job.id}"))
    assert "Work of another version (mail.loyalty_points)" in page
    assert "After the next upgrade press Try again" in page


def test_a_failed_job_is_tried_again_by_one_press(desk):
    job = make_job(dead=True, order_id=1)
    desk.submit(desk.get(f"/admin/outbox/details/?id={job.id}"), "form[action$='/retry']")
    db.session.refresh(job)
    assert (job.needs_person_at, job.tries) == (None, 0)
    assert job.due_at <= clock.now()


def test_a_job_that_is_being_done_has_no_button_and_is_left_alone(desk):
    job = make_job(order_id=1)
    with transaction():
        job.leased_until = job.due_at
    page = desk.get(f"/admin/outbox/details/?id={job.id}")
    assert "Being done" in read_text(page)
    assert not read_html(page).select("form[action$='/retry']")
    answer = desk.post("/admin/outbox/retry", data={"id": job.id}, follow_redirects=True)
    assert "This job is being done right now" in read_text(answer)
    db.session.refresh(job)
    assert job.due_at > clock.now()


def test_many_failed_jobs_are_tried_again_at_once_and_finished_ones_left_alone(desk):
    dead, done = make_job(dead=True, order_id=1), make_job(done=True, order_id=2)
    asked = desk.post("/admin/outbox/action/", data={"action": "retry", "rowid": [dead.id, done.id]})
    assert "1 of 2 selected" in read_text(asked)
    after = desk.submit(asked, "form.confirm-page")
    assert "Tried again: 1." in read_text(after)
    db.session.refresh(dead)
    assert dead.needs_person_at is None


def test_support_sees_jobs_but_cannot_retry_them(desk_of):
    job = make_job(dead=True, order_id=1)
    support = desk_of(Role.SUPPORT)
    assert not read_html(support.get(f"/admin/outbox/details/?id={job.id}")).select("form[action$='/retry']")
    assert support.post("/admin/outbox/retry", data={"id": job.id}).status_code == 403
    support.post("/admin/outbox/action/", data={"action": "retry", "rowid": [job.id], "confirmed": "yes"})
    db.session.refresh(job)
    assert job.needs_person_at is not None


@pytest.mark.parametrize(
    "error, words",
    [
        ("", ""),
        ("SMTPAuthenticationError: (535)", "user name or password"),
        ("OutcomeUnknown: timed out", "Trying again asks first"),
        ("httpx.ConnectError: refused", "could not be reached"),
        ("ZeroDivisionError: division by zero", "does not know"),
    ],
)
def test_causes_are_told_in_plain_words(error, words):
    assert words in plain_cause(error)
