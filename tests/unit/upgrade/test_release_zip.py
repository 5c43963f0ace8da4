"""A release's ZIP is looked at whole before anything of it is used."""

from __future__ import annotations

import hashlib
import stat
import zipfile
from pathlib import Path

import pytest

from app.upgrade.refused import UpgradeRefused
from app.upgrade.release_zip import read_release, unpack

FILES = {
    "VERSION": b"1.2.0\n",
    "wsgi.py": b"app = 1\n",
    "app/__init__.py": b"",
    "public/tradepost.cgi": b"#!/bin/sh\n",
}
TOP = "tradepost-1.2.0"


def write_zip(
    folder: Path,
    files: dict[str, bytes] | None = None,
    *,
    sums: str | None = None,
    modes: dict[str, int] | None = None,
    more: dict[str, bytes] | None = None,
) -> Path:
    """A release of these files; `more` are whole names that get past the list of checksums."""
    files = FILES if files is None else files
    path = folder / f"{TOP}.zip"
    listed = "".join(f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in files.items())
    everything = {f"{TOP}/{name}": content for name, content in files.items()} | (more or {})
    everything[f"{TOP}/SHA256SUMS"] = (listed if sums is None else sums).encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in everything.items():
            entry = zipfile.ZipInfo(name)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = (modes or {}).get(
                name, 0o100755 if name.endswith(".cgi") else 0o100644
            ) << 16
            archive.writestr(entry, content)
    return path


def test_a_whole_release_is_read_and_unpacked(tmp_path: Path) -> None:
    release = read_release(write_zip(tmp_path))
    assert release.version == "1.2.0"
    assert set(release.sums) == set(FILES)
    unpack(release, tmp_path / "new")
    assert {name: (tmp_path / "new" / name).read_bytes() for name in FILES} == FILES
    assert (tmp_path / "new/public/tradepost.cgi").stat().st_mode & stat.S_IXUSR
    assert not (tmp_path / "new/wsgi.py").stat().st_mode & stat.S_IXUSR


def test_one_changed_byte_anywhere_is_noticed(tmp_path: Path) -> None:
    path = write_zip(tmp_path, FILES | {"app/large.txt": bytes(range(256)) * 40})
    whole = path.read_bytes()
    beginning = whole.index(b"app/large.txt") + len(b"app/large.txt")
    for position in (beginning + 20, len(whole) - 30, 40):
        broken = bytearray(whole)
        broken[position] ^= 0x55
        path.write_bytes(broken)
        with pytest.raises(UpgradeRefused, match=r"Nothing was changed\."):
            read_release(path)
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UpgradeRefused, match="damaged"):
        read_release(path)


@pytest.mark.parametrize(
    "name",
    [
        f"{TOP}/../evil.py",
        "/etc/evil",
        f"{TOP}/app/../../../evil",
        f"{TOP}\\..\\evil.py",
        f"{TOP}/a/./b",
        "other/evil.py",
    ],
)
def test_a_name_that_leads_out_of_the_folder_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UpgradeRefused, match="no release of Tradepost"):
        read_release(write_zip(tmp_path, more={name: b"x"}))


def test_a_link_is_refused(tmp_path: Path) -> None:
    files = FILES | {"app/link": b"/etc/passwd"}
    with pytest.raises(UpgradeRefused, match="is a link or encrypted"):
        read_release(write_zip(tmp_path, files, modes={f"{TOP}/app/link": stat.S_IFLNK | 0o777}))


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    with pytest.raises(UpgradeRefused, match="far more than a release holds"):
        read_release(write_zip(tmp_path, FILES | {"app/zeros": bytes(1_000_000)}), most_bytes=900_000)


def test_a_file_nobody_named_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UpgradeRefused, match="not those its list of checksums names"):
        read_release(write_zip(tmp_path, more={f"{TOP}/app/extra.py": b"x"}))


def test_something_else_is_told_from_a_release(tmp_path: Path) -> None:
    with pytest.raises(UpgradeRefused, match="There is no file"):
        read_release(tmp_path / "missing.zip")
    text = tmp_path / "text.zip"
    text.write_text("hello")
    with pytest.raises(UpgradeRefused, match="cannot be unpacked"):
        read_release(text)
    with pytest.raises(UpgradeRefused, match="different versions"):
        read_release(write_zip(tmp_path, FILES | {"VERSION": b"1.3.0\n"}))
