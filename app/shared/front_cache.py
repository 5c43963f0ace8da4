"""Flask-Caching's store for this shop: this process's memory, and behind it Redis where there is one.

Only what is kept under a stamp (stamps.py) may lie here: nobody can tell another process's memory to forget. Values are
handed out as they were put in, to every thread, so they are never changed: strings, tuples, frozen dataclasses.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from flask import Flask
from flask_caching.backends.base import BaseCache
from flask_caching.backends.rediscache import RedisCache
from redis.exceptions import RedisError

from app.shared import clock

T = TypeVar("T")
_log = logging.getLogger("tradepost.cache")

# Most are a product as a listing shows it, some 3 kB: twelve megabytes a process when it is full.
MOST = 4000
# A server that is down costs each try its time-out: leave it alone for this long after one.
_REST = timedelta(seconds=30)


class FrontCache(BaseCache):
    """The `most` entries used last, each for its time-out at most."""

    def __init__(self, behind: BaseCache | None = None, most: int = MOST, default_timeout: int = 60) -> None:
        super().__init__(default_timeout=default_timeout)
        self._behind = behind
        self._rests_until = datetime.min.replace(tzinfo=UTC)
        self._most = most
        self._held: OrderedDict[str, tuple[int, Any]] = OrderedDict()
        self._lock = threading.Lock()

    @classmethod
    def factory(
        cls, app: Flask, config: dict[str, Any], args: list[Any], kwargs: dict[str, Any]
    ) -> FrontCache:
        behind = (
            RedisCache.factory(app, config, args, dict(kwargs)) if config.get("CACHE_REDIS_URL") else None
        )
        return cls(behind, default_timeout=config["CACHE_DEFAULT_TIMEOUT"])

    def get(self, key: str) -> Any:
        return self.get_many(key)[0]

    def get_many(self, *keys: str) -> list[Any]:
        """None for each that is not there. What Redis alone holds is asked for in one go, and kept here from now on."""
        now = int(time.monotonic())
        found = [self._find(key, now) for key in keys]
        missing = [key for key, value in zip(keys, found, strict=True) if value is None]
        if self._behind is None or not missing:
            return found
        behind = self._behind
        there = self._ask(lambda: behind.get_many(*missing)) or [None] * len(missing)
        brought = dict(zip(missing, there, strict=True))
        for key, value in brought.items():
            if value is not None:
                self._hold(key, value, now + self.default_timeout)
        return [brought.get(key) if value is None else value for key, value in zip(keys, found, strict=True)]

    def set(self, key: str, value: Any, timeout: int | timedelta | None = None) -> bool:
        return bool(self.set_many({key: value}, timeout))

    def set_many(self, mapping: dict[str, Any], timeout: int | timedelta | None = None) -> list[str]:
        seconds = self._normalize_timeout(timeout) or self.default_timeout
        until = int(time.monotonic()) + seconds
        for key, value in mapping.items():
            self._hold(key, value, until)
        if (behind := self._behind) is not None:
            self._ask(lambda: behind.set_many(mapping, seconds))
        return list(mapping)

    def delete(self, key: str) -> bool:
        with self._lock:
            had = self._held.pop(key, None) is not None
        if (behind := self._behind) is not None:
            had = bool(self._ask(lambda: behind.delete(key))) or had
        return had

    def has(self, key: str) -> bool:
        return self.get(key) is not None

    def clear(self) -> bool:
        with self._lock:
            self._held.clear()
        if (behind := self._behind) is not None:
            self._ask(behind.clear)
        return True

    def _find(self, key: str, now: int) -> Any:
        with self._lock:
            until, value = self._held.get(key, (0, None))
            if value is None:
                return None
            if until <= now:
                del self._held[key]
                return None
            self._held.move_to_end(key)
        return value

    def _hold(self, key: str, value: Any, until: int) -> None:
        with self._lock:
            self._held[key] = (until, value)
            self._held.move_to_end(key)
            while len(self._held) > self._most:
                self._held.popitem(last=False)

    def _ask(self, step: Callable[[], T]) -> T | None:
        """A Redis that cannot be reached is an empty one, never an error."""
        if clock.now() < self._rests_until:
            return None
        try:
            return step()
        except (RedisError, OSError) as error:
            self._rests_until = clock.now() + _REST
            _log.warning("cache unreachable, doing without it: %s", type(error).__name__)
            return None
