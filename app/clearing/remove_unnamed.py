"""Take away files that no row named a day ago, and none names now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import structlog

from app.clearing.named import Named, named_papers, named_pictures
from app.clearing.notice_unnamed import YOUNG
from app.extensions import db
from app.storage.contract import Shelf
from app.storage.shelves import Shelves

log = structlog.get_logger("tradepost.clearing")


def remove_unnamed(shelves: Shelves, *, papers: Sequence[str], pictures: Sequence[str], now: datetime) -> int:
    """Remove those of the files that are still named by nobody and still old; returns how many went, each in the log."""
    removed = _remove(shelves.papers, "papers", papers, named_papers, now)
    return removed + _remove(shelves.pictures, "pictures", pictures, named_pictures, now)


def _remove(shelf: Shelf, kind: str, names: Sequence[str], named: Named, now: datetime) -> int:
    removed = 0
    for name in names:
        file = shelf.find(name)
        # Written anew meanwhile: somebody is about to name it again.
        if file is None or file.written_at >= now - YOUNG:
            continue
        is_named = bool(named([name]))
        db.session.rollback()
        if not is_named:
            shelf.remove(name)
            log.warning("file_removed", kind=kind, name=name, size=file.size)
            removed += 1
    return removed
