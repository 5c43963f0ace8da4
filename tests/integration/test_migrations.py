"""The migrations build exactly what the models say, on both kinds of database, and can be taken back."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import Connection, Engine

from app.catalog.search_table import FTS_TABLE, is_of_models
from app.extensions import db
from sandbox.mail import MailCatcher
from sandbox.square import SquareServer
from tests.worlds import MIGRATIONS, build_app, engine_of, settings_for_tests


@pytest.fixture
def bare_app(
    empty_database: str, tmp_path: Path, square_server: SquareServer, mail_catcher: MailCatcher
) -> Flask:
    """The shop on a database that holds nothing yet."""
    return build_app(settings_for_tests(empty_database, tmp_path, square_server, mail_catcher))


@pytest.fixture
def engine(bare_app: Flask) -> Engine:
    return engine_of(bare_app)


def checks_of(connection: Connection) -> dict[tuple[str, str], str]:
    """Every CHECK by table and name, in the engine's own words."""
    inspector = sa.inspect(connection)
    return {
        (table, str(check["name"])): check["sqltext"]
        for table in inspector.get_table_names()
        for check in inspector.get_check_constraints(table)
        if str(check["name"]).startswith("ck_")
    }


def migrate(app: Flask, direction=upgrade, **options: str) -> None:
    with app.app_context():
        direction(directory=MIGRATIONS, **options)


def test_from_nothing_to_what_the_models_say(bare_app, engine):
    migrate(bare_app)
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "include_name": is_of_models}
        )
        assert compare_metadata(context, db.metadata) == []


def test_every_check_of_the_models_is_in_the_database(bare_app, engine):
    """Alembic does not see a changed CHECK: a status added to an enum without a migration would fail only in use."""
    migrate(bare_app)
    with engine.connect() as connection:
        migrated = checks_of(connection)
    with engine.begin() as connection:
        drop_all_tables(connection)
        db.metadata.create_all(connection)
    with engine.connect() as connection:
        assert migrated == checks_of(connection)
    assert ("orders", "ck_orders_status") in migrated


def drop_all_tables(connection: Connection) -> None:
    connection.exec_driver_sql(f"DROP TABLE IF EXISTS {FTS_TABLE}")  # with the tables it keeps itself in
    found = sa.MetaData()
    found.reflect(connection)
    found.drop_all(connection)


def test_back_to_nothing_and_up_again(bare_app, engine):
    migrate(bare_app)
    migrate(bare_app, downgrade, revision="base")
    with engine.connect() as connection:
        assert sa.inspect(connection).get_table_names() == ["alembic_version"]
    migrate(bare_app)


def test_there_is_one_way_forward():
    config = Config()
    config.set_main_option("script_location", MIGRATIONS)
    assert len(ScriptDirectory.from_config(config).get_heads()) == 1
