"""`flask upgrade-step …`: what an upgrade asks of one release's code about the shop's data. Not for people."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
import sqlalchemy as sa
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import Engine

from app.backup.archive import open_archive
from app.backup.restore_backup import RestoreBackup, restore_backup
from app.backup.tables import all_tables
from app.backup.version import code_head, database_head, shop_version
from app.extensions import db
from app.settings import Settings
from app.shared.plain_words import in_plain_words

_PAGES = ("/", "/catalog", "/login", "/healthz")
_OURS_TOO = {"alembic_version"}


@click.group("upgrade-step", hidden=True)
def steps() -> None:
    """Parts of `flask upgrade`, each run by the release it is about."""


def _answer(**values: Any) -> None:
    click.echo(json.dumps(values))


@steps.command("facts")
@with_appcontext
@in_plain_words
def facts() -> None:
    """Where code and database stand, and how large it is."""
    with db.engine.connect() as connection:
        tables = set(sa.inspect(connection).get_table_names())
        ours = {table.name for table in all_tables()} | _OURS_TOO
        orders = connection.execute(sa.text("SELECT COUNT(*) FROM orders")).scalar_one()
        _answer(
            version=shop_version(),
            head=code_head(),
            at=database_head(connection) or "",
            orders=int(orders),
            foreign=sorted(tables - ours) if db.engine.dialect.name != "sqlite" else [],
            bytes=_database_bytes(db.engine),
        )


def _database_bytes(engine: Engine) -> int:
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            return int(pages) * int(connection.exec_driver_sql("PRAGMA page_size").scalar_one())
        query = "SELECT SUM(data_length) FROM information_schema.tables WHERE table_schema = DATABASE()"
        return int(connection.execute(sa.text(query)).scalar() or 0)


@steps.command("orders-in")
@click.argument("file", type=click.Path(path_type=Path))
@with_appcontext
@in_plain_words
def orders_in(file: Path) -> None:
    """How many orders a backup holds."""
    with open_archive(file, None) as archive:
        _answer(orders=archive.manifest.rows_of("orders"), made_at=archive.manifest.made_at.isoformat())


@steps.command("restore")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--foreign", default="", help="Tables that are somebody else's, with commas.")
@with_appcontext
@in_plain_words
def restore(file: Path, foreign: str) -> None:
    """Make the database what it was, whatever a migration has left of it."""
    settings: Settings = current_app.extensions["settings"]
    with open_archive(file, None):
        _drop_tables(db.engine, set(foreign.split(",")))
    restored = restore_backup(RestoreBackup(path=file, replace=True), settings=settings)
    _answer(orders=restored.manifest.rows_of("orders"))


def _drop_tables(engine: Engine, foreign: set[str]) -> None:
    """SQLite's whole file is replaced by the restore; elsewhere it wants tables of its own making, or none."""
    if engine.dialect.name == "sqlite":
        return
    with engine.connect() as connection:
        connection.exec_driver_sql("SET SESSION foreign_key_checks=0")
        quote = engine.dialect.identifier_preparer.quote
        for name in sa.inspect(connection).get_table_names():
            if name not in foreign:
                connection.exec_driver_sql(f"DROP TABLE {quote(name)}")
        connection.exec_driver_sql("SET SESSION foreign_key_checks=1")
        connection.rollback()
    engine.dispose()


@steps.command("rehearse")
@with_appcontext
@in_plain_words
def rehearse() -> None:
    """Open the pages everybody opens, as a visitor would."""
    settings: Settings = current_app.extensions["settings"]
    client = current_app.test_client()
    statuses = {path: client.get(path, base_url=settings.site_url).status_code for path in _PAGES}
    bad = {path: status for path, status in statuses.items() if status >= 400}
    if bad:
        raise click.ClickException(f"These pages do not open: {bad}.")
    _answer(pages=len(statuses))
