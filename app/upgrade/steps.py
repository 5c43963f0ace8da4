"""`flask upgrade-step …`: what an upgrade asks of one release's code about the shop's data. Not for people.

The release before asks the next one: a step may be added, and what these take and answer stays.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
import sqlalchemy as sa
from flask import current_app
from flask.cli import with_appcontext
from flask_migrate import downgrade, upgrade
from sqlalchemy import Engine

from app.backup.archive import open_archive
from app.backup.make_backup import make_backup
from app.backup.restore_backup import RestoreBackup, restore_backup
from app.backup.tables import all_tables
from app.backup.version import MIGRATIONS, code_head, database_head, shop_version
from app.extensions import db
from app.health_check.check_here import check_here
from app.health_check.lines import Verdict
from app.settings import Settings
from app.shared import clock
from app.shared.plain_words import in_plain_words

_PAGES = ("/", "/catalog", "/login", "/healthz")
_OURS_TOO = {"alembic_version"}
_REFUSED = 400


@click.group("upgrade-step", hidden=True)
def steps() -> None:
    """Parts of `flask upgrade`, each run by the release it is about."""


def _answer(**values: Any) -> None:
    click.echo(json.dumps(values))


@steps.command("look")
@with_appcontext
@in_plain_words
def look() -> None:
    """Where code and database stand, how large it is, and what `flask check` finds bad."""
    with db.engine.connect() as connection:
        tables = set(sa.inspect(connection).get_table_names())
        ours = {table.name for table in all_tables()} | _OURS_TOO
        at = database_head(connection) or ""
    is_sqlite = db.engine.dialect.name == "sqlite"
    _answer(
        version=shop_version(),
        head=code_head(),
        at=at,
        orders=_count_orders(),
        foreign=[] if is_sqlite else sorted(tables - ours),
        bytes=_database_bytes(db.engine),
        bad=_bad_lines(),
    )


def _count_orders() -> int:
    with db.engine.connect() as connection:
        return int(connection.execute(sa.text("SELECT COUNT(*) FROM orders")).scalar_one())


def _bad_lines() -> dict[str, str]:
    """Without asking anybody outside: name → what it says, and how to put it right."""
    lines = check_here(_settings())
    return {line.name: f"{line.says} {line.fix}" for line in lines if line.verdict is Verdict.BAD}


def _database_bytes(engine: Engine) -> int:
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            return int(pages) * int(connection.exec_driver_sql("PRAGMA page_size").scalar_one())
        query = "SELECT SUM(data_length) FROM information_schema.tables WHERE table_schema = DATABASE()"
        return int(connection.execute(sa.text(query)).scalar() or 0)


@steps.command("back-up")
@click.argument("file", type=click.Path(path_type=Path))
@with_appcontext
@in_plain_words
def back_up(file: Path) -> None:
    """A backup, and how many orders are in it."""
    made = make_backup(file, settings=_settings(), now=clock.now())
    _answer(orders=made.manifest.rows_of("orders"))


@steps.command("restore")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--foreign", default="", help="Tables that are somebody else's, with commas.")
@with_appcontext
@in_plain_words
def restore(file: Path, foreign: str) -> None:
    """Make the database what it was, whatever a migration has left of it."""
    with open_archive(file, None):
        _drop_tables(db.engine, set(foreign.split(",")))
    restored = restore_backup(RestoreBackup(path=file, replace=True), settings=_settings())
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


@steps.command("go-down")
@click.argument("revision")
@with_appcontext
@in_plain_words
def go_down(revision: str) -> None:
    """Bring the tables back to what an older release knows, with their rows."""
    downgrade(directory=str(MIGRATIONS), revision=revision)
    _answer(at=revision)


@steps.command("arrive")
@click.option("--migrate", is_flag=True, help="Bring the tables up to this release first.")
@with_appcontext
@in_plain_words
def arrive(migrate: bool) -> None:
    """Whether this release can open: its tables, what `flask check` finds bad, and the pages everybody opens."""
    if migrate:
        upgrade(directory=str(MIGRATIONS))
    client = current_app.test_client()
    address = _settings().site_url
    statuses = {path: client.get(path, base_url=address).status_code for path in _PAGES}
    shut = [f"{path} ({status})" for path, status in statuses.items() if status >= _REFUSED]
    if shut:
        raise click.ClickException(f"These pages of the release do not open: {', '.join(shut)}.")
    _answer(bad=_bad_lines())


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings
