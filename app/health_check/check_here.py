"""Every check that asks nobody outside: this machine, the database, the background."""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.extensions import db
from app.health_check import addresses, folders, keys, software, work
from app.health_check.lines import Line, bad, good
from app.health_check.readiness import check_redis, late_after, read_migrations
from app.outbox.heartbeat import find_beat
from app.outbox.queries import count_dead, longest_untaken, oldest_wait
from app.settings import Settings
from app.shared import clock
from app.shared.circuits import CircuitState, list_circuits
from app.shared.cluster import find_node


def check_here(settings: Settings, arrival: addresses.Arrival | None = None) -> list[Line]:
    """A line for each thing, in the order in which one would put them right. `arrival` is how the request that asks came;
    on the command line there is none, and nothing is said of proxies."""
    lines = [software.judge_python(sys.version_info[:3]), *_check_database(settings)]
    lines += [
        keys.judge_key("SECRET_KEY", settings.secret_key),
        keys.judge_key("DATA_KEY", settings.data_key),
        keys.judge_keys_differ(settings.secret_key, settings.data_key),
    ]
    lines += _check_folders(settings)
    lines.append(addresses.judge_https(settings.site_url))
    if arrival is not None:
        lines.append(addresses.judge_proxies(settings.trusted_proxies, settings.site_url, arrival))
    if settings.redis_url:
        lines.append(_check_redis(settings))
    return lines


def _check_database(settings: Settings) -> list[Line]:
    """One bad line when it does not answer: nothing can be said of what it holds."""
    try:
        return [*_check_engine(settings), *_check_background(settings)]
    except SQLAlchemyError as error:
        db.session.rollback()
        return [
            bad(
                "Database",
                f"No usable answer ({type(error).__name__}).",
                "Check DATABASE_URL, that the server runs, and that `flask db upgrade` was run.",
            )
        ]


def _check_engine(settings: Settings) -> list[Line]:
    dialect = db.engine.dialect
    is_sqlite = dialect.name == "sqlite"
    name = "mariadb" if getattr(dialect, "is_mariadb", False) else dialect.name
    version = sqlite3.sqlite_version if is_sqlite else str(db.session.scalar(text("SELECT VERSION()")))
    level = str(db.session.connection().get_isolation_level())
    at, heads = read_migrations()
    lines = [software.judge_driver(dialect.driver), software.judge_database(name, version)]
    if not is_sqlite:
        sets = db.session.execute(text("SELECT @@character_set_connection, @@character_set_database")).one()
        lines.append(software.judge_charset(*map(str, sets)))
    lines += [software.judge_isolation(name, level), software.judge_migrations(at, heads)]
    if not is_sqlite:
        node = find_node()
        lines += software.judge_cluster(settings.database_cluster, node.state, node.nodes)
        lines += software.judge_tables(_tables_without_key_or_innodb())
        lines.append(work.judge_clock("the database", clock.now() - _time_of_database()))
    return lines


def _tables_without_key_or_innodb() -> list[str]:
    query = """SELECT t.table_name FROM information_schema.tables t
        LEFT JOIN information_schema.table_constraints c ON c.table_schema = t.table_schema
            AND c.table_name = t.table_name AND c.constraint_type = 'PRIMARY KEY'
        WHERE t.table_schema = DATABASE() AND t.table_type = 'BASE TABLE'
            AND (t.engine <> 'InnoDB' OR c.constraint_name IS NULL)
        ORDER BY t.table_name"""
    return [str(name) for name in db.session.scalars(text(query))]


def _time_of_database() -> datetime:
    there: datetime = db.session.execute(text("SELECT UTC_TIMESTAMP(6)")).scalar_one()
    return there.replace(tzinfo=UTC)


def _check_background(settings: Settings) -> list[Line]:
    now = clock.now()
    standstill = timedelta(minutes=settings.standstill_minutes)
    silent = [
        (each.name, each.opened_at) for each in list_circuits() if each.state is not CircuitState.CLOSED
    ]
    beat = find_beat()
    # A database server has a clock of its own; a file has this machine's.
    clocks = [work.judge_clock_alone(beat, now)] if db.engine.dialect.name == "sqlite" else []
    return [
        *clocks,
        work.judge_heartbeat(beat, now=now, standstill=standstill, jobs=settings.jobs),
        work.judge_wait(oldest_wait(now), untaken=longest_untaken(now), late=late_after(settings)),
        work.judge_dead(count_dead()),
        work.judge_circuits(silent, now),
    ]


def _check_folders(settings: Settings) -> list[Line]:
    instance = Path(settings.instance_path)
    settings_file = instance / "settings.toml"
    mode = settings_file.stat().st_mode & 0o777 if settings_file.is_file() else None
    lines = [folders.judge_settings_file(mode), folders.judge_folder(_look_at(instance, "instance"))]
    # These two are made with the first upload: until then only what holds them matters. With a bucket they are not used.
    if settings.s3_bucket:
        lines += folders.judge_left_behind(_count_left_behind(settings))
    elif settings.uploads_path.exists():
        lines.append(folders.judge_folder(_look_at(settings.uploads_path, "instance/uploads")))
    if settings.media_path.exists() and not settings.s3_bucket:
        lines.append(folders.judge_folder(_look_at(settings.media_path, "instance/media", is_private=False)))
    if instance.exists():
        disk = shutil.disk_usage(instance)
        lines.append(folders.judge_disk(disk.free, disk.total))
    return lines


def _count_left_behind(settings: Settings) -> int:
    """Files in the folders that a shop with a bucket no longer looks into."""
    found = (settings.uploads_path, settings.media_path)
    return sum(1 for folder in found if folder.is_dir() for path in folder.iterdir() if path.is_file())


def _look_at(path: Path, name: str, *, is_private: bool = True) -> folders.Folder:
    if not path.is_dir():
        return folders.Folder(name, is_there=False, is_writable=False)
    is_writable = os.access(path, os.W_OK | os.X_OK)
    return folders.Folder(name, True, is_writable, path.stat().st_mode & 0o777, is_private)


def _check_redis(settings: Settings) -> Line:
    try:
        return good("Redis", f"It {check_redis(settings)}.")
    except (RedisError, OSError) as error:
        return bad(
            "Redis",
            f"No answer ({type(error).__name__}): limits and cache do without it, but RQ stands still.",
            "Check that it runs, and REDIS_URL.",
        )
