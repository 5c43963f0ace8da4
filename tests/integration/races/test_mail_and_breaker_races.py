"""Several processes at one service, one cap and one dead letter: what may happen once happens once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

from flask import Flask

from app.extensions import db
from app.mail.deliver import Errand, deliver
from app.mail.message import Message
from app.mail.models import Mail
from app.mail.status import MailStatus
from app.outbox.kinds import Kind
from app.outbox.later import ComeBackLater
from app.outbox.models import OutboxRow
from app.shared import clock
from app.shared.circuits import Circuit, CircuitState, claim_probe, note_failure, open_circuit
from app.shared.transaction import transaction
from jobs.relay import Ticket
from jobs.runner import run
from tests.factories import make_shop
from tests.mailbox import Mails

MINUTE = timedelta(seconds=60)
AtOnce = Callable[..., list[Any]]


def test_no_failure_is_lost_when_processes_note_theirs_at_once(app: Flask, at_once: AtOnce) -> None:
    note = partial(note_failure, "square", words="no answer", window=MINUTE, now=clock.now())
    assert sorted(at_once(*[note] * 6)) == [1, 2, 3, 4, 5, 6]


def test_a_service_opened_by_several_at_once_is_one_trip(app: Flask, at_once: AtOnce) -> None:
    opened = at_once(*[partial(open_circuit, "square", words="no answer", now=clock.now())] * 6)
    assert sorted(opened) == [False] * 5 + [True]
    row = db.session.scalars(db.select(Circuit)).one()
    assert (row.state, row.trips) == (CircuitState.OPEN, 1)


def test_one_process_makes_the_try_after_the_rest(app: Flask, at_once: AtOnce) -> None:
    now = clock.now()
    open_circuit("square", words="no answer", now=now - MINUTE)
    assert sorted(at_once(*[partial(claim_probe, "square", rest=MINUTE, now=now)] * 6)) == [False] * 5 + [
        True
    ]


def test_the_hosts_cap_holds_over_several_processes(app: Flask, at_once: AtOnce, mails: Mails) -> None:
    make_shop()
    settings = replace(app.extensions["settings"], mail_per_hour=2)
    now = clock.now()

    def sending(number: int) -> Callable[[], None]:
        letter = Message(f"Letter {number}", f"person{number}@example.com", "Hello", "<p>Hello</p>")
        errand = Errand(number, now, Kind.MAIL_WELCOME)
        return lambda: deliver(letter, errand, shop_name="Harbor", settings=settings)

    results = at_once(*[sending(number) for number in range(1, 7)])
    assert sum(isinstance(each, ComeBackLater) for each in results) == 4, results
    assert len(mails.all()) == 2
    statuses = sorted(each.value for each in db.session.scalars(db.select(Mail.status)))
    assert statuses == ["queued"] * 4 + [MailStatus.SENT.value] * 2


def test_the_hosts_cap_holds_for_mails_that_are_tried_again(
    app: Flask, at_once: AtOnce, mails: Mails
) -> None:
    """They had failed before, and are sent at the same time: each counts from its first moment on."""
    make_shop()
    settings = replace(app.extensions["settings"], mail_per_hour=2)
    now = clock.now()
    with transaction():
        for number in range(1, 7):
            db.session.add(
                Mail(
                    outbox_id=number, queued_at=now, kind=Kind.MAIL_WELCOME.value, ids={}, subject="", text="", html="",
                    to_address="x@example.com", status=MailStatus.FAILED, attempts=1, tried_at=now - 10 * MINUTE,
                )
            )  # fmt: skip
    mails.catcher.mood.seconds = 1  # nobody is done before all have begun

    def sending(number: int) -> Callable[[], None]:
        letter = Message(f"Letter {number}", f"person{number}@example.com", "Hello", "<p>Hello</p>")
        errand = Errand(number, now, Kind.MAIL_WELCOME)
        return lambda: deliver(letter, errand, shop_name="Harbor", settings=settings)

    results = at_once(*[sending(number) for number in range(1, 7)])
    assert sum(isinstance(each, ComeBackLater) for each in results) == 4, results
    assert len(mails.all()) == 2


def test_jobs_that_give_up_in_one_moment_make_one_mail_to_staff(app: Flask, at_once: AtOnce) -> None:
    make_shop()
    tries = len(app.extensions["settings"].outbox_retry_seconds)
    now = clock.now()
    with transaction():
        rows = [
            OutboxRow(
                kind=Kind.PAYMENT_CAPTURE,
                ids={"payment_id": 10**6},
                due_at=now,
                created_at=now,
                attempts=tries,
            )
            for _ in range(5)
        ]
        db.session.add_all(rows)
        db.session.flush()
        tickets = [Ticket(row.id, tries, Kind.PAYMENT_CAPTURE) for row in rows]
    assert at_once(*[partial(run, ticket) for ticket in tickets]) == [False] * 5
    db.session.expire_all()
    dead = db.select(OutboxRow).where(OutboxRow.needs_person_at.is_not(None))
    assert len(db.session.scalars(dead).all()) == 5
    assert len(db.session.scalars(db.select(OutboxRow).filter_by(kind=Kind.MAIL_DEAD_LETTERS)).all()) == 1
