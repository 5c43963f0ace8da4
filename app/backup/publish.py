"""The staged rows into the shop's own database: all of them, or, whatever happens, none.

SQLite: its backup API copies the whole file into the live one as a single write transaction; who reads meanwhile goes
on seeing the old shop. MySQL and MariaDB: the tables stand at this code's migration, and one transaction deletes the
old rows and inserts the new ones; a crash rolls it back when the server comes up again.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

import sqlalchemy as sa
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DatabaseError

from app.backup.cells import TableShape, shape_of
from app.backup.progress import Progress
from app.backup.refused import BackupRefused, RestoreUnclear, database_words
from app.backup.rows import count_rows, read_rows, write_rows
from app.backup.tables import all_tables
from app.backup.version import code_head, database_head, migrate

# What a worker and visitors leave in a shop that was never set up; whoever has nothing else is empty.
_PASSING = frozenset({"rate_counts", "breakers", "heartbeats", "outbox", "stamps"})
# A step of the copy: small enough for the bar to move.
_PAGES = 50
_MOST_WAITING = 30
_SQLITE_PAGE = 4096


@dataclass(frozen=True, slots=True)
class Target:
    """The shop's database as it is before a restore."""

    has_tables: bool
    migration: str | None
    has_rows: bool
    page_size: int


def look_at(engine: Engine) -> Target:
    """Whether there is a shop already, and where its tables stand."""
    with engine.connect() as connection:
        there = set(sa.inspect(connection).get_table_names())
        is_sqlite = engine.dialect.name == "sqlite"
        page_size = connection.exec_driver_sql("PRAGMA page_size").scalar_one() if is_sqlite else _SQLITE_PAGE
        ours = (there & {table.name for table in all_tables()}) - _PASSING
        has_rows = any(_has_row(connection, name) for name in sorted(ours))
        return Target(bool(there), database_head(connection), has_rows, int(page_size))


def check_target(target: Target, engine: Engine) -> None:
    """BackupRefused when tables stand where rows of this version cannot go in."""
    if engine.dialect.name == "sqlite" or not target.has_tables or target.migration == code_head():
        return
    raise BackupRefused(
        "The database has tables of another version of Tradepost, or of something else. Run `flask db upgrade`, "
        "or name an empty database in DATABASE_URL. Nothing was changed."
    )


def publish(staged: Engine, engine: Engine, target: Target, progress: Progress) -> None:
    """Make the shop's database what is staged.

    BackupRefused when it does not take it, and is as it was; RestoreUnclear when it went away at the very last step.
    """
    if engine.dialect.name == "sqlite":
        _copy_file(staged, engine, progress)
        return
    if not target.has_tables:
        with engine.connect() as connection:
            migrate(connection, "head")
    try:
        with _alone(engine) as writing, staged.connect() as reading:
            _replace_rows(reading, writing, progress)
    except DatabaseError as error:
        raise BackupRefused(
            f"The database did not take the rows: {database_words(error)}. It holds what it held before. "
            "Stop the web server and the worker, if they run, and try again."
        ) from None


def _copy_file(staged: Engine, engine: Engine, progress: Progress) -> None:
    source, target = staged.raw_connection(), engine.raw_connection()
    reading = cast("sqlite3.Connection", source.driver_connection)
    writing = cast("sqlite3.Connection", target.driver_connection)
    shown = 0
    waited_since = time.monotonic()

    def watch(_status: int, remaining: int, total: int) -> None:
        nonlocal shown, waited_since
        if total - remaining > shown:
            progress.advance(total - remaining - shown)
            shown, waited_since = total - remaining, time.monotonic()
        elif time.monotonic() - waited_since > _MOST_WAITING:
            raise BackupRefused(
                "Somebody else is writing to the database. Stop the web server and the worker, and try again; "
                "nothing was changed."
            )

    try:
        count = reading.execute("PRAGMA page_count").fetchone()[0]
        progress.begin("Replacing the database", count, " pages")
        # On the disk before the old shop's files go; the shop's own NORMAL could lose it in a power cut.
        writing.execute("PRAGMA synchronous=FULL")
        reading.backup(writing, pages=_PAGES, progress=watch, sleep=0.05)
    except sqlite3.Error as error:
        raise BackupRefused(
            f"The database could not be replaced: {error}. It is what it was before."
        ) from None
    finally:
        source.close()
        target.close()
        engine.dispose()


class _alone:  # noqa: N801  # reads as a word in a with statement
    """A connection in one transaction that references nothing until its end, and is closed for good after it.

    REPEATABLE READ, so that DELETE locks the gaps, too: nobody adds a row to the old shop meanwhile.
    """

    def __init__(self, engine: Engine):
        self._connection = engine.connect().execution_options(isolation_level="REPEATABLE READ")

    def __enter__(self) -> Connection:
        self._connection.detach()
        self._connection.exec_driver_sql("SET SESSION foreign_key_checks=0")
        return self._connection

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        try:
            if error is None:
                self._connection.commit()
        except DatabaseError as unclear:
            raise RestoreUnclear() from unclear
        finally:
            self._connection.close()


def _replace_rows(reading: Connection, writing: Connection, progress: Progress) -> None:
    shapes = [shape_of(table) for table in all_tables()]
    counts = {shape.name: count_rows(reading, shape.name) for shape in shapes}
    progress.begin("Replacing the rows", sum(counts.values()), " rows")
    for shape in shapes:
        writing.execute(sa.delete(sa.table(shape.name)))
    for shape in shapes:
        for count in write_rows(writing, shape, _rows(reading, shape)):
            progress.advance(count)
    wrong = [shape.name for shape in shapes if count_rows(writing, shape.name) != counts[shape.name]]
    if wrong:
        raise BackupRefused(
            f"The database did not keep all rows of {wrong[0]}. It holds what it held before."
        )


def _rows(connection: Connection, shape: TableShape) -> Iterator[list[object]]:
    for rows in read_rows(connection, shape):
        yield from rows  # type: ignore[misc]


def _has_row(connection: Connection, table: str) -> bool:
    return (
        connection.execute(sa.select(sa.literal(1)).select_from(sa.table(table)).limit(1)).first() is not None
    )
