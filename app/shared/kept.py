"""Answers kept for a while in the shop's cache. A cache that cannot be reached is an empty one, never an error."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from flask import current_app
from redis.exceptions import RedisError
from sqlalchemy import event
from sqlalchemy.orm import Session

from app.extensions import cache
from app.shared import clock
from app.shared.cluster import catch_up

T = TypeVar("T")
_log = logging.getLogger("tradepost.cache")

# A server that is down costs each try its time-out: leave it alone for this long after one.
_REST = timedelta(seconds=30)


# The name in app.extensions of a function (kind of answer, whether it was there) that is told of every look.
LISTENER = "kept_listener"
_STALE = "kept_answers_now_stale"
_answers_about: dict[str, tuple[type, ...]] = {}


class _Rest:
    until = datetime.min.replace(tzinfo=UTC)


def keep(key: str, seconds: int, make: Callable[[], T]) -> T:
    """What is kept under the key, or else what `make` gives, kept from now on."""
    kept: T | None = _try(lambda: cache.get(key))
    # Whoever counts hits and misses (app/metrics) has left a listener; the part before the colon says what kind it is.
    listener = current_app.extensions.get(LISTENER)
    if listener is not None:
        listener(key.partition(":")[0], kept is not None)
    if kept is not None:
        return kept
    catch_up()  # it may have been forgotten because of a change that this node has not seen yet
    made = make()
    _try(lambda: cache.set(key, made, timeout=seconds))
    return made


def forget(key: str) -> None:
    """Make the next keep() ask afresh."""
    _try(lambda: cache.delete(key))


def forget_when_changed(key: str, *models: type) -> None:
    """Have the answer forgotten whenever a row of these tables is committed, whoever changed it.

    The back office saves by itself, so no use case could be trusted to say so. Bulk statements that bypass the
    session call forget() themselves. Other processes without a shared cache notice when the answer's time is up.
    """
    _answers_about[key] = models


@event.listens_for(Session, "after_flush")
def _notice_changes(session: Session, _context: Any) -> None:
    touched = {type(row) for rows in (session.new, session.dirty, session.deleted) for row in rows}
    stale = {key for key, models in _answers_about.items() if touched.intersection(models)}
    if stale:
        session.info[_STALE] = session.info.get(_STALE, set()) | stale


@event.listens_for(Session, "after_commit")
def _forget_stale(session: Session) -> None:
    for key in session.info.pop(_STALE, ()):
        forget(key)


def _try(step: Callable[[], T]) -> T | None:
    if clock.now() < _Rest.until:
        return None
    try:
        return step()
    except (RedisError, OSError) as error:
        _Rest.until = clock.now() + _REST
        _log.warning("cache unreachable, doing without it: %s", type(error).__name__)
        return None
