"""What was backed up comes back, row by row and file by file, on whichever database."""

from __future__ import annotations

import stat
import subprocess
import sys
import zipfile
from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from app.accounts.models import User
from app.backup.archive import write_archive
from app.backup.make_backup import key_checks, write_tables
from app.backup.manifest import Manifest
from app.backup.progress import Silent
from app.backup.restore_backup import RestoreBackup, restore_backup
from app.backup.tables import all_tables
from app.backup.version import migrate
from app.catalog.models import Sku
from app.extensions import db
from app.orders.models import Order
from app.shared import clock
from app.shop.models import Counter, ShopFacts
from tests.backups import (
    PASSPHRASE,
    SETTINGS,
    all_files,
    all_rows,
    command,
    picture_of,
    put_files,
    settings_of,
)
from tests.factories import make_shop, make_sku, make_user
from tests.placing import make_ready, press
from tests.source import ROOT
from tests.worlds import MIGRATIONS

RESTORED = "flask reconcile --since "


def restore(app: Flask, path: Path, **options: object) -> None:
    with app.app_context():
        restore_backup(RestoreBackup(path=path, **options), settings=settings_of(app))  # type: ignore[arg-type]


def tables_with_rows() -> set[str]:
    """The database's tables, without what SQLite keeps for the indexes of a full-text search."""
    if db.engine.dialect.name != "sqlite":
        return set(sa.inspect(db.engine).get_table_names())
    query = "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite_%'"
    return set(db.session.scalars(sa.text(query)))


def test_every_row_and_file_comes_back_on_either_database(
    shop: Flask, backup: Path, empty_shop: Flask
) -> None:
    result = command(empty_shop, "restore", backup)
    assert result.exit_code == 0, result.output
    assert RESTORED in result.output
    assert picture_of(empty_shop) == picture_of(shop)
    assert sum(len(rows) for rows in all_rows(empty_shop).values()) > 30
    with empty_shop.app_context():
        assert tables_with_rows() - {"alembic_version"} == {table.name for table in all_tables()}
        before = db.session.scalars(db.select(db.func.max(Order.id))).one()
        order = press(make_ready(sku=db.session.scalars(db.select(Sku).filter_by(is_active=True)).first()))
        assert order.id > before
        assert order.number == "TP-1002"


def test_a_shop_is_replaced_whole_and_who_is_connected_sees_the_new_one(
    some_backup: Path, some_shop: Flask, empty_shop: Flask
) -> None:
    with empty_shop.app_context():
        command(empty_shop, "db", "upgrade", "-d", MIGRATIONS)
        make_shop(name="The shop that goes")
        make_user(email="goes@example.com")
        put_files(settings_of(empty_shop), "goes", "one")
        connected = db.engine.connect()
    result = command(empty_shop, "restore", some_backup, "--replace")
    assert result.exit_code == 0, result.output
    with connected:
        assert connected.scalar(sa.select(ShopFacts.name)) == "Harbor Supply"
        assert connected.scalar(sa.select(User.id).filter_by(email="goes@example.com")) is None
    assert picture_of(empty_shop) == picture_of(some_shop)
    assert not (Path(empty_shop.instance_path) / ".restore").exists()


def test_a_damaged_file_of_the_same_name_is_put_right(
    some_backup: Path, some_shop: Flask, empty_shop: Flask
) -> None:
    put_files(settings_of(empty_shop), "one")
    (settings_of(empty_shop).uploads_path / "one.pdf").write_bytes(b"worn away")
    restore(empty_shop, some_backup, replace=True)
    assert all_files(settings_of(empty_shop)) == all_files(settings_of(some_shop))
    papers = settings_of(empty_shop).uploads_path
    assert stat.S_IMODE((papers / "two.pdf").stat().st_mode) == 0o600


def backup_of_first_version(folder: Path) -> Path:
    """What the very first version would have written: a shop with one person."""
    engine = sa.create_engine(f"sqlite:///{folder / 'old.db'}", poolclass=sa.NullPool)
    person = {
        "id": 7,
        "email": "first@example.com",
        "name": "First",
        "password_hash": "x",
        "role": "shop_owner",
    }
    person |= {"status": "active", "session_epoch": 1, "created_at": datetime(2026, 1, 2, 3, 4, 5)}  # noqa: DTZ001
    with engine.connect() as connection:
        migrate(connection, "0001")
        found = sa.MetaData()
        found.reflect(connection)
        connection.execute(found.tables["users"].insert(), person)
        connection.commit()
        tables = [table for name, table in found.tables.items() if name != "alembic_version"]
        path = folder / "old.zip"
        with path.open("wb") as file, write_archive(file, None, clock.now()) as archive:
            written = write_tables(archive, connection, tables, Silent())
            now = clock.now()
            archive.finish(
                Manifest("0.0.1", "0001", now, "sqlite", key_checks(), written, tuple(archive.members))
            )
    return path


def test_a_backup_of_the_first_version_is_migrated_up(empty_shop: Flask, tmp_path: Path) -> None:
    with empty_shop.app_context():
        path = backup_of_first_version(tmp_path)
    restore(empty_shop, path)
    with empty_shop.app_context():
        assert db.session.get_one(User, 7).name == "First"
        assert make_user().id == 8
        make_sku()
    assert command(empty_shop, "db", "check", "-d", MIGRATIONS).exit_code == 0


@pytest.mark.parametrize("how", ["file", "environment"])
def test_under_a_passphrase_nothing_can_be_read_without_it(
    some_shop: Flask, empty_shop: Flask, tmp_path: Path, how: str
) -> None:
    (tmp_path / "words").write_text(f"{PASSPHRASE}\n")
    given = ["--passphrase-file", tmp_path / "words"] if how == "file" else []
    env = {} if how == "file" else {"BACKUP_PASSPHRASE": PASSPHRASE}
    path = tmp_path / "sealed.zip"
    made = command(some_shop, "backup", path, *given, env=env)
    assert made.exit_code == 0, made.output
    assert "not under a passphrase" not in made.output
    assert b"manifest" not in path.read_bytes()
    assert not zipfile.is_zipfile(path)
    if how == "file":
        refused = command(empty_shop, "restore", path)
        assert refused.exit_code == 1
        assert "is under a passphrase" in refused.output
    restored = command(empty_shop, "restore", path, *given, env=env)
    assert restored.exit_code == 0, restored.output
    assert picture_of(empty_shop) == picture_of(some_shop)


def test_a_short_passphrase_is_not_taken(some_shop: Flask, tmp_path: Path) -> None:
    result = command(some_shop, "backup", tmp_path / "a.zip", env={"BACKUP_PASSPHRASE": "short"})
    assert result.exit_code == 1
    assert "at least 12 characters" in result.output
    assert not (tmp_path / "a.zip").exists()


def test_a_file_for_its_owner_alone_and_so_many_of_them(some_shop: Flask, tmp_path: Path) -> None:
    for day in ("2026-01-01T000000Z", "2026-01-02T000000Z"):
        (tmp_path / f"nightly-{day}.zip").touch()
    result = command(some_shop, "backup", tmp_path / "nightly.zip", "--keep", "2")
    assert result.exit_code == 0, result.output
    assert "Removed 1 older." in result.output
    kept = sorted(path.name for path in tmp_path.iterdir())
    assert len(kept) == 2
    assert kept[0] == "nightly-2026-01-02T000000Z.zip"
    assert stat.S_IMODE((tmp_path / kept[1]).stat().st_mode) == 0o600
    with zipfile.ZipFile(tmp_path / kept[1]) as zipped:
        assert "media/one.webp" in zipped.namelist()
        assert not [name for name in zipped.namelist() if name.endswith(".part")]
    assert command(some_shop, "restore", tmp_path / kept[1], "--check").exit_code == 0


def test_settings_come_back_where_there_are_none_and_lie_beside_others(
    some_backup: Path, empty_shop: Flask
) -> None:
    folder = Path(empty_shop.instance_path)
    restore(empty_shop, some_backup)
    assert (folder / "settings.toml").read_bytes() == SETTINGS
    assert stat.S_IMODE((folder / "settings.toml").stat().st_mode) == 0o600
    (folder / "settings.toml").write_text("# of this machine")
    restore(empty_shop, some_backup, replace=True)
    assert (folder / "settings.toml").read_text() == "# of this machine"
    assert (folder / "settings.from-backup.toml").read_bytes() == SETTINGS


def test_settings_can_be_taken_out_before_there_is_a_shop(some_backup: Path) -> None:
    run = [sys.executable, "-m", "app.backup.take_settings", str(some_backup)]
    done = subprocess.run(run, cwd=ROOT, env={"PATH": ""}, capture_output=True, check=True)
    assert done.stdout == SETTINGS


def test_numbers_on_paper_already_can_be_left_out(
    some_backup: Path, some_shop: Flask, empty_shop: Flask
) -> None:
    restore(empty_shop, some_backup, skip_numbers=500)
    with some_shop.app_context():
        before = {counter.name: counter.next_value for counter in db.session.scalars(db.select(Counter))}
    with empty_shop.app_context():
        after = {counter.name: counter.next_value for counter in db.session.scalars(db.select(Counter))}
    assert before
    assert after == {name: value + 500 for name, value in before.items()}


def test_a_check_changes_nothing(some_backup: Path, empty_shop: Flask) -> None:
    result = command(empty_shop, "restore", some_backup, "--check")
    assert result.exit_code == 0, result.output
    assert "is whole and can be restored: 2 orders" in result.output
    with empty_shop.app_context():
        assert sa.inspect(db.engine).get_table_names() == []
    assert all_files(settings_of(empty_shop)) == {}
