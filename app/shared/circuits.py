"""What every process must know about an outside service: whether it answers, and since when not. One row a service."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from sqlalchemy import JSON, ColumnElement, CursorResult, String, and_, or_, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import db
from app.shared import history
from app.shared.columns import Id, UtcDateTime, status_type
from app.shared.history import Actor
from app.shared.status import LabelEnum
from app.shared.transaction import retry_lost_races, transaction

P = ParamSpec("P")
R = TypeVar("R")
_BREAKER = Actor.system("Circuit breaker")


class CircuitState(LabelEnum):
    """The values are pybreaker's own."""

    CLOSED = "closed", "Answers"
    OPEN = "open", "Does not answer"
    HALF_OPEN = "half-open", "Being tried"


class Circuit(db.Model):  # type: ignore[name-defined,misc]
    """One outside service. `failed_at` are the latest failures (ISO, UTC); `probed_at` when the one try was let out."""

    __tablename__ = "breakers"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(32), unique=True)
    state: Mapped[CircuitState] = mapped_column(
        status_type(CircuitState, "state"), default=CircuitState.CLOSED
    )
    failed_at: Mapped[list[str]] = mapped_column(JSON, default=list)
    opened_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    probed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    trips: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str] = mapped_column(String(300), default="")


def _again_if_new(step: Callable[P, R]) -> Callable[P, R]:
    """A service's first trouble, noted by two processes at once: the second run finds the other's row."""

    @wraps(step)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return step(*args, **kwargs)
        except IntegrityError:
            return step(*args, **kwargs)

    return run


@dataclass(frozen=True)
class CircuitNow:
    """Where a circuit stands at a moment. `wait` is how long nobody may ask; zero when somebody may."""

    state: CircuitState = CircuitState.CLOSED
    since: datetime | None = None
    wait: timedelta = timedelta(0)

    @property
    def is_resting(self) -> bool:
        return self.wait > timedelta(0)


def find_circuit(name: str, *, rest: timedelta, now: datetime) -> CircuitNow:
    """Where it stands; a service nobody has had trouble with is closed."""
    columns = (Circuit.state, Circuit.opened_at, Circuit.probed_at)
    row = db.session.execute(db.select(*columns).where(Circuit.name == name)).one_or_none()
    if row is None or row.state is CircuitState.CLOSED:
        return CircuitNow()
    # A probe that never came back (its process died) gives the next one leave after the same rest.
    begins = row.probed_at if row.state is CircuitState.HALF_OPEN else row.opened_at
    left = begins + rest - now if begins else timedelta(0)
    return CircuitNow(row.state, row.opened_at, max(left, timedelta(0)))


@retry_lost_races
def claim_probe(name: str, *, rest: timedelta, now: datetime) -> bool:
    """Whether this process may make the one try after the rest; one conditional UPDATE, so only one may."""
    rested = and_(Circuit.state == CircuitState.OPEN, Circuit.opened_at <= now - rest)
    lost = and_(Circuit.state == CircuitState.HALF_OPEN, Circuit.probed_at <= now - rest)
    with transaction():
        return _change(name, or_(rested, lost), state=CircuitState.HALF_OPEN, probed_at=now)


@_again_if_new
@retry_lost_races
def note_failure(name: str, *, words: str, window: timedelta, now: datetime) -> int:
    """Add a failure; returns how many there were within the window."""
    with transaction():
        row = _lock_row(name)
        kept = [each for each in row.failed_at if datetime.fromisoformat(each) > now - window]
        row.failed_at = [*kept, now.isoformat()]
        row.last_error = words[:300]
        return len(row.failed_at)


@_again_if_new
@retry_lost_races
def open_circuit(name: str, *, words: str, now: datetime) -> bool:
    """Nobody asks from now on. False when it was open already: then the rest goes on as it was."""
    with transaction():
        row = _lock_row(name)
        if row.state is CircuitState.OPEN:
            return False
        if row.state is CircuitState.CLOSED:
            row.trips += 1
            history.record("breaker", row.id, "stopped_asking", actor=_BREAKER, at=now, reason=words[:300])
        row.state, row.opened_at, row.probed_at = CircuitState.OPEN, now, None
        return True


@retry_lost_races
def close_circuit(name: str, *, now: datetime) -> None:
    """It answers again: everybody may ask."""
    with transaction():
        row = _lock_row(name)
        if row.state is not CircuitState.CLOSED:
            history.record("breaker", row.id, "answers_again", actor=_BREAKER, at=now)
        row.state, row.failed_at, row.opened_at, row.probed_at = CircuitState.CLOSED, [], None, None


def list_circuits() -> list[Circuit]:
    """Every service that ever failed, by name."""
    return list(db.session.scalars(db.select(Circuit).order_by(Circuit.name)))


def count_recent(circuit: Circuit, *, window: timedelta, now: datetime) -> int:
    """How many failures lie within the window that ends now."""
    return sum(datetime.fromisoformat(each) > now - window for each in circuit.failed_at)


def _lock_row(name: str) -> Circuit:
    query = db.select(Circuit).where(Circuit.name == name).with_for_update()
    row: Circuit | None = db.session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if row is None:
        row = Circuit(name=name, failed_at=[], trips=0, state=CircuitState.CLOSED)
        db.session.add(row)
        db.session.flush()
    return row


def _change(name: str, condition: ColumnElement[bool], **values: Any) -> bool:
    statement = update(Circuit).where(Circuit.name == name, condition).values(values)
    result: CursorResult[Any] = db.session.execute(  # type: ignore[assignment]
        statement.execution_options(synchronize_session=False)
    )
    return result.rowcount == 1
