"""A backup's file: what is in it is what was written, or it is refused."""

from __future__ import annotations

import io
import json
import zipfile
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from app.backup.archive import open_archive, write_archive
from app.backup.cells import Column, TableShape
from app.backup.manifest import NAME, Manifest, TableRows, is_safe_name, read_manifest, write_manifest
from app.backup.progress import Silent
from app.backup.refused import BackupDamaged, BackupRefused

NOW = datetime(2026, 11, 20, 16, 0, tzinfo=UTC)
SHAPE = TableShape("orders", (Column("id", "integer"), Column("po_number", "text")), ("id",))
MEMBERS = {
    "database/orders.jsonl": b'[1,"PO-77"]\n[2,null]\n',
    "settings.toml": b'SITE_URL = "https://shop.example.com"\n',
    "uploads/0123abc.pdf": b"%PDF-1.7 a certificate" * 40,
    "media/0f0f-160.webp": bytes(range(256)) * 8,
}


def write(path: Path, passphrase: str | None = None) -> Path:
    with path.open("wb") as file, write_archive(file, passphrase, NOW) as archive:
        for name, content in MEMBERS.items():
            with archive.member(name, is_packed=not name.startswith("media/")) as member:
                member.write(content)
        archive.finish(
            Manifest("0.1.0", "0003", NOW, "sqlite", ("k",), (TableRows(SHAPE, 2),), tuple(archive.members))
        )
    return path


def read(path: Path, passphrase: str | None = None) -> tuple[Manifest, dict[str, bytes]]:
    with open_archive(path, passphrase) as archive:
        archive.check_members(Silent())
        members = archive.manifest.members
        return archive.manifest, {member.name: b"".join(archive.chunks(member)) for member in members}


@pytest.mark.parametrize("passphrase", [None, "a long passphrase for tests"])
def test_what_was_written_is_read_again(tmp_path: Path, passphrase: str | None) -> None:
    path = write(tmp_path / "shop.zip", passphrase)
    manifest, members = read(path, passphrase)
    assert members == MEMBERS
    assert (manifest.made_at, manifest.rows_of("orders"), len(manifest.files)) == (NOW, 2, 2)
    assert zipfile.is_zipfile(path) is (passphrase is None)


def test_no_changed_byte_goes_unseen(tmp_path: Path) -> None:
    whole = write(tmp_path / "shop.zip").read_bytes()
    expected = read(tmp_path / "shop.zip")
    refused = 0
    for place in range(0, len(whole), 5):
        broken = bytearray(whole)
        broken[place] ^= 0x04
        (tmp_path / "broken.zip").write_bytes(broken)
        with suppress(BackupRefused):
            # Dates and the like in the ZIP's own tables mean nothing to us; everything else must be as it was.
            assert read(tmp_path / "broken.zip") == expected
            continue
        refused += 1
    assert refused > len(whole) // 5 // 2


def test_no_shortened_file_is_taken(tmp_path: Path) -> None:
    whole = write(tmp_path / "shop.zip").read_bytes()
    for length in range(0, len(whole), 101):
        (tmp_path / "short.zip").write_bytes(whole[:length])
        with pytest.raises(BackupRefused):
            read(tmp_path / "short.zip")


def rewrite(path: Path, change: Any) -> Path:
    """The same backup with another manifest."""
    with zipfile.ZipFile(path) as zipped:
        members = {name: zipped.read(name) for name in zipped.namelist()}
    values = json.loads(members[NAME])
    change(values, members)
    members[NAME] = json.dumps(values).encode()
    with zipfile.ZipFile(path, "w") as zipped:
        for name, content in members.items():
            zipped.writestr(name, content)
    return path


def lead_out(values: dict[str, Any], members: dict[str, bytes]) -> None:
    values["members"][-1]["name"] = "media/../../wsgi.py"
    members["media/../../wsgi.py"] = members.pop("media/0f0f-160.webp")


def name_twice(values: dict[str, Any], _members: dict[str, bytes]) -> None:
    values["members"].append(values["members"][0])


def smuggle_in(_values: dict[str, Any], members: dict[str, bytes]) -> None:
    members["media/more.webp"] = b"not told of"


def lose_rows(_values: dict[str, Any], members: dict[str, bytes]) -> None:
    members["database/orders.jsonl"] = b'[1,"PO-77"]\n'


def inject(values: dict[str, Any], _members: dict[str, bytes]) -> None:
    values["tables"][0]["shape"]["columns"][0]["name"] = "id) VALUES (1); DROP TABLE orders; --"


def forget_the_time(values: dict[str, Any], _members: dict[str, bytes]) -> None:
    values["made_at"] = "2026-11-20T16:00:00"


@pytest.mark.parametrize("change", [lead_out, name_twice, smuggle_in, lose_rows, inject, forget_the_time])
def test_a_list_of_contents_that_is_not_right_is_refused(tmp_path: Path, change: Any) -> None:
    with pytest.raises(BackupDamaged):
        read(rewrite(write(tmp_path / "shop.zip"), change))


def test_a_format_of_later_days_is_refused_whatever_it_holds(tmp_path: Path) -> None:
    def change(values: dict[str, Any], _members: dict[str, bytes]) -> None:
        values.clear()
        values["format"] = 2

    with pytest.raises(BackupRefused, match="format 2"):
        read(rewrite(write(tmp_path / "shop.zip"), change))


def test_what_is_no_backup_is_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / "words.zip").write_text("nothing zipped at all")
    with pytest.raises(BackupRefused, match="not a whole ZIP"):
        read(tmp_path / "words.zip")
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as zipped:
        zipped.writestr("holiday.jpg", b"sun")
    with pytest.raises(BackupRefused, match="no backup of a shop"):
        read(tmp_path / "other.zip")
    with pytest.raises(BackupRefused, match="cannot be read: No such file"):
        read(tmp_path / "none.zip")


def test_a_passphrase_is_asked_for(tmp_path: Path) -> None:
    path = write(tmp_path / "shop.zip", "a long passphrase for tests")
    with pytest.raises(BackupRefused, match="under a passphrase"):
        read(path)


@pytest.mark.parametrize(
    ("name", "is_safe"),
    [
        ("settings.toml", True),
        ("uploads/ab12.pdf", True),
        ("media/2026/ab12-160.webp", True),
        ("database/orders.jsonl", True),
        ("uploads/", False),
        ("uploads/../settings.toml", False),
        ("uploads//etc/passwd", False),
        ("/uploads/a", False),
        ("uploads/.htaccess", False),
        ("uploads/a\\b", False),
        ("wsgi.py", False),
        ("media", False),
    ],
)
def test_only_our_own_names_lead_into_our_own_folders(name: str, is_safe: bool) -> None:
    assert is_safe_name(name) is is_safe


def test_a_manifest_comes_back_as_it_was() -> None:
    manifest = Manifest("0.1.0", "0003", NOW, "mysql", ("k", "old"), (), ())
    assert read_manifest(write_manifest(manifest)) == manifest


def test_nothing_is_read_into_memory_whole(tmp_path: Path) -> None:
    """A member tells its size; what unpacks to more is cut off there and refused."""

    def change(values: dict[str, Any], members: dict[str, bytes]) -> None:
        values["members"][-1]["size"] = 10
        members["media/0f0f-160.webp"] = bytes(50_000_000)

    path = rewrite(write(tmp_path / "shop.zip"), change)
    with open_archive(path, None) as archive:
        held = io.BytesIO()
        with pytest.raises(BackupDamaged):
            held.writelines(archive.chunks(archive.manifest.members[-1]))
    assert held.tell() <= 11
