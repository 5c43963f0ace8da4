"""Staff hear of the shop's own certificate before its buyers do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask

from app.extensions import db
from app.health_check.certificate import Seen, look_at_certificate
from app.health_check.watch_certificate import watch_certificate
from app.outbox.kinds import Kind
from app.outbox.post import post
from app.settings import Settings
from app.shared import clock
from app.shared.transaction import transaction
from jobs.schedule import PERIODIC
from tests.factories import make_shop
from tests.mailbox import Mails

RunJobs = Callable[..., list[Kind]]


@pytest.fixture
def settings(app: Flask) -> Settings:
    make_shop(staff_email="desk@example.com")
    found: Settings = app.extensions["settings"]
    return found


@pytest.mark.parametrize(
    ("seen", "is_told"),
    [
        (None, False),
        (Seen(60), False),
        (Seen(14), False),
        (Seen(13), True),
        (Seen(0), True),
        (Seen(None), True),
        (Seen(None, "no answer (TimeoutError)"), False),
    ],
)
def test_only_a_certificate_near_its_end_or_not_taken_is_told(
    settings: Settings, seen: Seen | None, is_told: bool
) -> None:
    assert watch_certificate(seen, settings, clock.now()) is is_told


def test_it_is_told_once_and_then_not_for_the_quiet_time(
    settings: Settings, mails: Mails, run_jobs: RunJobs
) -> None:
    now = clock.now()
    assert watch_certificate(Seen(9), settings, now)
    assert not watch_certificate(Seen(9), settings, now + timedelta(minutes=5))
    assert watch_certificate(Seen(8), settings, now + timedelta(days=1))
    run_jobs()
    first, *_ = mails.to("desk@example.com")
    assert "ends in 9 days" in first.text
    assert "/admin/check/outside" in first.text


def test_one_no_browser_takes_is_told_as_that(settings: Settings, mails: Mails, run_jobs: RunJobs) -> None:
    watch_certificate(Seen(None), settings, clock.now())
    run_jobs()
    [mail] = mails.to("desk@example.com")
    assert "is over, or not for this address" in mail.text


def test_the_look_comes_round_every_day_and_asks_nobody_where_the_shop_is_not_https(
    settings: Settings, mails: Mails, run_jobs: RunJobs
) -> None:
    assert Kind.CERTIFICATE_LOOK in PERIODIC
    with transaction():
        post(Kind.CERTIFICATE_LOOK)
    assert run_jobs() == [Kind.CERTIFICATE_LOOK]
    db.session.rollback()
    assert mails.to("desk@example.com") == []


def test_a_host_that_cannot_reach_its_own_address_is_no_alarm(settings: Settings) -> None:
    seen = look_at_certificate("https://localhost:1")
    assert seen is not None
    assert seen.trouble
    assert not watch_certificate(seen, replace(settings, site_url="https://localhost:1"), clock.now())
