"""The circuit breaker: after some failures within a minute a service is left alone for a while, then tried once.

pybreaker decides, on the row that all processes share (`circuits.py`). A breaker object lives for one call: pybreaker
holds its lock while it calls, and one slow answer would make every thread of the process wait.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

import structlog
from pybreaker import (
    STATE_CLOSED,
    STATE_HALF_OPEN,
    STATE_OPEN,
    CircuitBreaker,
    CircuitBreakerError,
    CircuitBreakerStorage,
)
from sqlalchemy.exc import SQLAlchemyError

from app.extensions import db
from app.settings import Settings
from app.shared import clock
from app.shared.circuits import (
    CircuitNow,
    claim_probe,
    close_circuit,
    find_circuit,
    note_failure,
    open_circuit,
)
from app.shared.transaction import in_transaction

T = TypeVar("T")
log = structlog.get_logger("tradepost.breaker")
# While another process makes the one try: about as long as an answer takes.
_WHILE_PROBED = timedelta(seconds=5)


class NotAsked(CircuitBreakerError):
    """The service is being left alone: nothing was sent. `seconds` is when asking makes sense again."""

    def __init__(self, name: str, seconds: int):
        super().__init__(f"{name} has not been answering and is left alone for {seconds} s")
        self.seconds = seconds


@dataclass(frozen=True)
class Breaker:
    """Guards the calls to one service. `is_outage` says which failures mean that it is down; others prove it answers."""

    name: str
    failures: int
    window: timedelta
    rest: timedelta
    is_outage: Callable[[BaseException], bool]

    @classmethod
    def of(cls, name: str, settings: Settings, is_outage: Callable[[BaseException], bool]) -> Breaker:
        """With the delays the host set; without any effect when BREAKER_FAILURES is 0."""
        return cls(
            name=name,
            failures=settings.breaker_failures,
            window=timedelta(seconds=settings.breaker_window_seconds),
            rest=timedelta(seconds=settings.breaker_rest_seconds),
            is_outage=is_outage,
        )

    def call(self, step: Callable[[], T]) -> T:
        """Run the step, or raise NotAsked. What the step raises is raised; no transaction is open meanwhile."""
        if not self.failures:
            return step()
        if in_transaction():
            raise RuntimeError("no transaction may be open while an outside service is asked")
        row = _SharedRow(self, STATE_HALF_OPEN if self._let_in() else STATE_CLOSED)
        breaker = CircuitBreaker(
            fail_max=self.failures,
            state_storage=row,
            exclude=[self._proves_an_answer],
            throw_new_error_on_trip=False,
        )
        return breaker.call(row.watch(step))

    def find(self, now: datetime) -> CircuitNow:
        """Where it stands, for pages and jobs that would rather know before; a plain read."""
        return find_circuit(self.name, rest=self.rest, now=now) if self.failures else CircuitNow()

    def _let_in(self) -> bool:
        """False for an ordinary call, True for the one try after the rest; NotAsked for all others."""
        now = clock.now()
        circuit = _quietly(lambda: self.find(now), CircuitNow())
        db.session.rollback()  # the read must not stay open while the service is asked
        if circuit.state.value == STATE_CLOSED:
            return False
        if circuit.is_resting:
            wait = circuit.wait if circuit.state.value == STATE_OPEN else min(circuit.wait, _WHILE_PROBED)
            raise NotAsked(self.name, whole_seconds(wait))
        if not _quietly(lambda: claim_probe(self.name, rest=self.rest, now=now), True):
            raise NotAsked(self.name, whole_seconds(_WHILE_PROBED))
        return True

    def _proves_an_answer(self, error: BaseException) -> bool:
        return isinstance(error, Exception) and not self.is_outage(error)


def whole_seconds(wait: timedelta) -> int:
    """At least one, rounded up."""
    return max(1, math.ceil(wait.total_seconds()))


class _SharedRow(CircuitBreakerStorage):
    """pybreaker's memory for one call: the state as it was let in, and every change written where all see it.

    Failures count within a window, so a success between two of them forgets neither.
    """

    def __init__(self, breaker: Breaker, state: str):
        super().__init__(breaker.name)
        self._breaker = breaker
        self._state = state
        self._failures = 0
        self._successes = 0
        self._words = ""

    def watch(self, step: Callable[[], T]) -> Callable[[], T]:
        """The step, whose last words are kept for staff."""

        def watched() -> T:
            try:
                return step()
            except BaseException as error:
                self._words = str(error) or type(error).__name__
                raise

        return watched

    @property
    def state(self) -> str:
        return self._state

    @state.setter
    def state(self, state: str) -> None:
        self._state = state
        now = clock.now()
        if state == STATE_OPEN:
            opened = _quietly(lambda: open_circuit(self.name, words=self._words, now=now), False)
            log.error("circuit_opened", service=self.name, why=self._words, is_new=opened)
        elif state == STATE_CLOSED:
            _quietly(lambda: close_circuit(self.name, now=now), None)
            log.warning("circuit_closed", service=self.name)

    def increment_counter(self) -> None:
        window, now = self._breaker.window, clock.now()
        self._failures = _quietly(
            lambda: note_failure(self.name, words=self._words, window=window, now=now), 0
        )

    @property
    def counter(self) -> int:
        return self._failures

    def increment_success_counter(self) -> None:
        self._successes += 1

    def reset_success_counter(self) -> None:
        self._successes = 0

    @property
    def success_counter(self) -> int:
        return self._successes

    @property
    def opened_at(self) -> datetime | None:
        """Never asked for: whether the rest is over was decided when the call was let in."""
        return None

    @opened_at.setter
    def opened_at(self, moment: datetime) -> None:
        """The row notes its own time."""


def _quietly(step: Callable[[], T], otherwise: T) -> T:
    """Book-keeping never stands between a caller and the answer: where the database is away, go on without it."""
    try:
        return step()
    except SQLAlchemyError as error:
        db.session.rollback()
        log.warning("breaker_not_noted", error=type(error).__name__)
        return otherwise
