"""Engine options and connection set-up for both kinds of database."""

from __future__ import annotations

import importlib.util
import sqlite3
from contextlib import suppress
from typing import Any

from sqlalchemy import Engine, event, make_url


def pick_driver(url: str) -> str:
    """`mysql://` and `mariadb://` become the driver that is installed: mysqlclient, else PyMySQL; text is utf8mb4."""
    parsed = make_url(url)
    if parsed.drivername in {"mysql", "mariadb"}:
        driver = "mysqldb" if importlib.util.find_spec("MySQLdb") else "pymysql"
        parsed = parsed.set(drivername=f"mysql+{driver}")
    if parsed.drivername.startswith("mysql") and "charset" not in parsed.query:
        parsed = parsed.update_query_dict({"charset": "utf8mb4"})
    return parsed.render_as_string(hide_password=False)


def engine_options(url: str, pool_size: int) -> dict[str, Any]:
    """Shared hosts allow some 25 connections and cut idle ones within seconds: a small pool that looks before it leaps.

    READ COMMITTED, because the default REPEATABLE READ would go on showing what the sign-in loader's first SELECT saw.
    SQLite has no such level and would refuse it.
    """
    if url.startswith("sqlite"):
        return {"hide_parameters": True, "connect_args": {"timeout": 15}}
    return {
        # Errors go to the log, and the parameters of a failed statement may hold what must not.
        "hide_parameters": True,
        "isolation_level": "READ COMMITTED",
        "pool_pre_ping": True,
        "pool_recycle": 25,
        "pool_size": pool_size,
        "max_overflow": 2,
        "pool_timeout": 10,
        "connect_args": {"connect_timeout": 5},
    }


def prepare_engine(engine: Engine) -> None:
    """Teach a SQLite engine WAL, foreign keys, and BEGIN IMMEDIATE for transactions that are going to write; any other
    to hang up where it cannot roll back."""
    if engine.dialect.name != "sqlite":
        _hang_up_where_it_cannot_roll_back(engine)
    if engine.dialect.name != "sqlite" or event.contains(engine, "connect", _prepare_sqlite):
        return
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)


def _hang_up_where_it_cannot_roll_back(engine: Engine) -> None:
    """A cluster's node without a majority refuses ROLLBACK, too (1047), and does so last when the request is over and
    its page made: the page would be lost. A server undoes what a closed connection left open, so closing is as good."""
    roll_back, errors = engine.dialect.do_rollback, engine.dialect.loaded_dbapi.Error

    def do_rollback(connection: Any) -> None:
        try:
            roll_back(connection)
        except errors:
            with suppress(errors):
                connection.dbapi_connection.close()

    engine.dialect.do_rollback = do_rollback  # type: ignore[assignment,method-assign]


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves; the driver's own timing breaks savepoints
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.execute("PRAGMA foreign_keys=ON")


def _begin_sqlite(connection: Any) -> None:
    immediate = connection.get_execution_options().get("begin_immediate")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")
