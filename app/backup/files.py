"""The shop's own files, uploads and pictures: found, and put back beside those that are there.

A file is written under a name of its own before the row that names it, and never changed afterwards
(app/businesses/documents.py, app/catalog/pictures.py). So the files copied after a snapshot hold all the snapshot's
rows name, and files of two moments may lie side by side.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.backup.archive import ArchiveReader
from app.backup.manifest import Member, is_safe_name
from app.backup.progress import Progress
from app.settings import Settings

# Not yet whole: renamed when it is.
_UNFINISHED = ".part"


@dataclass(frozen=True)
class Shelf:
    """A folder of the shop's files: under what name it stands in a backup, and the modes its files get."""

    prefix: str
    folder: Path
    folder_mode: int
    file_mode: int


def shelves(settings: Settings) -> tuple[Shelf, ...]:
    """Private papers first, then public pictures."""
    return (
        Shelf("uploads/", settings.uploads_path, 0o700, 0o600),
        Shelf("media/", settings.media_path, 0o755, 0o644),
    )


def list_files(shelf: Shelf) -> Iterator[tuple[str, Path]]:
    """Name in a backup and path of every whole file on the shelf, in the order of their names."""
    for folder, folders, names in os.walk(shelf.folder):
        folders.sort()
        for name in sorted(names):
            path = Path(folder) / name
            inside = shelf.prefix + path.relative_to(shelf.folder).as_posix()
            if not name.endswith(_UNFINISHED) and is_safe_name(inside) and path.is_file():
                yield inside, path


class FilesInPlace:
    """A backup's files on their way into the shop: first beside, then added, last the old shop's taken away.

    Until `finish()` nothing the old shop names has changed, so whatever goes wrong before it leaves the old shop whole.
    """

    def __init__(self, settings: Settings, staged: Path):
        self._shelves = {shelf.prefix: shelf for shelf in shelves(settings)}
        self._staged = staged
        self._before = {name: path for shelf in self._shelves.values() for name, path in list_files(shelf)}
        self._added: list[Path] = []
        self._replaced: list[tuple[Path, Path]] = []
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
            there = self._before.get(member.name)
            if there is None or not _is_same(there, member):
                target = self._staged / member.name
                target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                with target.open("xb") as file:
                    file.writelines(archive.chunks(member))
            progress.advance(member.size)

    def add(self) -> None:
        """Put the new ones beside the old ones; a damaged one of the same name waits for finish()."""
        for prefix, shelf in self._shelves.items():
            for staged in sorted(path for path in (self._staged / prefix).rglob("*") if path.is_file()):
                target = shelf.folder / staged.relative_to(self._staged / prefix)
                staged.chmod(shelf.file_mode)
                if target.exists():
                    self._replaced.append((staged, target))
                    continue
                _make_folder(shelf, target.parent)
                self._added.append(target)
                staged.replace(target)
        os.sync()  # a power cut must not leave rows that name empty files

    def take_back(self) -> None:
        """Remove what was added: the restore did not happen."""
        for target in self._added:
            target.unlink(missing_ok=True)

    def finish(self) -> int:
        """The database is the backup's: take away the old shop's files. Returns how many went."""
        for staged, target in self._replaced:
            staged.replace(target)
        old = [path for name, path in self._before.items() if name not in self._kept]
        for path in old:
            path.unlink(missing_ok=True)
        return len(old)


def clear_folder(folder: Path) -> None:
    """Empty a folder that only its owner may look into, made if need be."""
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(mode=0o700, parents=True)


def _make_folder(shelf: Shelf, folder: Path) -> None:
    if not folder.exists():
        folder.mkdir(parents=True)
        shelf.folder.chmod(shelf.folder_mode)


def _is_same(path: Path, member: Member) -> bool:
    if path.stat().st_size != member.size:
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == member.sha256
