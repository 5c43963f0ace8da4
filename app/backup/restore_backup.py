"""Make the shop what a backup says it was: everything is checked first, and it happens wholly or not at all."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from redis.exceptions import RedisError
from sqlalchemy import Engine

from app.backup.archive import ArchiveReader, open_archive
from app.backup.files import FilesInPlace, clear_folder
from app.backup.make_backup import key_checks
from app.backup.manifest import SETTINGS, Manifest
from app.backup.progress import Progress, Silent
from app.backup.publish import Target, check_target, look_at, publish
from app.backup.refused import BackupRefused, RestoreUnclear, storage_refused
from app.backup.staging import load, open_jobs, skip_numbers, staged_database
from app.backup.version import is_known_migration, shop_version
from app.extensions import cache, db
from app.settings import Settings
from app.shared.version_order import is_newer
from app.storage.contract import StorageAway

_STAGING = ".restore"
_SETTINGS_BESIDE = "settings.from-backup.toml"


@dataclass(frozen=True, kw_only=True)
class RestoreBackup:
    """`replace`: the shop that is there may go. `only_check`: stop before anything changes."""

    path: Path
    passphrase: str | None = None
    replace: bool = False
    only_check: bool = False
    skip_numbers: int = 0


@dataclass(frozen=True, kw_only=True)
class Restored:
    """What came back; `settings_beside` is where the backup's settings lie if they are not the present ones."""

    manifest: Manifest
    open_jobs: int
    files_removed: int = 0
    settings_beside: Path | None = None


def restore_backup(
    command: RestoreBackup, *, settings: Settings, progress: Progress | None = None
) -> Restored:
    """Check the file, load its rows into a staged database, then replace files and rows of the shop.

    BackupRefused, with nothing changed, when the file is damaged, under another passphrase or DATA_KEY, of a newer
    version, when its rows do not fit, or when there is a shop and `replace` was not said.
    """
    told = progress or Silent()
    instance = Path(settings.instance_path)
    with open_archive(command.path, command.passphrase) as archive, _staging(instance) as folder:
        check_fits(archive.manifest)
        archive.check_members(told)
        db.session.rollback()
        target = look_at(db.engine)
        files = _look_at_files(settings, folder)
        if not command.only_check:
            _check_target(command, target, files)
        with staged_database(folder / "shop.db", target.page_size) as staged:
            load(archive, staged, told)
            jobs = open_jobs(staged)
            if command.only_check:
                return Restored(manifest=archive.manifest, open_jobs=jobs)
            skip_numbers(staged, command.skip_numbers)
            _put_in_place(archive, files, staged, target, told)
        removed = _take_old_away(files)
        beside = _keep_settings(archive, instance)
    with suppress(RedisError, OSError):  # a cache that cannot be reached is forgotten by its own time-outs
        cache.clear()
    return Restored(manifest=archive.manifest, open_jobs=jobs, files_removed=removed, settings_beside=beside)


def check_fits(manifest: Manifest) -> None:
    """BackupRefused for a backup of a newer version, or one whose secrets this shop's DATA_KEY does not open."""
    mine = shop_version()
    if is_newer(manifest.shop_version, mine):
        raise BackupRefused(
            f"This backup was made by Tradepost {manifest.shop_version}, and this is {mine}. "
            "Install that version or a newer one, then restore. Nothing was changed."
        )
    if not is_known_migration(manifest.migration):
        raise BackupRefused(
            f"The backup's tables stand at migration {manifest.migration}, which this Tradepost ({mine}) does not have. "
            "Restore it with the version it was made with, or a newer one. Nothing was changed."
        )
    if not set(manifest.key_checks) <= set(key_checks()):
        raise BackupRefused(
            "This backup was made under another DATA_KEY, so this shop could not read its tax numbers. Take the key out of "
            "it (`python -m app.backup.take_settings FILE`) and give it as DATA_KEY, or as DATA_KEY_OLD with "
            "`flask rotate-keys` afterwards. Nothing was changed."
        )


def _check_target(command: RestoreBackup, target: Target, files: FilesInPlace) -> None:
    check_target(target, db.engine)
    if not command.replace and (target.has_rows or files.are_there):
        what = "is a shop in the database" if target.has_rows else "are files of a shop"
        raise BackupRefused(
            f"There {what} already, and restoring would end it. Make a backup of it, then say --replace. "
            "Nothing was changed."
        )


def _look_at_files(settings: Settings, folder: Path) -> FilesInPlace:
    try:
        return FilesInPlace(settings, folder)
    except StorageAway as away:
        raise storage_refused(away, "Nothing was changed") from None


def _put_in_place(
    archive: ArchiveReader, files: FilesInPlace, staged: Engine, target: Target, progress: Progress
) -> None:
    try:
        files.unpack(archive, progress)
        files.add()
        publish(staged, db.engine, target, progress)
    except RestoreUnclear:
        raise  # the rows may be there: their files stay, and hurt nobody if they are not
    except (BackupRefused, OSError):
        files.take_back()
        raise
    except StorageAway as away:
        with suppress(StorageAway):  # what stays is cleared away once no row names it
            files.take_back()
        raise storage_refused(away, "Nothing was changed") from None


def _take_old_away(files: FilesInPlace) -> int:
    try:
        return files.finish()
    except StorageAway as away:
        so = "The shop is the backup's, but files of the one before are still there: restore once more with --replace"
        raise storage_refused(away, so) from None


@contextmanager
def _staging(instance: Path) -> Iterator[Path]:
    """A folder on the instance's own disk for one restore at a time; what a killed one left in it is thrown away."""
    instance.mkdir(parents=True, exist_ok=True)
    handle = os.open(instance, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise BackupRefused("Another restore is running in this shop. Nothing was changed.") from None
        folder = instance / _STAGING
        clear_folder(folder)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(handle)


def _keep_settings(archive: ArchiveReader, instance: Path) -> Path | None:
    """Settings belong to a machine: they are put in place only where there are none, else beside, to be compared."""
    found = [member for member in archive.manifest.members if member.name == SETTINGS]
    if not found:
        return None
    content = b"".join(archive.chunks(found[0]))
    own = instance / SETTINGS
    if own.is_file() and own.read_bytes() == content:
        return None
    target = instance / _SETTINGS_BESIDE if own.is_file() else own
    write_private(target, content)
    return target


def write_private(path: Path, content: bytes) -> None:
    """Write a file only this user may read."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        os.fchmod(file.fileno(), 0o600)  # it may have been there, open to others
        file.write(content)
