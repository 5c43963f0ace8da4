"""Where a backup is written, which older ones go, and which version is the newer one."""

from __future__ import annotations

import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.backup.places import older_than_newest, stamped, written_when_whole
from app.backup.refused import BackupRefused
from app.backup.version import shop_version
from app.shared.version_order import is_newer

NOW = datetime(2026, 11, 20, 16, 0, 5, tzinfo=UTC)


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_it_gets_its_name_when_it_is_whole_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / "shop.zip"
    path.write_text("the last one")
    with written_when_whole(path, NOW) as file:
        file.write(b"all of it")
        assert path.read_text() == "the last one"
    assert path.read_text() == "all of it"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert names_in(tmp_path) == ["shop.zip"]


def test_what_goes_wrong_half_way_leaves_the_last_one_and_no_trace(tmp_path: Path) -> None:
    path = tmp_path / "shop.zip"
    path.write_text("the last one")

    def write_half() -> None:
        with written_when_whole(path, NOW) as file:
            file.write(b"half")
            raise KeyError

    with pytest.raises(KeyError):
        write_half()
    assert path.read_text() == "the last one"
    assert names_in(tmp_path) == ["shop.zip"]


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with (
        pytest.raises(BackupRefused, match="cannot be written: No such file"),
        written_when_whole(tmp_path / "none" / "shop.zip", NOW),
    ):
        pass


def test_what_a_killed_backup_left_is_cleared_a_day_later(tmp_path: Path) -> None:
    old, new, other = tmp_path / ".shop.zip-a.part", tmp_path / ".shop.zip-b.part", tmp_path / ".b.zip-c.part"
    for path, age in ((old, timedelta(days=2)), (new, timedelta(minutes=5)), (other, timedelta(days=2))):
        path.touch()
        moment = (NOW - age).timestamp()
        os.utime(path, (moment, moment))
    with written_when_whole(tmp_path / "shop.zip", NOW):
        pass
    assert names_in(tmp_path) == [".b.zip-c.part", ".shop.zip-b.part", "shop.zip"]


def test_the_newest_of_the_name_stay(tmp_path: Path) -> None:
    path = tmp_path / "shop.zip"
    made = [stamped(path, NOW + timedelta(days=day)) for day in range(4)]
    others = ["shop.zip", "shop-old.zip", "other-2026-11-20T160005Z.zip", "shop-2026-11-20T160005Z.zip.part"]
    for each in [*made, *(tmp_path / name for name in others)]:
        each.touch()
    assert made[0].name == "shop-2026-11-20T160005Z.zip"
    assert older_than_newest(path, 3) == made[:1]
    assert older_than_newest(path, 1) == made[:3]
    assert older_than_newest(path, 9) == []


@pytest.mark.parametrize(
    ("version", "than", "newer"),
    [
        ("0.2.0", "0.1.9", True),
        ("0.10.0", "0.9.0", True),
        ("1.0.1", "1.0", True),
        ("1.0", "1.0.0", False),
        ("0.1.0", "0.1.0", False),
        ("0.1.0", "0.2.0", False),
        ("0.1.0+g12ab", "0.1.0", False),
    ],
)
def test_versions_are_compared_number_by_number(version: str, than: str, newer: bool) -> None:
    assert is_newer(version, than) is newer


def test_a_release_says_its_version_in_a_file_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\nversion = "0.1.0"\n')
    assert shop_version(tmp_path) == "0.1.0"
    (tmp_path / "VERSION").write_text("0.2.0\n")
    assert shop_version(tmp_path) == "0.2.0"
