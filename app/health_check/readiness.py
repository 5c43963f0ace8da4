"""Is everything there that the shop stands on? Each part by name, with how long it took to answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

import redis
from flask import current_app
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.extensions import db
from app.health_check.work import ago
from app.outbox.heartbeat import find_beat
from app.outbox.queries import longest_untaken, oldest_wait
from app.settings import ROOT, Settings
from app.shared import clock
from app.shared.circuits import Circuit, list_circuits
from app.shared.cluster import find_node, is_clustered
from app.shared.migration_files import read_migration_files

# A worker that runs all the time is late after five minutes; cron comes round as seldom as every quarter of an hour.
_LATE_WORKER = timedelta(minutes=5)
_LATE_CRON = timedelta(minutes=45)
_REDIS_SECONDS = 1


class _Unwell(Exception):
    """A part answers, but not as it should."""


@dataclass(frozen=True, slots=True)
class Check:
    """What became of one part. `words` names no address and no secret: anyone may read this page."""

    name: str
    is_good: bool
    words: str
    milliseconds: int


def check_everything() -> list[Check]:
    """Database, migrations, outbox and (where there is one) Redis, in this order."""
    settings: Settings = current_app.extensions["settings"]
    parts: list[tuple[str, Callable[[], str]]] = [
        ("database", _check_database),
        ("migrations", _check_migrations),
        ("outbox", lambda: _check_outbox(settings)),
    ]
    if settings.redis_url:
        parts.append(("redis", lambda: check_redis(settings)))
    return [_run(name, step) for name, step in parts]


def tell_background() -> dict[str, bool | str]:
    """Whether background work runs: {"ok": …, "says": "last ran 2 min ago"}. It makes nothing unready: the shop takes
    orders without it, and taking every web process out of service would help nobody."""
    settings: Settings = current_app.extensions["settings"]
    try:
        beat_at = find_beat()
    except SQLAlchemyError:
        db.session.rollback()
        return {"ok": False, "says": "the database does not tell"}
    return {"ok": runs(beat_at, settings, clock.now()), "says": last_ran(beat_at, clock.now())}


def runs(beat_at: datetime | None, settings: Settings, now: datetime) -> bool:
    """Whether the background showed life within STANDSTILL_MINUTES."""
    return beat_at is not None and now - beat_at <= timedelta(minutes=settings.standstill_minutes)


def last_ran(beat_at: datetime | None, now: datetime) -> str:
    return f"last ran {ago(now - beat_at)}" if beat_at else "has never run"


def list_services() -> dict[str, dict[str, str | int]]:
    """What stands outside and had trouble answering: {"square": {"state": …, "says": …, "trips": …}}; trips count how often
    it began to be left alone. The shop works without it, so this makes nothing unready; empty where all is well or the
    database cannot tell."""
    try:
        return {
            each.name: {"state": each.state.value, "says": _says(each), "trips": each.trips}
            for each in list_circuits()
        }
    except SQLAlchemyError:
        db.session.rollback()
        return {}


def _says(circuit: Circuit) -> str:
    since = circuit.opened_at.isoformat(timespec="seconds") if circuit.opened_at else ""
    return f"{circuit.state.label.lower()} since {since}" if since else circuit.state.label.lower()


def _run(name: str, step: Callable[[], str]) -> Check:
    started = clock.now()
    try:
        words, is_good = step(), True
    except _Unwell as trouble:
        words, is_good = str(trouble), False
    except (SQLAlchemyError, RedisError, OSError) as error:
        db.session.rollback()
        words, is_good = f"no answer ({type(error).__name__})", False
    return Check(name, is_good, words, round((clock.now() - started) / timedelta(milliseconds=1)))


def _check_database() -> str:
    if is_clustered():
        node = find_node()
        if not node.is_in_service:
            raise _Unwell(f"this node of the cluster is not in service: {node.state or 'no Galera'}")
    db.session.execute(text("SELECT 1"))
    return str(db.engine.dialect.name)


def _check_migrations() -> str:
    """Behind is unready. Ahead is not: while machines are upgraded one after the other the tables change with the first,
    and every change of them works with the code of the release before (docs/upgrade.md)."""
    at, heads = read_migrations()
    if at - _migrations()[1]:
        return "the tables are of a newer release"
    if at != heads:
        raise _Unwell("not at head: run `flask db upgrade`")
    return "at head"


def read_migrations() -> tuple[set[str], set[str]]:
    """The revisions the tables are at, and those this version of the shop wants."""
    at = set(db.session.scalars(text("SELECT version_num FROM alembic_version")))
    return at, _migrations()[0]


@cache
def _migrations() -> tuple[set[str], set[str]]:
    """The last one of this code, and all it has."""
    return read_migration_files(ROOT)


def _check_outbox(settings: Settings) -> str:
    """How old the oldest work is; unready only for work that nobody takes. What waits for a mail server or a provider is
    taken, and old all the same: other processes could do no more about it."""
    now = clock.now()
    words = f"{round(oldest_wait(now).total_seconds())} s behind"
    if longest_untaken(now) > late_after(settings):
        raise _Unwell(f"{words}: is a worker running? `flask jobs work`")
    return words


def late_after(settings: Settings) -> timedelta:
    """How long a due piece of work may wait to be taken before something is wrong."""
    return _LATE_CRON if settings.jobs == "drain" else _LATE_WORKER


def check_redis(settings: Settings) -> str:
    """ "answers"; RedisError or OSError when it does not within a second."""
    client = redis.Redis.from_url(
        settings.redis_url, socket_connect_timeout=_REDIS_SECONDS, socket_timeout=_REDIS_SECONDS, retry=None
    )
    try:
        client.ping()
    finally:
        client.close()
    return "answers"
