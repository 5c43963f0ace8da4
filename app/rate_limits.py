"""How often a form may be sent, by address and by account; counted in Redis where there is one, else in the database."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from flask import Flask, current_app, request
from flask_limiter import Limiter
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

from app.extensions import limiter
from app.settings import Settings
from app.shared import clock
from app.shared.database import prepare_engine

View = TypeVar("View", bound=Callable[..., Any])

_UNSAFE = ["POST", "PUT", "PATCH", "DELETE"]
# How long counting may wait for another writer; then this process counts in its own memory for a while.
_LOCK_SECONDS = 2
_ONE_CLEANING_IN = 200
# InnoDB may call two first tries under one key a deadlock; the next one finds the row there.
_DEADLOCK = 1213
_DEADLOCKS_IN_A_ROW = 5


def limit_by_address(limits: str) -> Callable[[View], View]:
    """Decorate a route: this often from one address, like "30 per 5 minutes; 200 per day". Reading is never counted."""
    return limiter.limit(limits, methods=_UNSAFE)  # type: ignore[return-value]


def limit_by_account(limits: str) -> Callable[[View], View]:
    """Decorate a route with an `email` field: this often for one e-mail address, whoever sends it."""
    return limiter.limit(limits, methods=_UNSAFE, key_func=_typed_account, scope="account")  # type: ignore[return-value]


def init_rate_limits(app: Flask, limiter: Limiter, settings: Settings) -> None:
    """Bind the limiter. Where its counter cannot be reached, each process counts for itself until it can."""
    redis_url = settings.redis_url.replace("unix://", "redis+unix://", 1)
    app.config.update(
        RATELIMIT_STORAGE_URI=redis_url or f"{DatabaseCounter.STORAGE_SCHEME[0]}://",
        RATELIMIT_STRATEGY="fixed-window",
        RATELIMIT_KEY_PREFIX="tradepost",
        RATELIMIT_IN_MEMORY_FALLBACK_ENABLED=True,
    )
    if limiter.initialized is False:
        limiter.request_filter(_are_switched_off)
    limiter.init_app(app)


def _are_switched_off() -> bool:
    settings: Settings = current_app.extensions["settings"]
    return not settings.rate_limits


def _typed_account() -> str:
    # The address itself is not kept: what is counted needs no name.
    typed = request.form.get("email", "").strip().lower()
    return hashlib.sha256(typed.encode()).hexdigest()[:32] if typed else f"nobody {request.remote_addr}"


class DatabaseCounter(Storage):
    """Counts in the table `rate_counts` over a connection of its own, so that it neither commits nor rolls back
    anything of the request it guards."""

    STORAGE_SCHEME = ["tradepost+database"]

    @property
    def base_exceptions(self) -> type[Exception]:
        return SQLAlchemyError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Raise the count of a window by one statement and give it back; a window that is over begins anew."""
        for _ in range(_DEADLOCKS_IN_A_ROW):
            try:
                return _count(_short(key), expiry, amount)
            except OperationalError as error:
                if not error.orig or error.orig.args[0] != _DEADLOCK:
                    raise
        return _count(_short(key), expiry, amount)

    def get(self, key: str) -> int:
        count, expires_at = self._read(key)
        return count if expires_at > clock.now() else 0

    def get_expiry(self, key: str) -> float:
        """When the window ends, in seconds since 1970."""
        return self._read(key)[1].timestamp()

    def check(self) -> bool:
        try:
            with _engine().connect() as connection:
                connection.execute(select(func.count()).select_from(_COUNTS).where(_COUNTS.c.key == ""))
        except SQLAlchemyError:
            return False
        return True

    def reset(self) -> int | None:
        with _engine().begin() as connection:
            return int(connection.execute(delete(_COUNTS)).rowcount)

    def clear(self, key: str) -> None:
        with _engine().begin() as connection:
            connection.execute(delete(_COUNTS).where(_COUNTS.c.key == _short(key)))

    def _read(self, key: str) -> tuple[int, datetime]:
        with _engine().connect() as connection:
            wanted = select(_COUNTS.c.count, _COUNTS.c.expires_at).where(_COUNTS.c.key == _short(key))
            found = connection.execute(wanted).one_or_none()
        return (int(found[0]), found[1].replace(tzinfo=UTC)) if found else (0, clock.now())


def _count(key: str, expiry: int, amount: int) -> int:
    now = clock.now()
    with _engine().begin() as connection:
        connection.execute(_raise_count(connection.dialect.name, key, amount, now, expiry))
        if random.randrange(_ONE_CLEANING_IN) == 0:  # noqa: S311 - nothing to guess here
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
