"""Runs one piece of work and writes down how it went. The only place that retries, and the only one that catches all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from flask import current_app
from sqlalchemy import CursorResult, update
from sqlalchemy.exc import IntegrityError

from app.bug_reports import report_bug
from app.extensions import db
from app.mail.about import find_order_number
from app.mail.deliver import Errand
from app.mail.drop_unsent import drop_unsent
from app.outbox.announce_dead import announce_dead
from app.outbox.kinds import Kind, KindUnknown, UnknownKind
from app.outbox.later import ComeBackLater, LookAgain
from app.outbox.models import OutboxRow
from app.settings import Settings
from app.shared import clock
from app.shared.cluster import catch_up
from app.shared.errors import OutsideFault
from app.shared.transaction import retry_lost_races, transaction
from jobs.errands import on_errand
from jobs.registry import HANDLERS
from jobs.relay import Ticket

log = structlog.get_logger("jobs")


@dataclass(frozen=True)
class _Work:
    kind: Kind | UnknownKind
    ids: dict[str, Any]
    posted_at: datetime
    # The number of the order it is about, for every line that is logged meanwhile.
    order: str | None


def run(ticket: Ticket) -> bool:
    """Make one try at a row. False when it failed, was too early, or somebody else had the ticket's try already.

    Failures are noted on the row, which comes back after growing delays; after the last one it needs a person.
    """
    settings: Settings = current_app.extensions["settings"]
    catch_up()  # the row may have been written on another node just now, and what it tells of with it
    work = _begin(ticket, timedelta(seconds=settings.outbox_lease_seconds), clock.now())
    if work is None:
        return False
    told: dict[str, Any] = {"kind": work.kind.value, "attempt": ticket.attempts + 1}
    structlog.contextvars.bind_contextvars(job=ticket.row_id, order=work.order)
    try:
        _carry_out(work, ticket.row_id)
    except ComeBackLater as later:
        db.session.rollback()
        _postpone(ticket, later, clock.now())
        log.info("job_too_early", why=str(later), **told)
        return False
    except Exception as error:
        db.session.rollback()
        needs_person = _note_or_again(ticket, error, settings)
        is_ours = not isinstance(error, OutsideFault | KindUnknown)
        log.error(
            "job_failed",
            needs_person=needs_person,
            error=f"{type(error).__name__}: {error}",
            exc_info=is_ours,
            **told,
        )
        if is_ours:
            # RQ ends the process of a job as soon as it is done.
            report_bug(error, is_ending=True, kind=work.kind.value)
        return False
    else:
        db.session.remove()
        _close(ticket, clock.now())
        log.info("job_done", **told)
        return True
    finally:
        db.session.remove()
        structlog.contextvars.unbind_contextvars("job", "order")


def _carry_out(work: _Work, row_id: int) -> None:
    if isinstance(work.kind, UnknownKind):
        raise KindUnknown(work.kind)
    errand = Errand(row_id, work.posted_at, work.kind, work.ids)
    with on_errand(errand):
        HANDLERS[work.kind](**work.ids)
    if work.kind.queue == "mail":
        drop_unsent(errand)


@retry_lost_races
def _begin(ticket: Ticket, lease: timedelta, now: datetime) -> _Work | None:
    """Use the ticket: counts the try, and fails when a try with this number was begun by somebody else."""
    with transaction():
        begun = _update(
            ticket,
            OutboxRow.attempts == ticket.attempts,
            attempts=OutboxRow.attempts + 1,
            due_at=now + lease,
            leased_until=now + lease,
        )
        if not begun:
            return None
        row = db.session.get_one(OutboxRow, ticket.row_id)
        return _Work(row.kind, dict(row.ids), row.created_at, find_order_number(row.ids))


@retry_lost_races
def _close(ticket: Ticket, now: datetime) -> None:
    with transaction():
        _update(ticket, OutboxRow.attempts == ticket.attempts + 1, closed_at=now, last_error="")


@retry_lost_races
def _postpone(ticket: Ticket, later: ComeBackLater, now: datetime) -> None:
    due_at = now + timedelta(seconds=later.seconds)
    # Held up, it grows older; a look that had nothing to see yet is owed anew.
    owed_anew = {"first_due_at": due_at} if isinstance(later, LookAgain) else {}
    with transaction():
        _update(
            ticket,
            OutboxRow.attempts == ticket.attempts + 1,
            attempts=ticket.attempts,
            due_at=due_at,
            leased_until=None,
            **owed_anew,
        )


def _note_or_again(ticket: Ticket, error: Exception, settings: Settings) -> bool:
    try:
        return _note_failure(ticket, error, settings, clock.now())
    except IntegrityError:
        # Another worker told staff in the same moment; the next look sees that.
        return _note_failure(ticket, error, settings, clock.now())


@retry_lost_races
def _note_failure(ticket: Ticket, error: Exception, settings: Settings, now: datetime) -> bool:
    """Note the error and when to try again; True when every try is used up."""
    words = f"{type(error).__name__}: {error}"[:2000]
    waits = settings.outbox_retry_seconds
    with transaction():
        # Read now: a person may have asked for it anew since the try began.
        forgiven = db.session.scalar(db.select(OutboxRow.forgiven).where(OutboxRow.id == ticket.row_id)) or 0
        before = max(ticket.attempts - forgiven, 0)
        is_last = before >= len(waits) or isinstance(error, KindUnknown)
        is_ours = _update(
            ticket,
            OutboxRow.attempts == ticket.attempts + 1,
            last_error=words,
            due_at=now + timedelta(seconds=waits[min(before, len(waits) - 1)]),
            leased_until=None,
            needs_person_at=now if is_last else None,
        )
        if is_ours and is_last:
            quiet = timedelta(minutes=settings.alarm_quiet_minutes)
            announce_dead(ticket.kind, ticket.row_id, now, quiet=quiet)
    return is_ours and is_last


def _update(ticket: Ticket, condition: Any, **values: Any) -> bool:
    statement = update(OutboxRow).where(
        OutboxRow.id == ticket.row_id, OutboxRow.closed_at.is_(None), condition
    )
    result: CursorResult[Any] = db.session.execute(  # type: ignore[assignment]
        statement.values(values).execution_options(synchronize_session=False)
    )
    return result.rowcount == 1
