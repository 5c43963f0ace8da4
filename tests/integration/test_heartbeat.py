"""Background work shows that it lives, and staff hear when it did not for a while."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from redis import Redis as Client
from rq import SimpleWorker

from app.extensions import db
from app.health_check.raise_alarms import raise_alarms
from app.outbox.heartbeat import Heartbeat, beat, find_beat
from app.outbox.kinds import Kind
from app.outbox.models import OutboxRow
from app.payments.error_share import ErrorShare
from app.payments.models import ProviderAnswer
from app.settings import Settings
from app.shared import clock
from app.shared.transaction import transaction
from jobs import rq_queue
from jobs.rq_queue import QUEUES, Handover
from jobs.worker import Stop, drain, work
from tests.client import ShopClient
from tests.factories import make_buyer, make_order, make_payment, make_shop
from tests.mailbox import Mails
from tests.servers import Redis

pytestmark = pytest.mark.usefixtures("app")
NOW = clock.now()
TEN = timedelta(minutes=10)
QUIET = timedelta(hours=4)
RunJobs = Callable[..., list[Kind]]


@pytest.fixture(autouse=True)
def shop(app: Flask) -> None:
    make_shop(staff_email="desk@example.com")


def alarms(kind: Kind) -> list[OutboxRow]:
    db.session.rollback()
    return list(db.session.scalars(db.select(OutboxRow).filter_by(kind=kind)))


def settings_of(app: Flask) -> Settings:
    settings: Settings = app.extensions["settings"]
    return settings


def have_answers(outcomes: list[str]) -> None:
    payment = make_payment(make_order(make_buyer()))
    with transaction():
        for outcome in outcomes:
            db.session.add(ProviderAnswer(payment_id=payment.id, call="authorize", outcome=outcome, at=NOW))


def test_the_first_beat_and_those_in_time_tell_nobody() -> None:
    assert find_beat() is None
    assert beat(NOW, standstill=TEN, quiet=QUIET) == timedelta(0)
    assert beat(NOW + TEN, standstill=TEN, quiet=QUIET) == TEN
    assert find_beat() == NOW + TEN
    assert alarms(Kind.MAIL_ALARM_STANDSTILL) == []
    assert db.session.scalar(db.select(db.func.count(Heartbeat.id))) == 1


def test_work_that_goes_on_after_a_standstill_mails_from_when_to_when(
    mails: Mails, run_jobs: RunJobs
) -> None:
    beat(NOW - timedelta(hours=2), standstill=TEN, quiet=QUIET)
    beat(NOW, standstill=TEN, quiet=QUIET)
    run_jobs()
    [mail] = mails.to("desk@example.com")
    assert "stood still" in mail.subject
    assert mail.text.count(":") > 2
    [row] = alarms(Kind.MAIL_ALARM_STANDSTILL)
    assert row.ids["ended"] - row.ids["began"] == 7200


def test_an_hour_that_stands_still_again_and_again_is_told_once() -> None:
    for minutes in (0, 20, 40, 60):
        beat(NOW + timedelta(minutes=minutes), standstill=TEN, quiet=QUIET)
    assert len(alarms(Kind.MAIL_ALARM_STANDSTILL)) == 1
    beat(NOW + timedelta(hours=9), standstill=TEN, quiet=QUIET)
    assert len(alarms(Kind.MAIL_ALARM_STANDSTILL)) == 2


def test_a_clock_that_was_set_back_is_no_standstill() -> None:
    beat(NOW, standstill=TEN, quiet=QUIET)
    assert beat(NOW - timedelta(hours=1), standstill=TEN, quiet=QUIET) == timedelta(0)


def test_cron_and_the_worker_both_show_that_they_live() -> None:
    drain(0.0)
    assert find_beat() is None
    drain(5.0)
    first = find_beat()
    assert first is not None

    class StopsAtOnce(Stop):
        """Lets one round through."""

        def __init__(self) -> None:
            self.looks = 0

        @property
        def is_set(self) -> bool:  # type: ignore[override]
            self.looks += 1
            return self.looks > 1

    work(StopsAtOnce())
    latest = find_beat()
    assert latest is not None
    assert latest > first


def test_with_rq_it_is_a_worker_that_shows_life_and_not_the_relay(app: Flask, redis_server: Redis) -> None:
    settings = replace(settings_of(app), redis_url=redis_server.url)
    with Client.from_url(redis_server.url) as client:
        client.flushall()
        Handover(settings).beat()
        assert find_beat() is None
        db.session.rollback()
        known = dict(rq_queue._apps)
        rq_queue._apps["app"] = app
        try:
            SimpleWorker([QUEUES[0]], connection=client).work(burst=True, logging_level="WARNING")
        finally:
            rq_queue._apps.clear()
            rq_queue._apps.update(known)
        client.flushall()
    assert find_beat() is not None


def test_readiness_says_how_the_background_does_and_lets_nothing_depend_on_it(client: ShopClient) -> None:
    def told() -> tuple[int, dict[str, object]]:
        answer = client.get("/readyz")
        assert answer.json is not None
        return answer.status_code, answer.json["background"]

    assert told() == (200, {"ok": False, "says": "has never run"})
    beat(clock.now() - timedelta(minutes=3), standstill=TEN, quiet=QUIET)
    assert told() == (200, {"ok": True, "says": "last ran 3 min ago"})
    with transaction():
        db.session.execute(db.update(Heartbeat).values(beat_at=clock.now() - timedelta(minutes=11)))
    assert told() == (200, {"ok": False, "says": "last ran 11 min ago"})


def test_nothing_wrong_raises_nothing_and_writes_nothing(app: Flask, count_queries) -> None:
    have_answers(["authorized"] * 19 + ["declined"] * 20 + ["unknown"])
    with count_queries() as queries:
        assert raise_alarms(settings_of(app), NOW) == []
    assert not queries.writes


def test_payment_errors_above_one_in_twenty_are_told_once_a_quiet_time(
    app: Flask, mails: Mails, run_jobs: RunJobs
) -> None:
    have_answers(["captured"] * 18 + ["unknown", "declined"])
    assert raise_alarms(settings_of(app), NOW) == []
    have_answers(["unknown"])
    assert raise_alarms(settings_of(app), NOW) == [Kind.MAIL_ALARM_PAYMENTS]
    assert raise_alarms(settings_of(app), NOW + timedelta(minutes=5)) == []
    run_jobs()
    [mail] = mails.to("desk@example.com")
    assert "2 of 21 questions in 15 minutes" in mail.text


def test_errors_of_an_hour_ago_are_no_news(app: Flask) -> None:
    have_answers(["unknown"] * 5)
    assert raise_alarms(settings_of(app), NOW + timedelta(minutes=16)) == []


def test_work_that_waits_for_more_than_ten_minutes_is_told(
    app: Flask, mails: Mails, run_jobs: RunJobs
) -> None:
    with transaction():
        due = NOW - timedelta(minutes=12)
        db.session.add(OutboxRow(kind=Kind.OUTBOX_PRUNE, ids={}, due_at=due, created_at=due))
    assert raise_alarms(settings_of(app), NOW) == [Kind.MAIL_ALARM_OUTBOX]
    run_jobs()
    [mail] = mails.to("desk@example.com")
    assert "Longest wait: 12 minutes" in mail.text


def test_work_that_is_tried_in_vain_for_more_than_ten_minutes_is_told(app: Flask) -> None:
    with transaction():
        posted, next_try = NOW - timedelta(minutes=12), NOW + timedelta(minutes=20)
        row = OutboxRow(kind=Kind.MAIL_WELCOME, ids={}, due_at=next_try, created_at=posted, attempts=4)
        row.first_due_at = posted
        db.session.add(row)
    assert raise_alarms(settings_of(app), NOW) == [Kind.MAIL_ALARM_OUTBOX]
    [alarm] = alarms(Kind.MAIL_ALARM_OUTBOX)
    assert alarm.ids == {"minutes": 12}


def test_another_alarm_is_told_while_the_first_keeps_quiet(app: Flask) -> None:
    have_answers(["unknown"] * 5)
    assert raise_alarms(settings_of(app), NOW) == [Kind.MAIL_ALARM_PAYMENTS]
    with transaction():
        due = NOW - timedelta(minutes=12)
        db.session.add(OutboxRow(kind=Kind.OUTBOX_PRUNE, ids={}, due_at=due, created_at=due))
    assert raise_alarms(settings_of(app), NOW) == [Kind.MAIL_ALARM_OUTBOX]


def test_the_quiet_time_is_a_setting(app: Flask) -> None:
    have_answers(["unknown"] * 5)
    hasty = replace(settings_of(app), alarm_quiet_minutes=1)
    assert raise_alarms(hasty, NOW) == [Kind.MAIL_ALARM_PAYMENTS]
    assert raise_alarms(hasty, NOW + timedelta(minutes=2)) == [Kind.MAIL_ALARM_PAYMENTS]


@pytest.mark.parametrize(
    ("errors", "asked", "is_alarming"),
    [(0, 0, False), (1, 20, False), (1, 19, True), (5, 100, False), (6, 100, True)],
)
def test_more_than_five_of_a_hundred_are_too_many(errors: int, asked: int, is_alarming: bool) -> None:
    assert ErrorShare(errors, asked).is_alarming is is_alarming
