"""Answers kept for a while in the shop's cache. A cache that cannot be reached is an empty one, never an error."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from redis.exceptions import RedisError

from app.extensions import cache
from app.shared import clock

T = TypeVar("T")
_log = logging.getLogger("tradepost.cache")

# A server that is down costs each try its time-out: leave it alone for this long after one.
_REST = timedelta(seconds=30)


class _Rest:
    until = datetime.min.replace(tzinfo=UTC)


def keep(key: str, seconds: int, make: Callable[[], T]) -> T:
    """What is kept under the key, or else what `make` gives, kept from now on."""
    kept: T | None = _try(lambda: cache.get(key))
    if kept is not None:
        return kept
    made = make()
    _try(lambda: cache.set(key, made, timeout=seconds))
    return made


def forget(key: str) -> None:
    """Make the next keep() ask afresh."""
    _try(lambda: cache.delete(key))


def _try(step: Callable[[], T]) -> T | None:
    if clock.now() < _Rest.until:
        return None
    try:
        return step()
    except (RedisError, OSError) as error:
        _Rest.until = clock.now() + _REST
        _log.warning("cache unreachable, doing without it: %s", type(error).__name__)
        return None
