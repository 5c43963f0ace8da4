"""Whether the disk has room: asked by really taking it, because a quota shows nowhere else."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path

from app.upgrade.refused import UpgradeRefused

_MEGABYTE = 1024 * 1024
_SPARE = 20 * _MEGABYTE
# More is not taken on trial: on some disks every byte of it would really be written.
_MOST_TRIED = 256 * _MEGABYTE


def size_of(*folders: Path) -> int:
    """The bytes of every file below these folders."""
    found = (path for folder in folders if folder.is_dir() for path in folder.rglob("*"))
    return sum(path.stat().st_size for path in found if path.is_file() and not path.is_symlink())


def check_room(folder: Path, needed: int) -> None:
    """UpgradeRefused unless so many bytes, and some to spare, can be written there."""
    needed += _SPARE
    free = shutil.disk_usage(folder).free
    trial = folder / "room.part"
    try:
        with trial.open("wb") as file:
            has_room = free >= needed
            if has_room:
                os.posix_fallocate(file.fileno(), 0, min(needed, _MOST_TRIED))
    except OSError:
        has_room = False
    finally:
        with suppress(OSError):
            trial.unlink(missing_ok=True)
    if not has_room:
        raise UpgradeRefused(
            f"There is not enough room: the upgrade and its backup need {needed // _MEGABYTE:,} MB. Delete what you no longer "
            "need (old backups, log files), or ask your host for more. Nothing was changed."
        )
