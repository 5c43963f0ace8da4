"""One moment of the whole database, read for as long as it takes while the shop goes on selling."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from sqlalchemy import Connection, Engine


@contextmanager
def snapshot(engine: Engine) -> Iterator[Connection]:
    """A connection on which every read sees the same moment: the one at which this begins. It locks nobody out.

    SQLite: a read transaction, whose moment is its first read. MySQL and MariaDB: REPEATABLE READ, whose moment would
    be the first read, too, were it not for WITH CONSISTENT SNAPSHOT.
    """
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            connection.execute(sa.text("SELECT count(*) FROM sqlite_master"))
            yield connection
            connection.rollback()
        return
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        connection.exec_driver_sql("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
        yield connection
        connection.rollback()
