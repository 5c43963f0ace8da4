"""Later work: done once, tried again with growing waits, shown to a person when it gives up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from app.extensions import db
from app.outbox.causes import plain_cause
from app.outbox.kinds import Kind, UnknownKind
from app.outbox.later import ComeBackLater, LookAgain
from app.outbox.models import OutboxRow
from app.outbox.post import post
from app.outbox.prune import prune_closed
from app.outbox.queries import count_dead, list_waiting, longest_untaken, oldest_wait
from app.outbox.retry import retry_row
from app.shared import clock
from app.shared.errors import Conflict
from app.shared.history import Actor
from app.shared.transaction import transaction
from jobs.registry import HANDLERS
from jobs.relay import Ticket, take_due
from jobs.runner import _begin, _close, _postpone, run
from jobs.schedule import PERIODIC, post_periodic
from jobs.worker import drain
from tests.mailbox import Mails
from tests.placing import make_ready, press

pytestmark = pytest.mark.usefixtures("app", "square")
LEASE = timedelta(minutes=2)
STAFF = Actor.system("staff")


def post_capture(payment_id: int = 424242) -> int:
    with transaction():
        row = post(Kind.PAYMENT_CAPTURE, payment_id=payment_id)
        db.session.flush()
        return row.id


def row_of(row_id: int) -> OutboxRow:
    db.session.rollback()
    db.session.expire_all()
    return db.session.get_one(OutboxRow, row_id)


def test_every_kind_has_a_handler() -> None:
    assert set(HANDLERS) == set(Kind)


def test_a_taken_row_is_not_taken_again_before_its_lease_is_over() -> None:
    row_id = post_capture()
    now = clock.now()
    assert [ticket.row_id for ticket in take_due(now, lease=LEASE)] == [row_id]
    assert take_due(now + LEASE / 2, lease=LEASE) == []
    assert [ticket.row_id for ticket in take_due(now + LEASE, lease=LEASE)] == [row_id]


def test_a_ticket_is_good_for_one_try(mails: Mails) -> None:
    press(make_ready())
    tickets = [ticket for ticket in take_due(clock.now(), lease=LEASE) if ticket.kind is Kind.PAYMENT_CAPTURE]
    assert run(tickets[0]) is True
    assert run(tickets[0]) is False


def test_work_of_a_newer_version_is_set_aside_for_a_person_and_the_rest_goes_on() -> None:
    """After going back to an older release: what the newer one posted is nobody's work here."""
    with transaction():
        foreign = post(UnknownKind("mail.loyalty_points"), order_id=1)  # type: ignore[arg-type]
        db.session.flush()
        foreign_id = foreign.id
    press(make_ready())
    assert drain(30) > 0
    row = row_of(foreign_id)
    assert row.kind == UnknownKind("mail.loyalty_points")
    assert (row.attempts, row.closed_at) == (1, None)
    assert row.needs_person_at is not None
    assert "After the next upgrade press Try again" in plain_cause(row.last_error)
    told = db.select(OutboxRow.closed_at).where(OutboxRow.kind == Kind.MAIL_DEAD_LETTERS)
    assert len(db.session.scalars(told).all()) == 1
    others = db.select(OutboxRow).where(OutboxRow.id != foreign_id, OutboxRow.needs_person_at.is_not(None))
    assert db.session.scalars(others).all() == []


def test_a_failing_row_waits_longer_each_time_and_then_needs_a_person(app: Flask) -> None:
    row_id = post_capture()
    waits = app.extensions["settings"].outbox_retry_seconds
    for attempt in range(len(waits) + 1):
        row = row_of(row_id)
        assert row.attempts == attempt
        assert row.needs_person_at is None
        assert run(Ticket(row_id, attempt, Kind.PAYMENT_CAPTURE)) is False
    row = row_of(row_id)
    assert row.needs_person_at is not None
    assert "NoResultFound" in row.last_error
    assert count_dead() == 1
    later = take_due(clock.now() + timedelta(days=30), lease=LEASE)
    assert [ticket.kind for ticket in later] == [Kind.MAIL_DEAD_LETTERS]


def test_staff_can_try_a_dead_row_again() -> None:
    row_id = post_capture()
    with transaction():
        db.session.get_one(OutboxRow, row_id).needs_person_at = clock.now()
    retry_row(row_id, actor=STAFF, now=clock.now())
    assert count_dead() == 0
    assert [ticket.row_id for ticket in take_due(clock.now(), lease=LEASE)] == [row_id]


def test_work_that_somebody_is_at_is_not_tried_again_beside_it() -> None:
    row_id = post_capture()
    now = clock.now()
    [ticket] = take_due(now, lease=LEASE)
    with pytest.raises(Conflict, match="right now"):
        retry_row(row_id, actor=STAFF, now=now)
    assert _begin(ticket, LEASE, now) is not None
    with pytest.raises(Conflict, match="right now"):
        retry_row(row_id, actor=STAFF, now=now)
    assert row_of(row_id).due_at == now + LEASE
    # A process that died lets go of it when its lease is over.
    retry_row(row_id, actor=STAFF, now=now + LEASE)


def test_work_that_waits_for_its_next_try_may_be_tried_at_once() -> None:
    row_id = post_capture()
    assert run(Ticket(row_id, 0, Kind.PAYMENT_CAPTURE)) is False
    assert row_of(row_id).due_at > clock.now()
    retry_row(row_id, actor=STAFF, now=clock.now())
    [ticket] = take_due(clock.now(), lease=LEASE)
    assert ticket == Ticket(row_id, 1, Kind.PAYMENT_CAPTURE)
    assert row_of(row_id).tries == 0


def test_after_a_retry_every_try_counts_anew(app: Flask) -> None:
    row_id = post_capture()
    waits = app.extensions["settings"].outbox_retry_seconds
    for attempt in range(len(waits) + 1):
        run(Ticket(row_id, attempt, Kind.PAYMENT_CAPTURE))
    assert count_dead() == 1
    retry_row(row_id, actor=STAFF, now=clock.now())
    before = clock.now()
    for attempt in range(len(waits) + 1):
        assert row_of(row_id).needs_person_at is None
        run(Ticket(row_id, len(waits) + 1 + attempt, Kind.PAYMENT_CAPTURE))
        if attempt == 0:
            wait = row_of(row_id).due_at - before
            assert wait < timedelta(seconds=waits[1])
    assert row_of(row_id).needs_person_at is not None


def test_a_worker_from_before_a_retry_cannot_close_the_work_of_its_successor() -> None:
    """Its lease ran out long ago, others tried in vain, a person asked for the work anew, and only now it is done."""
    row_id = post_capture()
    now = clock.now()
    [stale] = take_due(now, lease=LEASE)
    assert _begin(stale, LEASE, now) is not None
    [second] = take_due(now + LEASE, lease=LEASE)
    assert run(second) is False
    with transaction():
        db.session.get_one(OutboxRow, row_id).needs_person_at = now
    retry_row(row_id, actor=STAFF, now=now + LEASE)
    [third] = take_due(now + LEASE, lease=LEASE)
    assert _begin(third, LEASE, now + LEASE) is not None
    _close(stale, now + LEASE)
    assert row_of(row_id).closed_at is None
    _close(third, now + LEASE)
    assert row_of(row_id).closed_at is not None


def test_finished_work_is_not_tried_again() -> None:
    row_id = post_capture()
    with transaction():
        db.session.get_one(OutboxRow, row_id).closed_at = clock.now()
    with pytest.raises(Conflict):
        retry_row(row_id, actor=STAFF, now=clock.now())


def test_periodic_work_is_posted_once_a_period() -> None:
    now = clock.now()
    assert post_periodic(now) == len(PERIODIC)
    assert post_periodic(now) == 0
    assert post_periodic(now + timedelta(days=1)) == len(PERIODIC)


def test_a_drain_does_what_is_due_and_stops(mails: Mails) -> None:
    press(make_ready())
    assert drain(20) >= 3
    open_rows = db.select(OutboxRow.kind).where(
        OutboxRow.closed_at.is_(None), OutboxRow.due_at <= clock.now()
    )
    assert db.session.scalars(open_rows).all() == []


def test_old_finished_rows_are_forgotten_and_open_ones_kept() -> None:
    old, still_open = post_capture(), post_capture()
    with transaction():
        db.session.get_one(OutboxRow, old).closed_at = clock.now() - timedelta(days=31)
    prune_closed(before=clock.now() - timedelta(days=30))
    assert [row.id for row in db.session.scalars(db.select(OutboxRow))] == [still_open]


def test_the_oldest_wait_is_told(run_jobs: Callable[..., object]) -> None:
    now = clock.now()
    assert oldest_wait(now) == timedelta(0)
    post_capture()
    assert oldest_wait(now + timedelta(minutes=7)) >= timedelta(minutes=6)


TWENTY = timedelta(minutes=20)


def test_work_that_is_tried_in_vain_grows_old_though_it_is_due_later_each_time() -> None:
    row_id = post_capture()
    for attempt in range(3):
        run(Ticket(row_id, attempt, Kind.PAYMENT_CAPTURE))
    later = clock.now() + timedelta(minutes=4)
    assert longest_untaken(later) == timedelta(0)
    assert oldest_wait(later) >= timedelta(minutes=4)
    [waiting] = list_waiting(later)
    assert (waiting.kind, waiting.count) == (Kind.PAYMENT_CAPTURE, 1)
    assert waiting.oldest == oldest_wait(later)


def test_work_that_is_taken_again_and_again_and_never_done_grows_old() -> None:
    """Its worker is killed each time, or its tickets lie on a queue that nobody empties."""
    post_capture()
    now = clock.now()
    for minutes in range(0, 20, 2):
        assert take_due(now + timedelta(minutes=minutes), lease=LEASE)
    assert oldest_wait(now + TWENTY) >= TWENTY


def test_work_behind_a_service_that_rests_grows_old() -> None:
    row_id = post_capture()
    now = clock.now()
    for minutes in range(20):
        moment = now + timedelta(minutes=minutes)
        [ticket] = take_due(moment, lease=timedelta(seconds=30))
        assert _begin(ticket, timedelta(seconds=30), moment) is not None
        _postpone(ticket, ComeBackLater(59, "the provider rests"), moment)
    assert row_of(row_id).attempts == 0
    assert oldest_wait(now + TWENTY) >= TWENTY


def test_a_look_that_has_nothing_to_see_yet_is_not_old_before_the_next_one_is_due() -> None:
    post_capture()
    now = clock.now()
    [ticket] = take_due(now, lease=LEASE)
    assert _begin(ticket, LEASE, now) is not None
    _postpone(ticket, LookAgain(300, "the bank has not decided"), now)
    assert oldest_wait(now + timedelta(minutes=5)) == timedelta(0)
    assert oldest_wait(now + timedelta(minutes=12)) == timedelta(minutes=7)


def test_work_for_later_is_not_old_before_it_is_due() -> None:
    now = clock.now()
    with transaction():
        post(Kind.PAYMENT_SETTLE, due_at=now + timedelta(hours=1), payment_id=1)
    assert oldest_wait(now + timedelta(minutes=59)) == timedelta(0)
    assert [waiting.oldest for waiting in list_waiting(now)] == [timedelta(0)]
    assert oldest_wait(now + timedelta(minutes=75)) == timedelta(minutes=15)


def test_work_that_a_person_asked_for_anew_is_owed_from_then_on() -> None:
    row_id = post_capture()
    now = clock.now() + timedelta(days=3)
    with transaction():
        db.session.get_one(OutboxRow, row_id).needs_person_at = now - timedelta(days=2)
    retry_row(row_id, actor=STAFF, now=now)
    assert oldest_wait(now) == timedelta(0)


def test_periodic_work_is_owed_from_the_moment_it_is_posted() -> None:
    now = clock.now()
    post_periodic(now)
    assert oldest_wait(now + TWENTY) == TWENTY


def test_work_that_the_release_before_posted_is_measured_as_it_was() -> None:
    row_id = post_capture()
    now = clock.now()
    with transaction():
        row = db.session.get_one(OutboxRow, row_id)
        row.first_due_at, row.due_at = None, now - TWENTY
    assert oldest_wait(now) == TWENTY
    take_due(now, lease=LEASE)
    assert oldest_wait(now) == timedelta(0)
