"""Many processes notice a standstill in the same moment: one of them tells."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from flask import Flask

from app.extensions import db
from app.outbox.claim_standstill import Standstill, claim_standstill
from app.outbox.heartbeat import beat
from app.outbox.kinds import Kind
from app.outbox.models import OutboxRow
from app.shared import clock

TEN, QUIET = timedelta(minutes=10), timedelta(hours=4)


def test_of_many_that_notice_at_once_one_gets_to_tell(app: Flask, at_once: Callable[..., list[Any]]) -> None:
    beat(clock.now() - timedelta(minutes=11), standstill=TEN, quiet=QUIET)
    claim = partial(claim_standstill, clock.now(), standstill=TEN, quiet=QUIET)
    claimed = at_once(*[claim] * 8)
    assert sum(isinstance(each, Standstill) for each in claimed) == 1
    assert claimed.count(None) == 7
    db.session.rollback()
    assert db.session.scalar(db.select(db.func.count()).where(OutboxRow.kind == Kind.MAIL_ALARM_SILENCE)) == 1
