"""Write the whole shop into one file while it goes on selling."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from app.backup.archive import ArchiveWriter, Hashed, write_archive
from app.backup.cells import shape_of
from app.backup.files import list_files, shelves
from app.backup.manifest import SETTINGS, Manifest, TableRows
from app.backup.places import older_than_newest, stamped, written_when_whole
from app.backup.progress import Progress, Silent
from app.backup.refused import BackupRefused, storage_refused
from app.backup.rows import count_rows, read_rows
from app.backup.snapshot import snapshot
from app.backup.tables import all_tables
from app.backup.version import code_head, database_head, shop_version
from app.extensions import db
from app.settings import Settings
from app.shared.secret_box import secret_box
from app.storage.contract import FileGone, StorageAway

_CHUNK = 256 * 1024
_KEY_CHECK = "which key a backup is read with"


@dataclass(frozen=True)
class MadeBackup:
    """The file, its size in bytes, what it holds, and the older ones that went."""

    path: Path
    size: int
    manifest: Manifest
    dropped: tuple[Path, ...]


def make_backup(
    path: Path,
    *,
    settings: Settings,
    now: datetime,
    passphrase: str | None = None,
    keep: int = 0,
    progress: Progress | None = None,
) -> MadeBackup:
    """Write database, uploads, pictures and settings.toml as they are at one moment; orders may come in meanwhile.

    With `keep` the moment is put into the file's name, and only so many of that name stay. BackupRefused when the
    tables do not stand where this code needs them, or the file cannot be written; then nothing is left of it.
    """
    if not path.parent.is_dir():
        raise BackupRefused(f"There is no folder {path.parent}. Make it first, readable by nobody else.")
    target = stamped(path, now) if keep else path
    try:
        with written_when_whole(target, now) as file, write_archive(file, passphrase, now) as archive:
            manifest = write_shop(archive, db.engine, all_tables(), settings, now, progress or Silent())
    except StorageAway as away:
        raise storage_refused(away, "No backup was written") from None
    dropped = older_than_newest(path, keep) if keep else []
    for old in dropped:
        old.unlink(missing_ok=True)
    return MadeBackup(target, target.stat().st_size, manifest, tuple(dropped))


def key_checks() -> tuple[str, ...]:
    """Fingerprints by which a restore knows whether its DATA_KEY (and DATA_KEY_OLD) open what this shop encrypted."""
    return tuple(secret_box.fingerprints(_KEY_CHECK))


def write_shop(
    archive: ArchiveWriter,
    engine: Engine,
    tables: Sequence[sa.Table],
    settings: Settings,
    now: datetime,
    progress: Progress,
) -> Manifest:
    """Rows first, at one moment; then the files, among which by then are all that those rows name."""
    with snapshot(engine) as connection:
        migration = database_head(connection)
        if migration != code_head():
            raise BackupRefused("The tables are not at this version's: run `flask db upgrade`, then back up.")
        written = write_tables(archive, connection, tables, progress)
    _write_files(archive, settings, progress)
    manifest = Manifest(
        shop_version(), migration, now, engine.dialect.name, key_checks(), written, tuple(archive.members)
    )
    archive.finish(manifest)
    return manifest


def write_tables(
    archive: ArchiveWriter, connection: Connection, tables: Sequence[sa.Table], progress: Progress
) -> tuple[TableRows, ...]:
    """A member of JSON lines for each table, as this connection sees them."""
    shapes = [shape_of(table) for table in tables]
    counted = [TableRows(shape, count_rows(connection, shape.name)) for shape in shapes]
    progress.begin("Rows", sum(table.rows for table in counted), " rows")
    for table in counted:
        with archive.member(table.member) as member:
            for rows in read_rows(connection, table.shape):
                lines = (json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in rows)
                member.write("".join(f"{line}\n" for line in lines).encode())
                progress.advance(len(rows))
    return tuple(counted)


def _write_files(archive: ArchiveWriter, settings: Settings, progress: Progress) -> None:
    files = [(kept, name) for kept in shelves(settings) for name, _ in list_files(kept)]
    progress.begin("Files", len(files) + 1, " files")
    own = Path(settings.instance_path) / SETTINGS
    if own.is_file():
        with own.open("rb") as file, archive.member(SETTINGS) as member:
            _copy(file, member)
    progress.advance(1)
    for kept, name in files:
        # Gone since it was listed: no row of the snapshot names it.
        with (
            suppress(FileGone),
            closing(kept.shelf.open(name.removeprefix(kept.prefix)).stream) as file,
            archive.member(name, is_packed=False) as member,
        ):
            _copy(file, member)
        progress.advance(1)


def _copy(file: IO[bytes], member: Hashed) -> None:
    while chunk := file.read(_CHUNK):
        member.write(chunk)
