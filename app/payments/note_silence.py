"""Write down that the provider gave no clear answer, where a question leaves nothing else behind when that happens."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from app.extensions import db
from app.payments.gateway import OutcomeUnknown
from app.payments.models import Payment
from app.payments.outcomes import NO_ANSWER, outcome_of
from app.payments.record import keep_answer
from app.shared import clock
from app.shared.transaction import retry_lost_races, transaction


@contextmanager
def silence_noted(payment_id: int, call: str) -> Iterator[None]:
    """Around one question to the provider, outside any transaction: an OutcomeUnknown is kept and goes on its way."""
    try:
        yield
    except OutcomeUnknown as unknown:
        if outcome_of(unknown) == NO_ANSWER:
            _note(payment_id, call, unknown.cause, clock.now())
        raise


@retry_lost_races
def _note(payment_id: int, call: str, cause: str, now: datetime) -> None:
    with transaction():
        payment = db.session.get_one(Payment, payment_id)
        keep_answer(payment, call, NO_ANSWER, {"cause": cause}, now)
