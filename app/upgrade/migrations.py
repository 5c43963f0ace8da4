"""Where a release's migrations end, read without loading any of its code."""

from __future__ import annotations

import re
from pathlib import Path

from app.upgrade.refused import UpgradeRefused

_REVISION = re.compile(r"^revision\b[^=\n]*=\s*[\"'](\w+)[\"']", re.MULTILINE)
_BEFORE = re.compile(r"^down_revision\b[^=\n]*=\s*[\"'](\w+)[\"']", re.MULTILINE)


def read_migrations(folder: Path) -> tuple[str, set[str]]:
    """The last migration of a release, and all it has."""
    texts = [path.read_text() for path in sorted((folder / "migrations" / "versions").glob("*.py"))]
    every = {found for text in texts for found in _REVISION.findall(text)}
    ends = every - {found for text in texts for found in _BEFORE.findall(text)}
    if len(ends) != 1:
        raise UpgradeRefused(
            f"The migrations of this release end in {len(ends)} places, where there must be one. A migration of your own must "
            "go first. Nothing was changed."
        )
    return ends.pop(), every
