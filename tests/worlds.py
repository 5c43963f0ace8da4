"""Worlds for tests: a migrated database, the shop on top of it, and ways to leave no trace in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import Engine

from admin import init_admin
from app import create_app
from app.extensions import cache, db
from app.settings import ROOT, Settings
from jobs import init_jobs_cli
from sandbox.mail import MailCatcher
from sandbox.square import SquareServer
from tests.client import ShopClient

MIGRATIONS = str(ROOT / "migrations")
WEBHOOK_KEY = "webhook-key-for-tests"
# What is looked up between tests by address, so that a world's mails and links agree.
SITE_URL = "http://localhost"


def settings_for_tests(
    database_url: str, folder: Path, square: SquareServer, mails: MailCatcher, **changes: Any
) -> Settings:
    """Settings of a shop whose outside world is the sandbox; waits are short and rate limits off unless changed."""
    values: dict[str, Any] = {
        "secret_key": "a secret key that is long enough for tests",
        "data_key": "a data key that is long enough for tests, too",
        "site_url": SITE_URL,
        "instance_path": str(folder),
        "database_url": database_url,
        "square_base_url": square.url,
        "square_access_token": square.token,
        "square_location_id": square.location_id,
        "square_webhook_signature_key": WEBHOOK_KEY,
        "square_webhook_url": f"{SITE_URL}/webhooks/square",
        "mail_server": mails.smtp_host,
        "mail_port": mails.smtp_port,
        "mail_default_sender": "shop@example.com",
        "rate_limits": False,
        # Tests break Square and the mail server many times a minute; those about the breaker set it.
        "breaker_failures": 0,
        "log_level": "WARNING",
    }
    return Settings(**values | changes)


def build_world(settings: Settings) -> Flask:
    """The whole shop, tables migrated."""
    app = build_app(settings)
    with app.app_context():
        upgrade(directory=MIGRATIONS)
    return app


def build_app(settings: Settings) -> Flask:
    """The whole shop as wsgi.py builds it; errors reach the test instead of becoming a 500 page."""
    app = create_app(settings)
    init_admin(app)
    init_jobs_cli(app)
    app.testing = True
    app.test_client_class = ShopClient
    return app


def engine_of(app: Flask) -> Engine:
    with app.app_context():
        return db.engine


@contextmanager
def vanishing_commits(app: Flask) -> Iterator[None]:
    """Every commit inside becomes a savepoint of one outer transaction, which is rolled back at the end.

    The public recipes that bind a session do not work on Flask-SQLAlchemy 3, which asks its own list of engines.
    """
    engine = engine_of(app)
    connection = engine.connect()
    outer = connection.begin()
    with app.app_context():
        db.engines[None] = connection  # type: ignore[assignment]
    db.session.session_factory.configure(join_transaction_mode="create_savepoint")
    try:
        yield
    finally:
        with app.app_context():
            db.engines[None] = engine
        db.session.session_factory.configure(join_transaction_mode="conditional_savepoint")
        outer.rollback()
        connection.close()


def empty_tables(engine: Engine) -> None:
    """Delete every row of every table, for tests that commit for real; numbering goes on."""
    tables = list(db.metadata.tables.values())
    is_sqlite = engine.dialect.name == "sqlite"
    with engine.begin() as connection:
        # SQLite: until the commit, when nothing refers to anything any more.
        connection.exec_driver_sql(
            "PRAGMA defer_foreign_keys=ON" if is_sqlite else "SET FOREIGN_KEY_CHECKS=0"
        )
        for table in tables:
            connection.execute(table.delete())
        if not is_sqlite:
            connection.exec_driver_sql("SET FOREIGN_KEY_CHECKS=1")


def forget_between_tests(app: Flask) -> None:
    """What a running shop keeps in memory: cached answers, gateways with their circuit breakers."""
    with app.app_context():
        cache.clear()
    app.extensions.pop("payment_gateways", None)
