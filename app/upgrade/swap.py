"""The old release out of the shop's folder and the new one in, by renames: begun and broken off, it is simply run again.

A unit is what is moved at once: a folder that is the release's alone, or a single file. Everything else in the shop's
folder (instance/, .venv/, pictures, what a host put there) is never touched.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from app.upgrade.own_changes import WHOLE_FOLDERS

# Last, so that a folder says the new version only when all of it is there.
_LAST = ("VERSION", "SHA256SUMS")


@dataclass(frozen=True)
class Unit:
    """A path in the shop's folder, and on which side it exists."""

    name: str
    is_folder: bool
    leaves: bool
    comes: bool

    def told(self) -> dict[str, Any]:
        return asdict(self)


def plan(old: Path, old_names: set[str], new: Path) -> list[Unit]:
    """Every unit of either release. `old_names` are the files of the old one."""
    new_names = {path.relative_to(new).as_posix() for path in new.rglob("*") if path.is_file()}
    names = {_unit_of(name) for name in old_names | new_names if "__pycache__" not in name}
    units = [
        Unit(name, name in WHOLE_FOLDERS, (old / name).exists(), (new / name).exists())
        for name in sorted(names)
    ]
    found = [unit for unit in units if unit.leaves or unit.comes]
    return sorted(found, key=lambda unit: (not unit.is_folder, unit.name in _LAST, unit.name))


def turned(units: list[Unit]) -> list[Unit]:
    """The same the other way round."""
    return [Unit(unit.name, unit.is_folder, unit.comes, unit.leaves) for unit in units]


def swap(
    units: list[Unit], shop: Path, away: Path, here: Path, step: Callable[[], None] = lambda: None
) -> None:
    """Move what is in the shop to `away`, and what is in `here` into the shop. `step` is told before each move.

    Run again after a stop at any moment, it does what was not done yet. `away` must have been empty at the first run.
    """
    for unit in units:
        there, kept, comes = shop / unit.name, away / unit.name, here / unit.name
        kept.parent.mkdir(parents=True, exist_ok=True)
        if unit.is_folder:
            if unit.leaves and not kept.exists() and there.exists():
                step()
                there.rename(kept)
            if comes.exists():
                step()
                there.parent.mkdir(parents=True, exist_ok=True)
                comes.rename(there)
        else:
            _swap_file(unit, there, kept, comes, step)
    for folder in {(root / unit.name).parent for unit in units for root in (shop, away)}:
        _keep(folder)


def _keep(folder: Path) -> None:
    """A power cut must not take back a rename that the journal is about to call done."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _swap_file(unit: Unit, there: Path, kept: Path, comes: Path, step: Callable[[], None]) -> None:
    """A file is never missing in between: it is copied away first, then replaced in one step."""
    if unit.leaves and not kept.exists() and there.exists():
        step()
        half = kept.with_name(kept.name + ".part")
        shutil.copy2(there, half)
        half.replace(kept)
    if comes.exists():
        step()
        there.parent.mkdir(parents=True, exist_ok=True)
        comes.replace(there)
    elif not unit.comes and kept.exists() and there.exists():
        step()
        there.unlink(missing_ok=True)


def _unit_of(name: str) -> str:
    return next((folder for folder in WHOLE_FOLDERS if name.startswith(f"{folder}/")), name)
