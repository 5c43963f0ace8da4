"""Notice files that no row names, and have them looked at again a day later.

They are not removed at once: a backup may be on its way whose rows, read before, still name them
(docs/backup.md, "One moment").
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice

from app.clearing.named import Named, named_papers, named_pictures
from app.extensions import db
from app.outbox.kinds import Kind
from app.outbox.post import post
from app.shared.transaction import retry_lost_races, transaction
from app.storage.contract import Shelf
from app.storage.shelves import Shelves

# A file is written before the row that names it, and a form may be sent again the next morning.
YOUNG = timedelta(days=1)
_BATCH = 200
# Of one day: a shop that was neglected for years is tidy after some.
_MOST = 10_000


def notice_unnamed(shelves: Shelves, *, now: datetime) -> int:
    """Post the second look at every file older than a day that no row names; returns how many. StorageAway as it comes."""
    papers = _unnamed(shelves.papers, named_papers, now - YOUNG)
    pictures = _unnamed(shelves.pictures, named_pictures, now - YOUNG)
    _post(papers, pictures, now)
    return len(papers) + len(pictures)


def _unnamed(shelf: Shelf, named: Named, before: datetime) -> list[str]:
    found: list[str] = []
    for names in _in_batches(_old_files(shelf, before)):
        known = named(names)
        db.session.rollback()  # nothing of the database is held while the store is asked for more
        found += [name for name in names if name not in known]
        if len(found) >= _MOST:
            break
    return found[:_MOST]


def _old_files(shelf: Shelf, before: datetime) -> Iterator[str]:
    return (file.name for file in shelf.list() if file.written_at < before)


def _in_batches(names: Iterable[str]) -> Iterator[list[str]]:
    left = iter(names)
    while batch := list(islice(left, _BATCH)):
        yield batch


@retry_lost_races
def _post(papers: list[str], pictures: list[str], now: datetime) -> None:
    with transaction():
        for names in _in_batches(papers):
            post(Kind.FILES_REMOVE, due_at=now + YOUNG, papers=names, pictures=[])
        for names in _in_batches(pictures):
            post(Kind.FILES_REMOVE, due_at=now + YOUNG, papers=[], pictures=names)
