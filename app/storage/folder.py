"""A folder of this machine: the shelf of a shop on one machine."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from app.storage.contract import UNFINISHED, FileGone, OpenedFile, StorageAway, StoredFile, is_plain_name


class FolderShelf:
    """Files in a folder, which is made with the first of them. Private ones only this shop's user may read."""

    def __init__(self, folder: Path, *, is_private: bool):
        self.folder = folder
        self._is_private = is_private
        self._folder_mode, self._file_mode = (0o700, 0o600) if is_private else (0o755, 0o644)

    def put(self, name: str, content: bytes | IO[bytes]) -> None:
        """Written beside, onto the disk, then renamed: a visitor must never be served, and keep for a year, half of it."""
        if not is_plain_name(name):
            raise ValueError("a file may not be called so")
        target = self.folder / name
        try:
            self._make_folder(target.parent)
            self._write(target, content)
        except OSError as error:
            raise StorageAway(f"{self.folder.name}: {error.strerror or type(error).__name__}") from error

    def open(self, name: str) -> OpenedFile:
        try:
            stream = self._path(name).open("rb")
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            raise FileGone() from None
        except OSError as error:
            raise StorageAway(f"{self.folder.name}: {error.strerror or type(error).__name__}") from error
        return OpenedFile(stream, os.fstat(stream.fileno()).st_size)

    def find(self, name: str) -> StoredFile | None:
        try:
            path = self._path(name)
        except FileGone:
            return None
        return self._look_at(path, name) if path.is_file() else None

    def remove(self, name: str) -> None:
        with suppress(FileGone, FileNotFoundError, NotADirectoryError):
            path = self._path(name)
            try:
                path.unlink()
            except PermissionError as error:
                raise StorageAway(f"{self.folder.name}: {error.strerror}") from error

    def list(self) -> Iterator[StoredFile]:
        for folder, folders, names in os.walk(self.folder):
            folders.sort()
            for file_name in sorted(names):
                path = Path(folder) / file_name
                name = path.relative_to(self.folder).as_posix()
                if is_plain_name(name) and path.is_file():
                    found = self._look_at(path, name)
                    if found is not None:
                        yield found

    def _path(self, name: str) -> Path:
        if not is_plain_name(name):
            raise FileGone()
        return self.folder / name

    def _look_at(self, path: Path, name: str) -> StoredFile | None:
        try:
            about = path.stat()
        except FileNotFoundError:
            return None  # taken away since it was listed
        return StoredFile(name, about.st_size, datetime.fromtimestamp(about.st_mtime, UTC))

    def _make_folder(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        if self.folder.stat().st_mode & 0o777 != self._folder_mode:
            self.folder.chmod(self._folder_mode)  # whoever made it before may have been less careful

    def _write(self, target: Path, content: bytes | IO[bytes]) -> None:
        handle, temporary = tempfile.mkstemp(dir=target.parent, suffix=UNFINISHED)
        unfinished = Path(temporary)
        try:
            with os.fdopen(handle, "wb") as file:
                if isinstance(content, bytes):
                    file.write(content)
                else:
                    shutil.copyfileobj(content, file)
                if self._is_private:
                    # A paper is not sent twice: its row must not outlive it in a power cut. A picture can be.
                    file.flush()
                    os.fsync(file.fileno())
            unfinished.chmod(self._file_mode)
            unfinished.replace(target)
        except BaseException:
            unfinished.unlink(missing_ok=True)
            raise
