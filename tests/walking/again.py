"""Many tries in one test, each of which finds the shop as the first one did."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from app.extensions import db


@contextmanager
def taken_back() -> Iterator[None]:
    """Whatever the block does to the database is undone after it. Only inside a test whose commits vanish anyway.

    The cache stays: all of it is kept under stamps, which come back with the rows (app/shared/stamps.py).
    """
    db.session.rollback()
    savepoint = db.engines[None].begin_nested()  # type: ignore[attr-defined]
    try:
        yield
    finally:
        db.session.rollback()
        savepoint.rollback()
        db.session.expire_all()
