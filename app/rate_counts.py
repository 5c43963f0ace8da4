"""Where tries are counted without Redis: in the shop's database, and in this process what must not cost a write."""

from __future__ import annotations

import hashlib
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import current_app, has_request_context, request
from limits import parse_many
from limits.storage import Storage
from sqlalchemy import (
    Column,
    DateTime,
    Engine,
    Integer,
    MetaData,
    NullPool,
    String,
    Table,
    case,
    create_engine,
    delete,
    func,
    make_url,
    select,
)
from sqlalchemy.dialects import mysql, sqlite
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnection

from app.settings import Settings
from app.shared import clock
from app.shared.database import prepare_engine
from app.shared.machine_places import MachinePlaces, NoPlace

# The last part but the limit itself of a key; what stands before it never holds text a visitor chose.
PUBLIC = "public pages"
SITE = "whole site"

# How long counting may wait for another writer; then this process counts in its own memory for a while.
_LOCK_SECONDS = 2
# Where a process has one connection for its pages (a shared host), so many of all processes count at a time. With
# Passenger's six and two runs of cron that makes nine of the ten connections such a host must grant (docs/hosting.md).
_COUNTING_AT_A_TIME = 1
_ONE_CLEANING_IN = 200
# InnoDB may call two first tries under one key a deadlock; the next one finds the row there.
_DEADLOCK = 1213
_DEADLOCKS_IN_A_ROW = 5
# Addresses counted in memory at a time, some 200 bytes each; of more than these the oldest half is forgotten.
_MOST_IN_MEMORY = 20_000
# A process takes numbers of the site's ceiling in handfuls of this share, so that it writes so many times a window.
_HANDFULS = 50


class MemoryCounter:
    """Counts of this process alone. Bounded, and without a thread of its own, which hosts do not like."""

    def __init__(self, most: int = _MOST_IN_MEMORY) -> None:
        self._most = most
        self._counts: dict[str, tuple[int, float]] = {}
        self._lock = threading.Lock()

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        now = clock.now().timestamp()
        with self._lock:
            count, until = self._counts.get(key, (0, 0.0))
            if until <= now:
                count, until = 0, now + expiry
                self._counts.pop(key, None)
                self._make_room(now)
            self._counts[key] = (count + amount, until)
        return count + amount

    def read(self, key: str) -> tuple[int, float]:
        """The count, and when its window ends in seconds since 1970."""
        return self._counts.get(key, (0, 0.0))

    def clear(self) -> None:
        self._counts.clear()

    def _make_room(self, now: float) -> None:
        if len(self._counts) < self._most:
            return
        self._counts = {key: kept for key, kept in self._counts.items() if kept[1] > now}
        if len(self._counts) >= self._most:
            self._counts = dict(list(self._counts.items())[self._most // 2 :])


class Handfuls:
    """Numbers of a shared count, taken from it several at a time and given out singly.

    No number is given out twice, so the processes together never pass the ceiling; what a process has left of its last
    handful when a window ends was not used by anybody.
    """

    def __init__(self) -> None:
        self._held: dict[str, tuple[int, int, float]] = {}
        self._lock = threading.Lock()

    def find_next(self, key: str) -> int | None:
        """The next number in hand; None where a new handful is due."""
        now = clock.now().timestamp()
        with self._lock:
            number, last, until = self._held.get(key, (1, 0, 0.0))
            if number > last or until <= now:
                return None
            self._held[key] = (number + 1, last, until)
        return number

    def keep(self, key: str, first: int, last: int, until: float) -> None:
        """Put a handful where `find_next` finds it."""
        with self._lock:
            self._held[key] = (first, last, until)

    def clear(self) -> None:
        self._held.clear()


class DatabaseCounter(Storage):
    """Counts in the table `rate_counts` over a connection of its own, so that it neither commits nor rolls back
    anything of the request it guards. Looking at pages is counted in memory: a page that only reads writes nothing.

    A process that ends with its request (CGI) has no memory to count in and no use for a handful: there all of it is
    counted one by one in the table.
    """

    STORAGE_SCHEME = ["tradepost+database"]

    def __init__(self, uri: str | None = None, wrap_exceptions: bool = False, **options: Any) -> None:
        super().__init__(uri, wrap_exceptions=wrap_exceptions, **options)
        self._memory = MemoryCounter()
        self._handfuls = Handfuls()

    @property
    def base_exceptions(self) -> type[Exception]:
        return SQLAlchemyError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Raise the count of a window by one statement and give it back; a window that is over begins anew."""
        if _is_in_memory(key):
            return self._memory.incr(key, expiry, amount)
        if _is_of(SITE, key) and not _ends_with_request():
            return self._handfuls.find_next(key) or self._take_handful(key, expiry)
        return self._raise(key, expiry, amount)

    def _take_handful(self, key: str, expiry: int) -> int:
        settings: Settings = current_app.extensions["settings"]
        size = _handful(settings.site_limit)
        last = self._raise(key, expiry, size)
        first = last - size + 1
        if size > 1:
            self._handfuls.keep(key, first + 1, last, self.get_expiry(key))
        return first

    def _raise(self, key: str, expiry: int, amount: int) -> int:
        for _ in range(_DEADLOCKS_IN_A_ROW):
            try:
                return _count(_short(key), expiry, amount)
            except OperationalError as error:
                if not error.orig or error.orig.args[0] != _DEADLOCK:
                    raise
        return _count(_short(key), expiry, amount)

    def get(self, key: str) -> int:
        if _is_in_memory(key):
            return self._memory.read(key)[0]
        count, expires_at = self._read(key)
        return count if expires_at > clock.now() else 0

    def get_expiry(self, key: str) -> float:
        """When the window ends, in seconds since 1970."""
        if _is_in_memory(key):
            return self._memory.read(key)[1]
        return self._read(key)[1].timestamp()

    def check(self) -> bool:
        try:
            with _place(), _engine().connect() as connection:
                connection.execute(select(func.count()).select_from(_COUNTS).where(_COUNTS.c.key == ""))
        except SQLAlchemyError:
            return False
        return True

    def reset(self) -> int | None:
        self._memory.clear()
        self._handfuls.clear()
        with _place(), _engine().begin() as connection:
            return int(connection.execute(delete(_COUNTS)).rowcount)

    def clear(self, key: str) -> None:
        with _place(), _engine().begin() as connection:
            connection.execute(delete(_COUNTS).where(_COUNTS.c.key == _short(key)))

    def _read(self, key: str) -> tuple[int, datetime]:
        with _place(), _engine().connect() as connection:
            wanted = select(_COUNTS.c.count, _COUNTS.c.expires_at).where(_COUNTS.c.key == _short(key))
            found = connection.execute(wanted).one_or_none()
        return (int(found[0]), found[1].replace(tzinfo=UTC)) if found else (0, clock.now())


def _is_in_memory(key: str) -> bool:
    return _is_of(PUBLIC, key) and not _ends_with_request()


def _is_of(scope: str, key: str) -> bool:
    return f"/{scope}/" in key


def _ends_with_request() -> bool:
    """Whether this process was started for one request alone, as the server says by PEP 3333's `wsgi.run_once`."""
    return has_request_context() and bool(request.environ.get("wsgi.run_once"))


@lru_cache
def _handful(limits: str) -> int:
    """How many numbers of a ceiling a process takes at a time: a fiftieth of its smallest figure."""
    return max(1, min(each.amount for each in parse_many(limits)) // _HANDFULS) if limits else 1


def _count(key: str, expiry: int, amount: int) -> int:
    now = clock.now()
    with _place(), _engine().begin() as connection:
        connection.execute(_raise_count(connection.dialect.name, key, amount, now, expiry))
        if random.randrange(_ONE_CLEANING_IN) == 0:  # noqa: S311  # nosec B311 # nothing to guess here
            connection.execute(delete(_COUNTS).where(_COUNTS.c.expires_at < _stored(now)))
        return int(connection.execute(select(_COUNTS.c.count).where(_COUNTS.c.key == key)).scalar() or 0)


# A plain description of app.accounts.models.RateCount: this file stands below the features and may not import them.
_COUNTS = Table(
    "rate_counts",
    MetaData(),
    Column("key", String(190), primary_key=True),
    Column("count", Integer),
    Column("expires_at", DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")),
)


@contextmanager
def _place() -> Iterator[None]:
    """The right to a connection beside the page's own. Whoever waits in vain counts in memory for a while, as when the
    database does not answer."""
    settings: Settings = current_app.extensions["settings"]
    is_small = settings.database_pool_size == 1 and not settings.database_url.startswith("sqlite")
    places = MachinePlaces(Path(settings.instance_path), "counting", _COUNTING_AT_A_TIME)
    try:
        with places.take(timedelta(seconds=_LOCK_SECONDS)) if is_small else nullcontext():
            yield
    except NoPlace as full:
        raise NoConnection("no place among those that count") from full


def _engine() -> Engine:
    """A second engine to the shop's database that keeps no connection open: nothing to share across a fork, and
    nothing taken from the small pool the pages live on."""
    known: Engine | None = current_app.extensions.get("rate_engine")
    if known is None:
        url = make_url(current_app.config["SQLALCHEMY_DATABASE_URI"])
        lock_wait = f"SET SESSION innodb_lock_wait_timeout = {_LOCK_SECONDS}"
        options: dict[str, Any] = {"connect_args": {"connect_timeout": 5, "init_command": lock_wait}}
        if url.get_backend_name() == "sqlite":
            options = {"connect_args": {"timeout": _LOCK_SECONDS}}
        known = create_engine(url, poolclass=NullPool, hide_parameters=True, **options)
        prepare_engine(known)
        known = known.execution_options(begin_immediate=True) if known.dialect.name == "sqlite" else known
        current_app.extensions["rate_engine"] = known
    return known


def _raise_count(dialect: str, key: str, amount: int, now: datetime, expiry: int) -> Any:
    """One atomic upsert. MySQL assigns from left to right, so the count is decided while the old expiry still stands."""
    fresh = {"key": key, "count": amount, "expires_at": _stored(now + timedelta(seconds=expiry))}
    is_over = _COUNTS.c.expires_at <= _stored(now)
    count = case((is_over, amount), else_=_COUNTS.c.count + amount)
    expires_at = case((is_over, fresh["expires_at"]), else_=_COUNTS.c.expires_at)
    changes = [("count", count), ("expires_at", expires_at)]
    if dialect == "sqlite":
        return (
            sqlite.insert(_COUNTS)
            .values(fresh)
            .on_conflict_do_update(index_elements=["key"], set_=dict(changes))
        )
    return mysql.insert(_COUNTS).values(fresh).on_duplicate_key_update(changes)


def _stored(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)


def _short(key: str) -> str:
    return key if len(key) <= 190 else hashlib.sha256(key.encode()).hexdigest()
