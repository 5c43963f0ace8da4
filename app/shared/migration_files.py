"""Which migrations a release has, read from its files without loading any of its code, nor Alembic."""

from __future__ import annotations

import re
from pathlib import Path

_REVISION = re.compile(r"^revision\b[^=\n]*=\s*[\"'](\w+)[\"']", re.MULTILINE)
_BEFORE = re.compile(r"^down_revision\b[^=\n]*=\s*[\"'](\w+)[\"']", re.MULTILINE)


def read_migration_files(folder: Path) -> tuple[set[str], set[str]]:
    """Those that none other follows (one, unless two branches were put together), and all there are."""
    texts = [path.read_text() for path in sorted((folder / "migrations" / "versions").glob("*.py"))]
    every = {found for text in texts for found in _REVISION.findall(text)}
    return every - {found for text in texts for found in _BEFORE.findall(text)}, every
