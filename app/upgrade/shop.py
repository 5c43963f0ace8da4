"""What every step of an upgrade is handed: the shop's folders, and who is told."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from app.upgrade.closing import Closing
from app.upgrade.code import Code


@dataclass(frozen=True)
class Options:
    """`anyway`: although flask check finds something bad. `lose`: how many orders may be lost by going back to the backup."""

    anyway: bool = False
    replace_changed: bool = False
    only_check: bool = False
    to_backup: bool = False
    lose: int | None = None
    longest_wait: float = 130


@dataclass(frozen=True)
class Shop:
    """`folder` is where the release lies, `instance` the shop's own data; `say` takes a line for whoever looks on."""

    folder: Path
    instance: Path
    say: Callable[[str], None]
    closing: Closing

    @property
    def place(self) -> Path:
        """Where the upgrade keeps its own: on the same disk as the code, so that everything can be renamed."""
        return self.folder / ".upgrade"

    @property
    def new(self) -> Path:
        return self.place / "new"

    @property
    def before(self) -> Path:
        return self.place / "before"

    @property
    def after(self) -> Path:
        return self.place / "after"

    def code(self, folder: Path | None = None) -> Code:
        """The commands of the release in that folder; of the one that runs by default."""
        return Code(folder or self.folder, self.instance, self.place / "log")

    @property
    def version(self) -> str:
        return (self.folder / "VERSION").read_text().strip()

    def clear(self, *folders: Path) -> None:
        """Remove folders of the upgrade's own."""
        for folder in folders:
            shutil.rmtree(folder, ignore_errors=True)
