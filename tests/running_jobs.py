"""Runs what the outbox holds, in this process, as a worker would."""

from __future__ import annotations

from contextvars import Context
from datetime import timedelta

from flask import Flask

from app.extensions import db
from app.outbox.kinds import Kind
from app.outbox.models import OutboxRow
from app.shared import clock
from jobs.relay import take_due
from jobs.runner import run

_NO_WAIT = timedelta(seconds=1)
_MOST = 200


class JobFailed(AssertionError):
    """A handler raised; the message holds what the outbox row says."""


def run_due(app: Flask, *, ahead: timedelta = timedelta(0), may_fail: bool = False) -> list[Kind]:
    """Run everything due, and what that posts in turn; returns the kinds done, in order.

    `ahead` also runs what is due only within that time from now. A failing handler fails the test unless `may_fail`.
    """
    # The test's own reads hold a savepoint open; rolled back later, it would take the jobs' commits along.
    db.session.rollback()
    return Context().run(_run_due, app, ahead, may_fail)


def _run_due(app: Flask, ahead: timedelta, may_fail: bool) -> list[Kind]:
    done: list[Kind] = []
    tried: set[int] = set()
    with app.app_context():
        while tickets := take_due(clock.now() + ahead, lease=ahead + _NO_WAIT, limit=1):
            [ticket] = tickets
            assert len(tried) < _MOST, "the outbox never empties"
            if ticket.row_id in tried:
                break  # it failed or asked to come back later: enough for one call
            tried.add(ticket.row_id)
            if run(ticket):
                done.append(ticket.kind)
            elif not may_fail:
                _complain(ticket.row_id)
    return done


def _complain(row_id: int) -> None:
    row = db.session.get_one(OutboxRow, row_id)
    if row.last_error:
        raise JobFailed(f"{row.kind.value} {row.ids}: {row.last_error}")
