"""A backup's rows in a SQLite file of their own, where every rule is tried before the shop itself is touched.

They are loaded at the migration they were written at and migrated up from there, so that what goes into the shop,
on whichever engine, stands where this code needs it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import NullPool

from app.backup.archive import ArchiveReader, read_line
from app.backup.manifest import Manifest, TableRows
from app.backup.progress import Progress
from app.backup.refused import BackupDamaged, BackupRefused, database_words
from app.backup.rows import write_rows
from app.backup.version import code_head, migrate


@contextmanager
def staged_database(path: Path, page_size: int) -> Iterator[Engine]:
    """An empty SQLite file that need not survive a crash; pages of the size of the database it may be copied into."""
    # Each connection is opened and closed by itself: migrations and rows want different settings.
    engine = sa.create_engine(f"sqlite:///{path}", hide_parameters=True, poolclass=NullPool)

    def prepare(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None
        connection.execute(f"PRAGMA page_size={int(page_size)}")
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute("PRAGMA journal_mode=MEMORY")
        connection.execute("PRAGMA foreign_keys=OFF")  # rows come table by table; all are checked at the end

    event.listen(engine, "connect", prepare)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    try:
        yield engine
    finally:
        engine.dispose()


def load(archive: ArchiveReader, engine: Engine, progress: Progress) -> None:
    """Put every row in and migrate up. BackupRefused names the table whose rows do not fit its rules."""
    manifest = archive.manifest
    _migrate(engine, manifest.migration)
    with engine.connect() as connection, connection.begin():
        _check_tables(connection, manifest)
        progress.begin("Loading rows", sum(table.rows for table in manifest.tables), " rows")
        for table in manifest.tables:
            _load_table(connection, archive, table, progress)
        _check_references(connection)
    if manifest.migration != code_head():
        _migrate(engine, "head")
        with engine.connect() as connection:
            _check_references(connection)


def skip_numbers(engine: Engine, count: int) -> None:
    """Leave a gap before the next order and invoice number: the numbers after the backup are on paper already."""
    counters = sa.table("counters", sa.column("next_value"))
    with engine.connect() as connection, connection.begin():
        connection.execute(sa.update(counters).values(next_value=counters.c.next_value + count))


def open_jobs(engine: Engine) -> int:
    """How many pieces of later work were not done yet when the backup was made."""
    outbox = sa.table("outbox", sa.column("closed_at"))
    with engine.connect() as connection:
        query = sa.select(sa.func.count()).select_from(outbox).where(outbox.c.closed_at.is_(None))
        return int(connection.execute(query).scalar_one())


def _migrate(engine: Engine, revision: str) -> None:
    with engine.connect() as connection:
        migrate(connection, revision)


def _check_tables(connection: Connection, manifest: Manifest) -> None:
    inspector = sa.inspect(connection)
    there = {name: {column["name"] for column in inspector.get_columns(name)} for name in _names(inspector)}
    for table in manifest.tables:
        if there.get(table.shape.name) != {column.name for column in table.shape.columns}:
            raise BackupDamaged(
                f"table {table.shape.name} has not the columns it had at migration {manifest.migration}"
            )


def _names(inspector: Any) -> list[str]:
    names: list[str] = inspector.get_table_names()
    return names


def _load_table(connection: Connection, archive: ArchiveReader, table: TableRows, progress: Progress) -> None:
    [member] = [each for each in archive.manifest.members if each.name == table.member]
    width = len(table.shape.columns)
    connection.execute(sa.delete(sa.table(table.shape.name)))  # what a migration itself put there
    loaded = 0
    try:
        lines = (read_line(line, width) for line in archive.lines(member))
        for count in write_rows(connection, table.shape, lines):
            loaded += count
            progress.advance(count)
    except (ValueError, TypeError) as error:
        raise BackupDamaged(f"a row of {table.shape.name} holds what its column cannot ({error})") from None
    except DatabaseError as error:
        raise BackupRefused(
            f"The rows of {table.shape.name} break a rule of their table: {database_words(error)}. Nothing was changed."
        ) from None
    if loaded != table.rows:
        raise BackupDamaged(f"{table.shape.name} has {loaded} rows where {table.rows} were written")


def _check_references(connection: Connection) -> None:
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if broken is not None:
        raise BackupRefused(
            f"A row of {broken[0]} names one of {broken[2]} that is not there. Nothing was changed: take an older backup."
        )
