"""Shops that commit for real: one to back up on each kind of database, and empty ones to restore into."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from sandbox.mail import MailCatcher
from sandbox.square import SquareServer
from tests.backups import command, fill
from tests.servers import new_database
from tests.worlds import build_app, build_world, settings_for_tests


@pytest.fixture(scope="session")
def database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database for the shop that is backed up; the one other tests share must not see its commits."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path_factory.mktemp('backup') / 'shop.db'}"
    return new_database(request.getfixturevalue("mariadb"), "backup_source")


@pytest.fixture(scope="session")
def shop(
    database: str,
    tmp_path_factory: pytest.TempPathFactory,
    square_server: SquareServer,
    mail_catcher: MailCatcher,
) -> Flask:
    """A shop with something of everything. Tests leave it as it is."""
    folder = tmp_path_factory.mktemp("instance")
    app = build_world(settings_for_tests(database, folder, square_server, mail_catcher))
    fill(app)
    return app


@pytest.fixture(scope="session")
def backup(shop: Flask, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its backup, without a passphrase."""
    path = tmp_path_factory.mktemp("backups") / "shop.zip"
    result = command(shop, "backup", path)
    assert result.exit_code == 0, result.output
    return path


@pytest.fixture(scope="session")
def some_shop(
    tmp_path_factory: pytest.TempPathFactory, square_server: SquareServer, mail_catcher: MailCatcher
) -> Flask:
    """Such a shop for tests to which it is all the same where the backup comes from."""
    folder = tmp_path_factory.mktemp("some")
    url = f"sqlite:///{folder / 'shop.db'}"
    app = build_world(settings_for_tests(url, folder, square_server, mail_catcher))
    fill(app)
    return app


@pytest.fixture(scope="session")
def some_backup(some_shop: Flask, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The backup of some shop."""
    path = tmp_path_factory.mktemp("backups") / "shop.zip"
    result = command(some_shop, "backup", path)
    assert result.exit_code == 0, result.output
    return path


@pytest.fixture
def empty_shop(
    empty_database: str, tmp_path: Path, square_server: SquareServer, mail_catcher: MailCatcher
) -> Flask:
    """A shop on a database without tables, and a folder without files."""
    folder = tmp_path / "instance"
    folder.mkdir()
    return build_app(settings_for_tests(empty_database, folder, square_server, mail_catcher))


@pytest.fixture
def selling(
    empty_database: str, tmp_path: Path, square_server: SquareServer, mail_catcher: MailCatcher
) -> Flask:
    square_server.office.wipe()
    (tmp_path / "selling").mkdir()
    return build_world(settings_for_tests(empty_database, tmp_path / "selling", square_server, mail_catcher))


@pytest.fixture
def restored(tmp_path: Path, square_server: SquareServer, mail_catcher: MailCatcher) -> Flask:
    """A shop to be, on SQLite."""
    url = f"sqlite:///{tmp_path / 'restored.db'}"
    (tmp_path / "restored").mkdir()
    return build_app(settings_for_tests(url, tmp_path / "restored", square_server, mail_catcher))
