"""The backup's file: a ZIP whose every member is counted and hashed as it streams in, and checked before it is used."""

from __future__ import annotations

import hashlib
import io
import json
import lzma
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, cast

from app.backup.manifest import FORMAT, NAME, Manifest, Member, read_format, read_manifest, write_manifest
from app.backup.progress import Progress
from app.backup.refused import BackupDamaged, BackupRefused
from app.backup.sealed import SealedReader, SealedWriter, is_sealed

_CHUNK = 256 * 1024
_LARGEST_MANIFEST = 256 * 1024 * 1024
_PRIVATE = stat.S_IFREG | 0o600
_IS_ENCRYPTED = 0x1
# What Python's reader raises on bytes that are no ZIP, or no longer one; RuntimeError also for unknown versions.
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    KeyError,
    OSError,  # a place before the beginning
    OverflowError,
    RuntimeError,
    ValueError,
)


class Hashed:
    """Passes on what is written, and counts and hashes it."""

    def __init__(self, below: IO[bytes]):
        self._below = below
        self._sha256 = hashlib.sha256()
        self.size = 0

    def write(self, content: bytes) -> None:
        """Pass it on."""
        self._below.write(content)
        self._sha256.update(content)
        self.size += len(content)

    def member(self, name: str) -> Member:
        """What was written, as the manifest tells of it."""
        return Member(name, self.size, self._sha256.hexdigest())


class ArchiveWriter:
    """Members one after the other, nothing held in memory but the list of them; the manifest comes last."""

    def __init__(self, zipped: zipfile.ZipFile, now: datetime):
        self._zipped = zipped
        self._date = (now.year, now.month, now.day, now.hour, now.minute, now.second)
        self.members: list[Member] = []

    @contextmanager
    def member(self, name: str, *, is_packed: bool = True) -> Iterator[Hashed]:
        """Write one member; `is_packed=False` for pictures and papers, which do not get smaller."""
        with self._open(name, is_packed) as stream:
            hashed = Hashed(stream)
            yield hashed
        self.members.append(hashed.member(name))

    def finish(self, manifest: Manifest) -> None:
        """Write the manifest, which tells of all the others."""
        with self._open(NAME, is_packed=True) as stream:
            stream.write(write_manifest(manifest))

    def _open(self, name: str, is_packed: bool) -> IO[bytes]:
        info = zipfile.ZipInfo(name, self._date)
        info.compress_type = zipfile.ZIP_DEFLATED if is_packed else zipfile.ZIP_STORED
        info.external_attr = _PRIVATE << 16
        return self._zipped.open(info, "w", force_zip64=True)


@contextmanager
def write_archive(stream: IO[bytes], passphrase: str | None, now: datetime) -> Iterator[ArchiveWriter]:
    """An archive into the stream, under the passphrase if there is one; the caller calls finish()."""
    sealed = SealedWriter(stream, passphrase) if passphrase else None
    with zipfile.ZipFile(cast("IO[bytes]", sealed or stream), "w", compresslevel=6) as zipped:
        yield ArchiveWriter(zipped, now)
    if sealed:
        sealed.finish()


class ArchiveReader:
    """An opened backup of a format we know; trust a member only after check_members()."""

    def __init__(self, zipped: zipfile.ZipFile):
        self._zipped = zipped
        infos = zipped.infolist()
        if any(
            info.flag_bits & _IS_ENCRYPTED
            or info.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
            for info in infos
        ):
            raise BackupDamaged("a part of it is packed in a way this shop does not pack")
        text = self._read_manifest()
        found = read_format(text)
        if found > FORMAT:
            raise BackupRefused(
                f"This backup has format {found}, and this Tradepost reads up to {FORMAT}. Restore it with the "
                "version it was made with, or a newer one."
            )
        self.manifest = read_manifest(text)
        if sorted(info.filename for info in infos) != sorted(
            [NAME, *(each.name for each in self.manifest.members)]
        ):
            raise BackupDamaged("what it holds is not what its list of contents says")

    def _read_manifest(self) -> bytes:
        try:
            with self._zipped.open(NAME) as stream:
                text = stream.read(_LARGEST_MANIFEST + 1)
        except KeyError:
            raise BackupRefused(
                "This ZIP file is no backup of a shop: it has no list of contents. "
                "Name a file that `flask backup` wrote."
            ) from None
        if len(text) > _LARGEST_MANIFEST:
            raise BackupDamaged("its list of contents is too long")
        return text

    def check_members(self, progress: Progress) -> None:
        """Read every member and compare size and checksum; BackupDamaged names the first that is not right."""
        progress.begin("Checking", sum(member.size for member in self.manifest.members), "B")
        for member in self.manifest.members:
            for chunk in self.chunks(member):
                progress.advance(len(chunk))

    def chunks(self, member: Member) -> Iterator[bytes]:
        """A member's content, never more than it should have; BackupDamaged at its end when it is another."""
        sha256 = hashlib.sha256()
        left = member.size
        with self._opened(member) as stream:
            while chunk := stream.read(min(_CHUNK, left + 1)):
                left -= len(chunk)
                if left < 0:
                    break
                sha256.update(chunk)
                yield chunk
        if left or sha256.hexdigest() != member.sha256:
            raise BackupDamaged(f"{member.name} is not what was written")

    def lines(self, member: Member) -> Iterator[bytes]:
        """A member's lines, without holding more than a few of them."""
        rest = b""
        for chunk in self.chunks(member):
            *whole, rest = (rest + chunk).split(b"\n")
            yield from whole
        if rest:
            yield rest

    @contextmanager
    def _opened(self, member: Member) -> Iterator[IO[bytes]]:
        with broken_as_damaged(), self._zipped.open(member.name) as stream:
            yield stream


@contextmanager
def open_archive(path: Path, passphrase: str | None) -> Iterator[ArchiveReader]:
    """The backup in a file. BackupRefused for a missing or wrong passphrase, or what is none of ours."""
    with ExitStack() as stack:
        try:
            file = stack.enter_context(path.open("rb"))
            size = os.fstat(file.fileno()).st_size
        except OSError as error:
            raise BackupRefused(f"{path} cannot be read: {error.strerror}.") from None
        stream = _unsealed(file, passphrase)
        with broken_as_damaged():
            if not size or not zipfile.is_zipfile(stream):
                raise BackupDamaged(f"{path.name} is not a whole ZIP file")
            reader = ArchiveReader(stack.enter_context(zipfile.ZipFile(stream)))
        yield reader


def is_under_passphrase(path: Path) -> bool:
    """Whether a passphrase must be asked for; False for a file that is not there."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return is_sealed(file.read(64))


@contextmanager
def broken_as_damaged() -> Iterator[None]:
    """What a broken ZIP raises, as words."""
    try:
        yield
    except BackupRefused:
        raise
    except _BROKEN as error:
        raise BackupDamaged(f"it cannot be unpacked ({error})") from None


def read_line(line: bytes, width: int) -> list[object]:
    """One row's cells; BackupDamaged when it is no list of that many."""
    try:
        cells = json.loads(line)
    except ValueError:
        raise BackupDamaged("a row is no JSON") from None
    if not isinstance(cells, list) or len(cells) != width:
        raise BackupDamaged("a row has not as many cells as its table has columns")
    return cells


def _unsealed(file: IO[bytes], passphrase: str | None) -> IO[bytes]:
    if not is_sealed(file.read(64)):
        file.seek(0)
        return file
    if not passphrase:
        raise BackupRefused(
            "This backup is under a passphrase: give it with --passphrase-file, or BACKUP_PASSPHRASE in the environment."
        )
    return io.BufferedReader(SealedReader(file, passphrase))
