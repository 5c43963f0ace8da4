"""Where a backup is written: beside first, under its name when whole; and how many older ones stay."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO

from app.backup.refused import BackupRefused

_STAMP = "%Y-%m-%dT%H%M%SZ"
_STAMPED = r"\d{4}-\d{2}-\d{2}T\d{6}Z"
_UNFINISHED = ".part"
# What a killed backup left behind; no backup takes so long.
_ABANDONED = timedelta(days=1)


def stamped(path: Path, now: datetime) -> Path:
    """The name with the moment (UTC) in it: shop.zip becomes shop-2026-11-20T160000Z.zip."""
    return path.with_name(f"{path.stem}-{now.strftime(_STAMP)}{path.suffix}")


def older_than_newest(path: Path, keep: int) -> list[Path]:
    """The stamped backups of this name beside `path` that are not among the newest `keep`, oldest first."""
    pattern = re.compile(re.escape(path.stem) + "-" + _STAMPED + re.escape(path.suffix))
    found = sorted(each for each in path.parent.iterdir() if pattern.fullmatch(each.name) and each.is_file())
    return found[: max(0, len(found) - keep)]


@contextmanager
def written_when_whole(path: Path, now: datetime) -> Iterator[IO[bytes]]:
    """A file nobody else may read, that gets its name at the end; nothing stays of it when the block raises.

    BackupRefused when the folder is not there, cannot be written to, or is full.
    """
    _clear_abandoned(path, now)
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-", suffix=_UNFINISHED)
    except OSError as error:
        raise BackupRefused(f"{path} cannot be written: {error.strerror}.") from None
    unfinished = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except OSError as error:
        raise BackupRefused(f"{path} could not be written: {error.strerror or error}.") from error
    finally:
        unfinished.unlink(missing_ok=True)


def _clear_abandoned(path: Path, now: datetime) -> None:
    for left in path.parent.glob(f".{path.name}-*{_UNFINISHED}"):
        if now.timestamp() - left.stat().st_mtime > _ABANDONED.total_seconds():
            left.unlink(missing_ok=True)
