"""The only commit in the shop. Use cases open it, helpers flush at most, nothing inside it calls the outside world."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm.exc import StaleDataError

from app.extensions import db
from app.shared.cluster import Guarded, NodeIsBehind, catch_up, is_clustered, note_commit
from app.shared.errors import NotFound

P = ParamSpec("P")
R = TypeVar("R")
M = TypeVar("M")

# 1213 deadlock, 1205 lock wait time-out: InnoDB (and Galera, for every write conflict) rolled us back; nothing happened.
_LOST_RACE_CODES = frozenset({1205, 1213})
_NO_SUCH = 1305
_ATTEMPTS = 6
# On a cluster orders placed at three nodes take their numbers from one row, and all but one of those at a time lose.
_ATTEMPTS_ON_A_CLUSTER = 10
_LONGEST_WAIT = 5  # doublings: 0.6 seconds
_OPEN = "use_case_is_open"


@contextmanager
def transaction() -> Iterator[Any]:
    """Run the block in one transaction and commit it; roll back whatever it raises.

    Refuses to nest. Whatever was read before is expired first, so the block decides on fresh rows; on SQLite the
    write lock is taken at the start, because a snapshot that upgrades later fails at once with BUSY_SNAPSHOT.
    """
    session = db.session()
    if session.info.get(_OPEN):
        raise RuntimeError("a transaction is open already: only the outermost use case opens one")
    if session.new or session.dirty or session.deleted:
        raise RuntimeError("rows were changed outside a transaction")
    session.rollback()
    session.expire_all()  # a roll-back expires nothing when no transaction had begun
    session.info[_OPEN] = True
    try:
        session.connection(execution_options={"begin_immediate": True})
        yield session
        session.commit()
        note_commit(session)
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info.pop(_OPEN, None)


def in_transaction() -> bool:
    """Whether a use case holds a transaction open now; callers of outside services refuse to run then."""
    return bool(db.session().info.get(_OPEN))


def lock(model: type[M], row_id: int) -> M:
    """The row, locked FOR UPDATE and read afresh even if the session knew it; NotFound if there is none.

    Lock from the root down: cart, order, payment, stock rows by id, outbox (docs/house.md, "Transactions"). On a cluster
    a guarded row is written, too: nodes know nothing of each other's locks.
    """
    if issubclass(model, Guarded) and is_clustered():
        raised = update(model).where(model.id == row_id).values(guard=model.guard + 1)  # type: ignore[attr-defined]
        db.session.execute(raised, execution_options={"synchronize_session": False})
    query = select(model).where(model.id == row_id).with_for_update()  # type: ignore[attr-defined]
    row = db.session.execute(query.execution_options(populate_existing=True)).unique().scalar_one_or_none()
    if row is None:
        raise NotFound()
    return row


def is_lost_race(error: Exception) -> bool:
    """Whether the database rolled this transaction back in favour of another, so that it may simply run again."""
    if isinstance(error, StaleDataError):
        return True
    if not isinstance(error, OperationalError) or isinstance(error, NodeIsBehind) or error.orig is None:
        return False
    code, words = error.orig.args[0] if error.orig.args else None, str(error.orig)
    # A savepoint that is gone: the whole transaction was undone inside it, and going back to it hid the 1213.
    is_savepoint_gone = code == _NO_SUCH and "SAVEPOINT" in words
    return code in _LOST_RACE_CODES or is_savepoint_gone or "database is locked" in words


def retry_lost_races(step: Callable[P, R]) -> Callable[P, R]:
    """Decorate a function that is exactly one transaction: it runs again as a whole, commit included, after a
    deadlock or lock time-out. Never put it around a call to a payment provider."""

    @wraps(step)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        for attempt in range(1, _ATTEMPTS_ON_A_CLUSTER if is_clustered() else _ATTEMPTS):
            try:
                return step(*args, **kwargs)
            except (OperationalError, StaleDataError) as error:
                if not is_lost_race(error):
                    raise
                doublings = min(attempt, _LONGEST_WAIT)
                time.sleep(random.uniform(0.005, 0.02) * 2**doublings)  # nosec B311 # a wait is no secret
                catch_up()  # the one who was first may have been on another node
        return step(*args, **kwargs)

    return run
