"""What an upgrade has done so far, on the disk before it does it: whoever finds it interrupted knows what is left to do."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from app.upgrade.swap import Unit

# The moments of an upgrade, and of going back. Up to "ready" an interrupted one is undone, from there on finished.
PREPARING, CLOSED, READY, DONE = "preparing", "closed", "ready", "done"


@dataclass
class Journal:
    """`touched` names what was changed and must be undone: "packages", "database". `foreign` are the database's tables
    that are not the shop's. `head_*` are migrations."""

    folder: Path
    phase: str = PREPARING
    is_back: bool = False
    version_from: str = ""
    version_to: str = ""
    head_from: str = ""
    head_to: str = ""
    backup: str = ""
    backup_orders: int = 0
    foreign: list[str] = field(default_factory=list)
    touched: list[str] = field(default_factory=list)
    packages: bool = False
    merged: list[str] = field(default_factory=list)
    # The finished upgrade before this one, which can still be gone back from when this one is undone.
    prior: dict[str, Any] | None = None
    units: list[Unit] = field(default_factory=list)

    def write(self, **changes: Any) -> None:
        """Note these changes, durably and in one step."""
        for name, value in changes.items():
            setattr(self, name, value)
        half = self.path.with_suffix(".part")
        with half.open("w") as file:
            json.dump(self.told(), file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        half.replace(self.path)

    def told(self) -> dict[str, Any]:
        """As it stands in the file."""
        return asdict(self) | {"folder": str(self.folder)}

    def touch(self, what: str) -> None:
        """Note that something is about to be changed."""
        self.write(touched=[*self.touched, what])

    @property
    def path(self) -> Path:
        return self.folder / "journal.json"

    def forget(self) -> None:
        """This one is over: the one before it counts again, if there is one."""
        if self.prior is None:
            self.path.unlink(missing_ok=True)
        else:
            _read(self.prior, self.folder).write()


def find_journal(folder: Path) -> Journal | None:
    """The journal of the last upgrade; None when there is none."""
    path = folder / "journal.json"
    if not path.is_file():
        return None
    return _read(json.loads(path.read_text()), folder)


def _read(values: dict[str, Any], folder: Path) -> Journal:
    return Journal(**values | {"folder": folder, "units": [Unit(**unit) for unit in values["units"]]})
