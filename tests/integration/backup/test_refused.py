"""What cannot be restored is refused in words, and the shop that is there stays as it is."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from app.backup.manifest import NAME
from app.extensions import db
from tests.backups import PASSPHRASE, command, picture_of, settings_of

Change = Callable[[dict[str, Any], dict[str, bytes]], None]


def rewritten(backup: Path, path: Path, change: Change) -> Path:
    """The backup with another manifest or other members, whole as a ZIP."""
    with zipfile.ZipFile(backup) as zipped:
        members = {name: zipped.read(name) for name in zipped.namelist()}
    manifest = json.loads(members[NAME])
    change(manifest, members)
    members[NAME] = json.dumps(manifest).encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, content in members.items():
            zipped.writestr(name, content)
    return path


def refused(shop: Flask, path: Path, *args: str) -> str:
    """What `flask restore` says when it refuses, without a traceback; the shop is afterwards what it was."""
    before = picture_of(shop)
    result = command(shop, "restore", path, *args)
    assert result.exit_code == 1, result.output
    assert result.output.startswith("Error: "), result.output
    assert picture_of(shop) == before
    assert not (Path(shop.instance_path) / ".restore").exists()
    return " ".join(result.output.split())


def test_a_shop_that_is_there_is_not_ended_without_being_told(shop: Flask, backup: Path) -> None:
    assert "There is a shop in the database already" in refused(shop, backup)


def test_files_without_a_database_are_a_shop_too(empty_shop: Flask, some_backup: Path) -> None:
    media = settings_of(empty_shop).media_path
    media.mkdir()
    (media / "left.webp").write_bytes(b"the only copy")
    result = command(empty_shop, "restore", some_backup)
    assert "There are files of a shop already" in result.output
    assert (media / "left.webp").exists()
    with empty_shop.app_context():
        assert sa.inspect(db.engine).get_table_names() == []


@pytest.mark.parametrize("place", [0.1, 0.5, 0.9])
def test_a_flipped_byte_and_a_cut_file_are_found(
    shop: Flask, backup: Path, tmp_path: Path, place: float
) -> None:
    content = bytearray(backup.read_bytes())
    at = int(len(content) * place)
    (tmp_path / "cut.zip").write_bytes(content[:at])
    assert "damaged" in refused(shop, tmp_path / "cut.zip", "--replace")
    with zipfile.ZipFile(backup) as zipped:
        pages = [info for info in zipped.infolist() if info.compress_size > 100]
        info = pages[int((len(pages) - 1) * place)]
    at = info.header_offset + 30 + len(info.filename) + 20 + info.compress_size // 2
    content[at] ^= 0x01
    (tmp_path / "flipped.zip").write_bytes(content)
    assert "damaged" in refused(shop, tmp_path / "flipped.zip", "--replace")


def test_another_passphrase_opens_nothing(shop: Flask, tmp_path: Path) -> None:
    path = tmp_path / "sealed.zip"
    assert command(shop, "backup", path, env={"BACKUP_PASSPHRASE": PASSPHRASE}).exit_code == 0
    (tmp_path / "words").write_text("not the right passphrase")
    says = refused(shop, path, "--replace", "--passphrase-file", str(tmp_path / "words"))
    assert "not the passphrase the backup was made with" in says


def be_newer(manifest: dict[str, Any], _members: dict[str, bytes]) -> None:
    manifest["shop_version"] = "99.0.0"


def be_of_another_branch(manifest: dict[str, Any], _members: dict[str, bytes]) -> None:
    manifest["migration"] = "add_teleporter"


def have_another_key(manifest: dict[str, Any], _members: dict[str, bytes]) -> None:
    manifest["key_checks"] = ["0" * 64]


def with_table(table: str, change: Callable[[list[list[Any]]], None]) -> Change:
    """Change a table's rows, with sizes and checksums that are right again."""

    def rewrite(manifest: dict[str, Any], members: dict[str, bytes]) -> None:
        name = f"database/{table}.jsonl"
        rows = [json.loads(line) for line in members[name].splitlines()]
        change(rows)
        members[name] = "".join(f"{json.dumps(row)}\n" for row in rows).encode()
        for member in manifest["members"]:
            if member["name"] == name:
                member |= {"size": len(members[name]), "sha256": digest(members[name])}
        for each in manifest["tables"]:
            if each["shape"]["name"] == table:
                each["rows"] = len(rows)

    return rewrite


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def lose_the_businesses(manifest: dict[str, Any], members: dict[str, bytes]) -> None:
    with_table("businesses", lambda rows: rows.clear())(manifest, members)


def repeat_a_row(manifest: dict[str, Any], members: dict[str, bytes]) -> None:
    with_table("orders", lambda rows: rows.append(rows[0]))(manifest, members)


def sell_less_than_nothing(manifest: dict[str, Any], members: dict[str, bytes]) -> None:
    [columns] = [each["shape"]["columns"] for each in manifest["tables"] if each["shape"]["name"] == "stock"]
    at = [column["name"] for column in columns].index("available")
    with_table("stock", lambda rows: rows[0].__setitem__(at, -5))(manifest, members)


def write_words_for_a_number(manifest: dict[str, Any], members: dict[str, bytes]) -> None:
    with_table("stock", lambda rows: rows[0].__setitem__(1, "many"))(manifest, members)


def forget_a_column(manifest: dict[str, Any], members: dict[str, bytes]) -> None:
    with_table("counters", lambda rows: [row.pop() for row in rows])(manifest, members)
    [shape] = [each["shape"] for each in manifest["tables"] if each["shape"]["name"] == "counters"]
    shape["columns"].pop()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (be_newer, "made by Tradepost 99.0.0"),
        (be_of_another_branch, "migration add_teleporter, which this Tradepost"),
        (have_another_key, "another DATA_KEY"),
        (lose_the_businesses, "names one of businesses that is not there"),
        (repeat_a_row, "The rows of orders break a rule of their table: UNIQUE"),
        (sell_less_than_nothing, "The rows of stock break a rule of their table: CHECK"),
        (write_words_for_a_number, "a row of stock holds what its column cannot"),
        (forget_a_column, "table counters has not the columns"),
    ],
)
def test_what_does_not_fit_is_named(
    shop: Flask, backup: Path, tmp_path: Path, change: Change, says: str
) -> None:
    assert says in refused(shop, rewritten(backup, tmp_path / "other.zip", change), "--replace")


def test_what_only_the_target_refuses_leaves_it_as_it_was(shop: Flask, backup: Path, tmp_path: Path) -> None:
    """SQLite takes a text of any length; MariaDB takes none longer than its column."""

    def lengthen(manifest: dict[str, Any], members: dict[str, bytes]) -> None:
        [columns] = [
            each["shape"]["columns"] for each in manifest["tables"] if each["shape"]["name"] == "users"
        ]
        at = [column["name"] for column in columns].index("name")
        with_table("users", lambda rows: rows[-1].__setitem__(at, "long " * 100))(manifest, members)

    path = rewritten(backup, tmp_path / "long.zip", lengthen)
    with shop.app_context():
        is_sqlite = db.engine.dialect.name == "sqlite"
    if is_sqlite:
        assert command(shop, "restore", path, "--check").exit_code == 0
        return
    assert "Data too long for column 'name'" in refused(shop, path, "--replace")


def test_tables_of_another_version_are_not_written_over(empty_shop: Flask, some_backup: Path) -> None:
    with empty_shop.app_context():
        with db.engine.begin() as connection:
            connection.exec_driver_sql("CREATE TABLE notes (id INTEGER PRIMARY KEY)")
        is_sqlite = db.engine.dialect.name == "sqlite"
    result = command(empty_shop, "restore", some_backup, "--replace")
    if is_sqlite:  # the whole file is replaced, whatever it held
        assert result.exit_code == 0, result.output
        return
    assert result.exit_code == 1
    assert "tables of another version" in result.output
    with empty_shop.app_context():
        assert sa.inspect(db.engine).get_table_names() == ["notes"]


def test_a_database_that_is_not_at_this_version_is_not_backed_up(empty_shop: Flask, tmp_path: Path) -> None:
    result = command(empty_shop, "backup", tmp_path / "shop.zip")
    assert result.exit_code == 1
    assert "run `flask db upgrade`" in result.output
    assert list(tmp_path.glob("*shop.zip*")) == []


def test_a_folder_that_is_not_there_is_named(shop: Flask, tmp_path: Path) -> None:
    result = command(shop, "backup", tmp_path / "none" / "shop.zip")
    assert result.exit_code == 1
    assert "There is no folder" in result.output


def test_two_restores_do_not_meet(shop: Flask, backup: Path) -> None:
    handle = os.open(shop.instance_path, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        assert "Another restore is running" in refused(shop, backup, "--replace")
    finally:
        os.close(handle)
