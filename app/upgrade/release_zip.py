"""A release's ZIP: looked at whole before a byte of it is used, and unpacked into a folder of its own."""

from __future__ import annotations

import hashlib
import lzma
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.upgrade.refused import UpgradeRefused

SUMS = "SHA256SUMS"
VERSION = "VERSION"
_TOP = re.compile(r"tradepost-(\d+\.\d+\.\d+[A-Za-z0-9.+-]*)")
_PART = re.compile(r"[A-Za-z0-9_.@+-]+")
_LINE = re.compile(r"([0-9a-f]{64})  (\S.*)")
# A release has a thousand files and ten megabytes; what says it has far more is none.
_MOST_FILES = 20_000
_MOST_BYTES = 300 * 1024 * 1024
_CHUNK = 256 * 1024
_IS_ENCRYPTED = 0x1
_BROKEN = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, KeyError, OverflowError, RuntimeError,
    ValueError,
)  # fmt: skip


@dataclass(frozen=True)
class Release:
    """A whole and unchanged ZIP: its version, its files with their checksums, and the bytes they take unpacked."""

    path: Path
    version: str
    sums: dict[str, str]
    size: int


def read_release(path: Path, most_bytes: int = _MOST_BYTES) -> Release:
    """Look at every name and read every file. UpgradeRefused when anything is not as `make release` writes it."""
    with _opened(path) as archive:
        entries = {entry.filename: entry for entry in archive.infolist() if not entry.is_dir()}
        top = _check_names(archive, most_bytes)
        files = {name.partition("/")[2]: entry for name, entry in entries.items()}
        if SUMS not in files or VERSION not in files:
            raise _no_release("it has no VERSION or no SHA256SUMS")
        sums = read_sums(b"".join(_chunks(archive, files[SUMS])).decode())
        if set(sums) != set(files) - {SUMS}:
            raise _damaged("its files are not those its list of checksums names")
        for name, digest in sums.items():
            sha256 = hashlib.sha256()
            for chunk in _chunks(archive, files[name]):
                sha256.update(chunk)
            if sha256.hexdigest() != digest:
                raise _damaged(f"{name} is not what was published")
        version = b"".join(_chunks(archive, files[VERSION])).decode().strip()
    if f"tradepost-{version}" != top:
        raise _damaged("its folder and its VERSION name different versions")
    return Release(path, version, sums, sum(entry.file_size for entry in files.values()))


def unpack(release: Release, folder: Path) -> None:
    """Write every file into the folder, compared with its checksum once more on the way."""
    with _opened(release.path) as archive:
        for entry in archive.infolist():
            name = entry.filename.partition("/")[2]
            if entry.is_dir():
                continue
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            sha256 = hashlib.sha256()
            with target.open("xb") as file:
                for chunk in _chunks(archive, entry):
                    sha256.update(chunk)
                    file.write(chunk)
            if name != SUMS and sha256.hexdigest() != release.sums[name]:
                raise _damaged(f"{name} changed while it was read")
            target.chmod(0o755 if entry.external_attr >> 16 & stat.S_IXUSR else 0o644)


def read_sums(text: str) -> dict[str, str]:
    """Path → SHA-256, as sha256sum writes them; UpgradeRefused when a line is none."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        parts = _LINE.fullmatch(line)
        if not parts:
            raise _damaged("its list of checksums cannot be read")
        found[parts[2]] = parts[1]
    return found


def _check_names(archive: zipfile.ZipFile, most_bytes: int) -> str:
    entries = archive.infolist()
    if len(entries) > _MOST_FILES or sum(entry.file_size for entry in entries) > most_bytes:
        raise _no_release("it would unpack to far more than a release holds")
    names = [entry.filename for entry in entries]
    if len(set(names)) != len(names):
        raise _no_release("a file is in it twice")
    tops = {name.partition("/")[0] for name in names}
    if len(tops) != 1 or not _TOP.fullmatch(top := tops.pop()):
        raise _no_release("its files are not in one folder tradepost-…")
    for entry in entries:
        parts = entry.filename.removesuffix("/").split("/")
        kind = stat.S_IFMT(entry.external_attr >> 16)
        if any(part in {".", ".."} or not _PART.fullmatch(part) for part in parts):
            raise _no_release(f"it names a file outside its folder: {entry.filename!r}")
        if kind not in {0, stat.S_IFREG, stat.S_IFDIR} or entry.flag_bits & _IS_ENCRYPTED:
            raise _no_release(f"{entry.filename} is a link or encrypted, where a release has files alone")
    return top


def _chunks(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    left = entry.file_size
    with archive.open(entry) as stream:
        while chunk := stream.read(min(_CHUNK, left + 1)):
            left -= len(chunk)
            if left < 0:
                raise _damaged(f"{entry.filename} is larger than it says")
            yield chunk


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except FileNotFoundError:
        raise UpgradeRefused(
            f"There is no file {path}. Upload the release first, and name it. Nothing was changed."
        ) from None
    except _BROKEN as error:
        raise _damaged(f"it cannot be unpacked ({error})") from None


def _damaged(what: str) -> UpgradeRefused:
    return UpgradeRefused(f"This ZIP is damaged: {what}. Download it once more. Nothing was changed.")


def _no_release(what: str) -> UpgradeRefused:
    return UpgradeRefused(
        f"This ZIP is no release of Tradepost: {what}. Take it from where you got the first one. Nothing was changed."
    )
