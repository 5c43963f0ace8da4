"""Alembic's environment: the app's own engine, batch mode on SQLite with foreign keys off while it rebuilds tables."""

from __future__ import annotations

from typing import Any

from alembic import context
from alembic.operations.ops import DropTableOp
from flask import current_app
from sqlalchemy import Connection

from app.catalog.search_table import is_of_models
from app.extensions import db

config = context.config


def run_migrations() -> None:
    """Migrate over a connection given by a caller (tests), or one of the app's engine."""
    given: Connection | None = config.attributes.get("connection")
    if given is not None:
        _run(given)
        return
    with db.engine.connect() as connection:
        _run(connection)
        connection.commit()


def _run(connection: Connection) -> None:
    is_sqlite = connection.dialect.name == "sqlite"
    if is_sqlite and not connection.in_transaction():
        # Before BEGIN, where it still has an effect: a batch rebuild would cascade and empty the child tables.
        driver = connection.connection.driver_connection
        if driver is None:
            raise RuntimeError("no connection to SQLite")
        driver.execute("PRAGMA foreign_keys=OFF")
    options: dict[str, Any] = dict(current_app.extensions["migrate"].configure_args)
    options.pop("render_as_batch", None)
    context.configure(
        connection=connection,
        target_metadata=db.metadata,
        render_as_batch=True,
        process_revision_directives=_tidy_revision,
        include_name=is_of_models,
        **options,
    )
    with context.begin_transaction():
        context.run_migrations()
    if is_sqlite:
        driver = connection.connection.driver_connection
        if driver is not None and not connection.in_transaction():
            driver.execute("PRAGMA foreign_keys=ON")


def _tidy_revision(_context: Any, _revision: Any, directives: list[Any]) -> None:
    """An empty revision is not written; a table is dropped whole, for MySQL keeps an index its foreign key uses."""
    [script] = directives
    if getattr(config.cmd_opts, "autogenerate", False) and script.upgrade_ops.is_empty():
        directives[:] = []
        return
    back = script.downgrade_ops
    dropped = {step.table_name for step in back.ops if isinstance(step, DropTableOp)}
    back.ops = [step for step in back.ops if isinstance(step, DropTableOp) or step.table_name not in dropped]


run_migrations()
