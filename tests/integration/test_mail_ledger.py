"""Every mail is a row: what it said, what became of it, sent once, under the host's cap, and never in an order's way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask

from app.accounts.models import TokenPurpose
from app.accounts.permissions import Role
from app.accounts.tokens import add_token
from app.extensions import db
from app.mail.models import Mail
from app.mail.status import MailStatus
from app.orders.models import Order
from app.orders.status import OrderStatus
from app.outbox.kinds import Kind
from app.outbox.models import OutboxRow
from app.outbox.post import post
from app.shared import clock
from app.shared.circuits import Circuit, CircuitState
from app.shared.history import list_history
from app.shared.transaction import transaction
from sandbox.mail.smtp import Refusal
from tests.client import ShopClient, read_html, read_text, sign_in
from tests.factories import make_buyer, make_message, make_order, make_shop, make_staff, make_user
from tests.mailbox import Mails
from tests.placing import make_ready, press

pytestmark = pytest.mark.usefixtures("app", "square")
RunJobs = Callable[..., list[Kind]]


@pytest.fixture
def set_host(app: Flask) -> Iterator[Callable[..., None]]:
    """`set_host(mail_per_hour=2)`: other settings for this test."""
    before = app.extensions["settings"]

    def change(**settings: object) -> None:
        app.extensions["settings"] = replace(before, **settings)

    yield change
    app.extensions["settings"] = before


def post_mail(kind: Kind, **ids: int) -> int:
    with transaction():
        row = post(kind, **ids)
        db.session.flush()
        return row.id


def ledger() -> list[Mail]:
    db.session.rollback()
    db.session.expire_all()
    return list(db.session.scalars(db.select(Mail).order_by(Mail.id)))


def make_due(row_id: int, **changes: object) -> None:
    with transaction():
        row = db.session.get_one(OutboxRow, row_id)
        row.due_at = clock.now()
        for name, value in changes.items():
            setattr(row, name, value)


def test_a_mail_is_a_row_with_whom_it_is_for_what_it_is_about_and_what_it_said(
    mails: Mails, run_jobs: RunJobs
) -> None:
    make_shop()
    order = make_order(make_buyer(), number="HP-7")
    post_mail(Kind.MAIL_ORDER_RECEIVED, order_id=order.id)
    run_jobs()
    [mail] = ledger()
    assert (mail.kind, mail.to_address, mail.status) == (
        "mail.order_received",
        order.buyer_email,
        MailStatus.SENT,
    )
    assert (mail.order_id, mail.user_id, mail.business_id) == (order.id, order.user_id, order.business_id)
    assert "HP-7" in mail.subject
    assert "HP-7" in mail.text
    assert "HP-7" in mail.html
    assert mail.sent_at is not None
    assert mail.attempts == 1
    # The catcher answers with the number it keeps the mail under, as servers do.
    assert mail.server_words.startswith("Accepted. The server said: 250 Kept as ")


def test_a_mail_about_a_message_names_it(mails: Mails, run_jobs: RunJobs) -> None:
    make_shop()
    message = make_message()
    post_mail(Kind.MAIL_CONTACT_RECEIVED, message_id=message.id)
    run_jobs()
    assert [mail.message_id for mail in ledger()] == [message.id]


@pytest.mark.parametrize(
    "purpose, kind, path",
    [
        (TokenPurpose.VERIFY_EMAIL, Kind.MAIL_VERIFY_EMAIL, "/verify/"),
        (TokenPurpose.RESET_PASSWORD, Kind.MAIL_RESET_PASSWORD, "/password/reset/"),
    ],
)
def test_a_link_that_opens_an_account_works_in_the_mail_and_cannot_be_read_from_the_ledger(
    mails: Mails, run_jobs: RunJobs, purpose: TokenPurpose, kind: Kind, path: str
) -> None:
    make_shop()
    user = make_user(verified=purpose is TokenPurpose.RESET_PASSWORD)
    with transaction():
        token = add_token(user, purpose, now=clock.now(), lifetime=timedelta(hours=1))
    post_mail(kind, token_id=token.id)
    run_jobs()
    [link] = [word for word in mails.last_to(user.email).text.split() if path in word]
    key = link.rpartition("/")[2]
    assert len(key) > 20
    [mail] = ledger()
    assert mail.user_id == user.id
    for kept in (mail.text, mail.html):
        assert key not in kept
        assert f"{path}••••••" in kept


def test_a_job_that_runs_again_after_its_mail_was_sent_sends_no_second_one(
    mails: Mails, run_jobs: RunJobs
) -> None:
    make_shop()
    user = make_user()
    row_id = post_mail(Kind.MAIL_WELCOME, user_id=user.id)
    run_jobs()
    make_due(row_id, closed_at=None)
    run_jobs()
    assert len(mails.to(user.email)) == 1
    assert [mail.attempts for mail in ledger()] == [1]


def test_a_refused_mail_keeps_the_servers_words_and_the_next_try_writes_the_same_row(
    mails: Mails, run_jobs: RunJobs
) -> None:
    make_shop()
    user = make_user()
    row_id = post_mail(Kind.MAIL_WELCOME, user_id=user.id)
    mails.catcher.mood.refuse(Refusal(stage="data", code=451, count=1))
    run_jobs(may_fail=True)
    [mail] = ledger()
    assert (mail.status, mail.attempts, mail.sent_at) == (MailStatus.FAILED, 1, None)
    assert mail.server_words.endswith("The server said: 451 Local error, as this catcher was told to say")
    make_due(row_id)
    run_jobs()
    [mail] = ledger()
    assert (mail.status, mail.attempts) == (MailStatus.SENT, 2)


def test_a_mail_nobody_needs_any_more_says_so(mails: Mails, run_jobs: RunJobs) -> None:
    make_shop()
    order = make_order(make_buyer())
    row_id = post_mail(Kind.MAIL_ORDER_RECEIVED, order_id=order.id)
    mails.catcher.mood.refuse(Refusal(stage="data", code=451, count=1))
    run_jobs(may_fail=True)
    with transaction():
        db.session.get_one(Order, order.id).status = OrderStatus.CANCELLED
    make_due(row_id)
    run_jobs()
    assert [mail.status for mail in ledger()] == [MailStatus.NOT_NEEDED]
    assert mails.all() == []


def test_above_the_hosts_cap_a_mail_waits_and_loses_no_try(
    mails: Mails, run_jobs: RunJobs, set_host: Callable[..., None]
) -> None:
    make_shop()
    set_host(mail_per_hour=2)
    users = [make_user() for _ in range(3)]
    rows = [post_mail(Kind.MAIL_WELCOME, user_id=user.id) for user in users]
    run_jobs(may_fail=True)
    assert [mail.status for mail in ledger()] == [MailStatus.SENT, MailStatus.SENT, MailStatus.QUEUED]
    assert "2 mails an hour" in ledger()[-1].server_words
    waiting = db.session.get_one(OutboxRow, rows[-1])
    assert (waiting.attempts, waiting.last_error, waiting.closed_at) == (0, "", None)
    assert timedelta(minutes=58) < waiting.due_at - clock.now() <= timedelta(hours=1)

    with transaction():
        first = db.session.scalars(db.select(Mail).order_by(Mail.id)).first()
        assert first is not None
        first.sent_at = clock.now() - timedelta(minutes=61)
    make_due(rows[-1])
    run_jobs()
    assert [mail.status for mail in ledger()] == [MailStatus.SENT] * 3


def test_a_mail_another_process_is_sending_counts_against_the_cap(
    mails: Mails, run_jobs: RunJobs, set_host: Callable[..., None]
) -> None:
    make_shop()
    set_host(mail_per_hour=1)
    user = make_user()
    post_mail(Kind.MAIL_WELCOME, user_id=user.id)
    with transaction():
        db.session.add(
            Mail(
                outbox_id=10**6, queued_at=clock.now(), kind="mail.welcome", ids={}, to_address="x@example.com",
                subject="", text="", html="", tried_at=clock.now(),
            )
        )  # fmt: skip
    run_jobs(may_fail=True)
    assert mails.to(user.email) == []


def test_a_mail_server_that_is_down_delays_no_order_and_every_mail_goes_once_it_is_back(
    mails: Mails, run_jobs: RunJobs, set_host: Callable[..., None]
) -> None:
    ready = make_ready()
    set_host(breaker_failures=1)
    mails.catcher.mood.refuse(Refusal(stage="rcpt", code=421))
    order = press(ready)
    run_jobs(may_fail=True)
    db.session.rollback()
    db.session.expire_all()
    assert db.session.get_one(Order, order.id).status is OrderStatus.PAID
    assert mails.all() == []
    [circuit] = db.session.scalars(db.select(Circuit)).all()
    assert (circuit.name, circuit.state) == ("mail", CircuitState.OPEN)
    # One mail asked and found out; the others waited without losing a try.
    waiting = db.session.scalars(db.select(OutboxRow.attempts).where(OutboxRow.closed_at.is_(None))).all()
    assert sorted(waiting)[-1] == 1
    assert sum(waiting) == 1
    assert any("has not been answering" in mail.server_words for mail in ledger())

    mails.catcher.mood.refuse(None)
    with transaction():
        db.session.scalars(db.select(Circuit)).one().opened_at = clock.now() - timedelta(minutes=2)
    run_jobs(ahead=timedelta(minutes=5))
    assert {mail.status for mail in ledger()} == {MailStatus.SENT}
    assert len(mails.all()) == len(ledger()) == 3


def test_what_a_server_said_names_nobody_in_the_outbox_the_log_or_the_breaker(
    mails: Mails, run_jobs: RunJobs, set_host: Callable[..., None]
) -> None:
    make_shop()
    set_host(breaker_failures=5)
    user = make_user()
    row_id = post_mail(Kind.MAIL_WELCOME, user_id=user.id)
    mails.catcher.mood.refuse(Refusal(stage="rcpt", code=421))
    run_jobs(may_fail=True)
    [mail] = ledger()
    assert "The server said: 421 Try again later" in mail.server_words
    assert "Try again later" not in db.session.get_one(OutboxRow, row_id).last_error
    assert "Try again later" not in db.session.scalars(db.select(Circuit)).one().last_error


# --- The back office --------------------------------------------------------------------------------------------------


@pytest.fixture
def sent(client: ShopClient, mails: Mails, run_jobs: RunJobs) -> Mail:
    """One sent mail about an order, and finance at the desk."""
    make_shop()
    order = make_order(make_buyer(), number="HP-7")
    post_mail(Kind.MAIL_ORDER_RECEIVED, order_id=order.id)
    run_jobs()
    sign_in(client, make_staff(Role.FINANCE))
    return ledger()[0]


def test_staff_find_a_mail_by_address_status_and_order(client: ShopClient, sent: Mail) -> None:
    for address in (
        "/admin/mails/",
        f"/admin/mails/?search={sent.to_address}",
        "/admin/mails/?search=HP-7",
        "/admin/mails/?show=sent",
        f"/admin/mails/?order_id={sent.order_id}",
        f"/admin/mails/?user_id={sent.user_id}",
        f"/admin/mails/?business_id={sent.business_id}",
    ):
        assert sent.to_address in read_text(client.get(address)), address
    for address in (
        "/admin/mails/?show=failed",
        f"/admin/mails/?order_id={10**6}",
        "/admin/mails/?search=nobody",
    ):
        assert sent.to_address not in read_text(client.get(address)), address
    assert client.get("/admin/mails/?order_id=x").status_code == 404


def test_orders_people_and_businesses_lead_to_their_mails(client: ShopClient, sent: Mail) -> None:
    for page, link in (
        (f"/admin/orders/details/?id={sent.order_id}", f"/admin/mails/?order_id={sent.order_id}"),
        (f"/admin/users/details/?id={sent.user_id}", f"/admin/mails/?user_id={sent.user_id}"),
        (
            f"/admin/businesses/details/?id={sent.business_id}",
            f"/admin/mails/?business_id={sent.business_id}",
        ),
    ):
        assert read_html(client.get(page)).select(f'a[href="{link}"]'), page


def test_staff_read_what_the_mail_server_said(
    client: ShopClient, sent: Mail, mails: Mails, run_jobs: RunJobs
) -> None:
    assert "Accepted. The server said: 250 Kept as" in read_text(
        client.get(f"/admin/mails/details/?id={sent.id}")
    )
    mails.catcher.mood.refuse(Refusal(stage="rcpt", code=550))
    post_mail(Kind.MAIL_WELCOME, user_id=make_user().id)
    run_jobs(may_fail=True)
    said = "550 No such mailbox, as this catcher was told to say"
    assert said in read_text(client.get("/admin/mails/?show=failed"))
    assert said in read_text(client.get(f"/admin/mails/details/?id={ledger()[-1].id}"))


def test_a_mail_is_shown_in_a_frame_that_can_do_nothing(client: ShopClient, sent: Mail) -> None:
    page = read_html(client.get(f"/admin/mails/details/?id={sent.id}"))
    [frame] = page.select("iframe")
    assert not frame["sandbox"]  # there, and allows nothing
    assert frame.has_attr("sandbox")
    preview = client.get(str(frame["src"]))
    assert "HP-7" in preview.get_data(as_text=True)
    policy = preview.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert policy.endswith("sandbox")


def test_a_mail_is_sent_again_as_one_of_its_own_and_that_is_kept(
    client: ShopClient, mails: Mails, run_jobs: RunJobs, sent: Mail
) -> None:
    asked = client.submit(client.get(f"/admin/mails/details/?id={sent.id}"), "form[action$='/resend']")
    assert "gets it once more" in read_text(asked)
    client.submit(asked, "form.confirm-page")
    run_jobs()
    assert len(mails.to(sent.to_address)) == 2
    assert [mail.order_id for mail in ledger()] == [sent.order_id] * 2
    assert list_history("mail", sent.id)[-1].event == "sent_again"


def test_support_reads_mails_and_does_not_send_them_again(client: ShopClient, sent: Mail) -> None:
    sign_in(client, make_staff(Role.SUPPORT))
    page = read_html(client.get(f"/admin/mails/details/?id={sent.id}"))
    assert not page.select("form[action$='/resend']")
    answer = client.post("/admin/mails/resend", data={"id": sent.id, "confirmed": "yes"})
    assert answer.status_code == 403
