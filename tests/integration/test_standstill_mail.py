"""Nothing runs, so nobody sends mail: the web process that notices does, once, and no buyer waits for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask

from app.accounts.permissions import Role
from app.extensions import db
from app.mail.models import Mail
from app.mail.status import MailStatus
from app.outbox.claim_standstill import claim_standstill
from app.outbox.heartbeat import beat
from app.outbox.kinds import Kind
from app.outbox.models import OutboxRow
from app.shared import clock
from tests.client import ShopClient, sign_in
from tests.factories import make_shop, make_staff
from tests.mailbox import Mails

RunJobs = Callable[..., list[Kind]]
TEN, QUIET = timedelta(minutes=10), timedelta(hours=4)


@pytest.fixture(autouse=True)
def shop(app: Flask) -> None:
    make_shop(staff_email="desk@example.com")


def fall_silent(minutes: int = 11) -> None:
    beat(clock.now() - timedelta(minutes=minutes), standstill=TEN, quiet=QUIET)
    db.session.rollback()


def ask(client: ShopClient, path: str) -> int:
    """As a server does: the answer is closed once it has gone out."""
    answer = client.get(path)
    answer.close()
    return answer.status_code


def told() -> list[OutboxRow]:
    db.session.rollback()
    return list(db.session.scalars(db.select(OutboxRow).filter_by(kind=Kind.MAIL_ALARM_SILENCE)))


def test_a_monitor_that_asks_makes_the_shop_mail_once(client: ShopClient, mails: Mails) -> None:
    fall_silent()
    assert [ask(client, "/readyz") for _ in range(3)] == [200, 200, 200]
    [mail] = mails.to("desk@example.com")
    assert "stands still" in mail.subject
    assert "Last ran" in mail.text
    assert len(told()) == 1


def test_staff_who_open_any_page_of_the_back_office_do_too(client: ShopClient, mails: Mails) -> None:
    fall_silent()
    sign_in(client, make_staff(Role.SUPPORT))
    assert ask(client, "/admin/") == 200
    assert ask(client, "/admin/messages/") == 200
    assert len(mails.to("desk@example.com")) == 1


def test_the_mail_leaves_after_the_answer(client: ShopClient, mails: Mails) -> None:
    fall_silent()
    answer = client.get("/readyz", buffered=False)
    assert answer.json is not None
    assert mails.to("desk@example.com") == []
    answer.close()
    assert len(mails.to("desk@example.com")) == 1


def test_pages_of_buyers_neither_look_nor_send(client: ShopClient, mails: Mails) -> None:
    fall_silent()
    for path in ("/", "/login", "/healthz", "/contact"):
        ask(client, path)
    assert told() == []
    assert mails.to("desk@example.com") == []


def test_work_that_runs_or_never_ran_is_no_standstill(client: ShopClient, mails: Mails) -> None:
    ask(client, "/readyz")
    fall_silent(minutes=9)
    ask(client, "/readyz")
    assert told() == []


def test_of_two_processes_one_gets_to_tell_and_after_the_quiet_time_again_one() -> None:
    fall_silent()
    now = clock.now()
    first = claim_standstill(now, standstill=TEN, quiet=QUIET)
    assert first is not None
    assert claim_standstill(now, standstill=TEN, quiet=QUIET) is None
    later = claim_standstill(now + QUIET + timedelta(minutes=1), standstill=TEN, quiet=QUIET)
    assert later is not None
    assert later.began == first.began


@pytest.fixture
def no_mail_server(app: Flask) -> Iterator[None]:
    before, port = app.extensions["settings"], app.extensions["mail"].port
    app.extensions["settings"] = replace(before, breaker_failures=0)
    app.extensions["mail"].port = 1
    yield
    app.extensions["settings"] = before
    app.extensions["mail"].port = port


def test_a_mail_server_that_is_away_too_harms_no_answer_and_is_not_asked_each_time(
    client: ShopClient, no_mail_server: None
) -> None:
    fall_silent()
    assert [ask(client, "/readyz") for _ in range(2)] == [200, 200]
    db.session.rollback()
    [mail] = db.session.scalars(db.select(Mail))
    assert (mail.status, mail.attempts) == (MailStatus.FAILED, 1)


def test_once_work_runs_again_it_tells_that_and_not_the_standstill_anew(
    client: ShopClient, mails: Mails, run_jobs: RunJobs
) -> None:
    fall_silent()
    ask(client, "/readyz")
    beat(clock.now(), standstill=TEN, quiet=QUIET)
    run_jobs()
    subjects = [mail.subject for mail in mails.to("desk@example.com")]
    assert [("stands still" in each, "stood still" in each) for each in subjects] == [
        (True, False),
        (False, True),
    ]
    assert [row.closed_at is not None for row in told()] == [True]


def test_a_mail_that_did_not_leave_is_not_needed_once_work_runs_again(
    client: ShopClient, run_jobs: RunJobs, no_mail_server: None
) -> None:
    fall_silent()
    ask(client, "/readyz")
    run_jobs(may_fail=True)
    db.session.rollback()
    [mail] = db.session.scalars(db.select(Mail).filter_by(kind=Kind.MAIL_ALARM_SILENCE.value))
    assert mail.status is MailStatus.NOT_NEEDED
