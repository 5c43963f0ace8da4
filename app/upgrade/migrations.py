"""Where a release's migrations end, read without loading any of its code."""

from __future__ import annotations

from pathlib import Path

from app.shared.migration_files import read_migration_files
from app.upgrade.refused import UpgradeRefused


def read_migrations(folder: Path) -> tuple[str, set[str]]:
    """The last migration of a release, and all it has."""
    ends, every = read_migration_files(folder)
    if len(ends) != 1:
        raise UpgradeRefused(
            f"The migrations of this release end in {len(ends)} places, where there must be one. A migration of your own must "
            "go first. Nothing was changed."
        )
    return ends.pop(), every
