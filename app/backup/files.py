"""The shop's own files, papers and pictures: found, and put back beside those that are there, wherever they are kept.

A file is written under a name of its own before the row that names it, and never changed afterwards
(app/businesses/documents.py, app/catalog/pictures.py); it is cleared away a day after nothing names it any more, at the
earliest (app/clearing). So the files copied after a snapshot hold all the snapshot's rows name, and files of two
moments may lie side by side.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from app.backup.archive import ArchiveReader
from app.backup.manifest import Member, is_safe_name
from app.backup.progress import Progress
from app.settings import Settings
from app.storage.contract import FileGone, Shelf
from app.storage.shelves import open_shelves


@dataclass(frozen=True)
class Kept:
    """One of the shop's shelves, and under what name it stands in a backup."""

    prefix: str
    shelf: Shelf


def shelves(settings: Settings) -> tuple[Kept, ...]:
    """Private papers first, then public pictures."""
    opened = open_shelves(settings)
    return Kept("uploads/", opened.papers), Kept("media/", opened.pictures)


def list_files(kept: Kept) -> Iterator[tuple[str, int]]:
    """Name in a backup, and size in bytes, of every whole file on the shelf."""
    for file in kept.shelf.list():
        name = kept.prefix + file.name
        if is_safe_name(name):
            yield name, file.size


class FilesInPlace:
    """A backup's files on their way into the shop: first beside, then added, last the old shop's taken away.

    Until `finish()` nothing the old shop names has changed, so whatever goes wrong before it leaves the old shop whole.
    """

    def __init__(self, settings: Settings, staged: Path):
        self._kept_on = {kept.prefix: kept.shelf for kept in shelves(settings)}
        self._staged = staged
        self._before = dict(each for kept in shelves(settings) for each in list_files(kept))
        self._added: list[str] = []
        self._replaced: list[str] = []
        self._kept: set[str] = set()

    @property
    def are_there(self) -> bool:
        """Whether the shop has files now."""
        return bool(self._before)

    def unpack(self, archive: ArchiveReader, progress: Progress) -> None:
        """Write what is missing or different into the staging folder, checked once more while it is written."""
        members = archive.manifest.files
        progress.begin("Unpacking files", sum(member.size for member in members), "B")
        for member in members:
            self._kept.add(member.name)
            if self._before.get(member.name) != member.size or not self._is_same(member):
                target = self._staged / member.name
                target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                with target.open("xb") as file:
                    file.writelines(archive.chunks(member))
            progress.advance(member.size)

    def add(self) -> None:
        """Put the new ones beside the old ones; a damaged one of the same name waits for finish()."""
        for prefix in self._kept_on:
            for staged in sorted(path for path in (self._staged / prefix).rglob("*") if path.is_file()):
                name = staged.relative_to(self._staged).as_posix()
                if name in self._before:
                    self._replaced.append(name)
                    continue
                self._added.append(name)
                self._put(name)
        os.sync()  # a power cut must not leave rows that name empty files

    def take_back(self) -> None:
        """Remove what was added: the restore did not happen."""
        for name in self._added:
            self._remove(name)

    def finish(self) -> int:
        """The database is the backup's: take away the old shop's files. Returns how many went."""
        for name in self._replaced:
            self._put(name)
        old = [name for name in self._before if name not in self._kept]
        for name in old:
            self._remove(name)
        return len(old)

    def _is_same(self, member: Member) -> bool:
        shelf, name = self._place(member.name)
        try:
            with closing(shelf.open(name).stream) as stream:
                return hashlib.file_digest(stream, "sha256").hexdigest() == member.sha256  # type: ignore[arg-type]
        except FileGone:
            return False

    def _put(self, name: str) -> None:
        """Onto its shelf, and out of the staging folder: the disk need not hold it twice."""
        shelf, short = self._place(name)
        staged = self._staged / name
        with staged.open("rb") as file:
            shelf.put(short, file)
        staged.unlink()

    def _remove(self, name: str) -> None:
        shelf, short = self._place(name)
        shelf.remove(short)

    def _place(self, name: str) -> tuple[Shelf, str]:
        prefix, slash, short = name.partition("/")
        return self._kept_on[prefix + slash], short


def clear_folder(folder: Path) -> None:
    """Empty a folder that only its owner may look into, made if need be."""
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(mode=0o700, parents=True)
