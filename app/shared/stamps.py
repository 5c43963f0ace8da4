"""Stamps: what is kept in the cache is kept under one, and whoever changes what it was made of changes the stamp.

The stamp stands in the database and changes in the same commit as the rows, so that every process, whichever machine it
runs on and whether there is a Redis or not, asks afresh on its next page. A stamp is chance, never a number that counts
up: after a restore the old rows come back with the stamp they had, and what was kept under it is true again.
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from flask import g, has_request_context
from sqlalchemy import Row, String, event, insert, select, update
from sqlalchemy.orm import Mapped, ORMExecuteState, Session, mapped_column

from app.extensions import db


class Stamp(StrEnum):
    """What changes together: products and what they are shown with; price lists; what the owner sets."""

    CATALOGUE = "catalogue"
    PRICES = "prices"
    SHOP = "shop"


class Stamps(db.Model):  # type: ignore[name-defined,misc]
    """All stamps: always one row, with id 1."""

    __tablename__ = "stamps"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=1)
    catalogue: Mapped[str] = mapped_column(String(16), default="")
    prices: Mapped[str] = mapped_column(String(16), default="")
    shop: Mapped[str] = mapped_column(String(16), default="")


_COLUMNS = (Stamps.catalogue, Stamps.prices, Stamps.shop)
_READ = select(*_COLUMNS).where(Stamps.id == 1)
# The same beside something else, for a query that every page asks anyway.
STAMP_COLUMNS = tuple(
    select(each).where(Stamps.id == 1).scalar_subquery().label(f"stamp_{each.key}") for each in _COLUMNS
)
_CHANGED = "stamps_to_change"
_by_table: dict[str, set[Stamp]] = defaultdict(set)


def stamped(stamp: Stamp, *models: type) -> None:
    """Have the stamp change with every commit that touched a row of these tables, whoever did it: the back office saves
    by itself, so no use case could be trusted to say so."""
    for model in models:
        _by_table[model.__tablename__].add(stamp)  # type: ignore[attr-defined]


def change_stamp(session: Session, stamp: Stamp) -> None:
    """Have it change with the transaction that is open now, for what no row of those tables tells."""
    session.info[_CHANGED] = session.info.get(_CHANGED, set()) | {stamp}


def find_stamp(stamps: Iterable[Stamp]) -> str | None:
    """The present stamps as one text; None where nothing may be kept now: before the first stamp, and while this very
    session holds changes that others do not see yet."""
    if db.session.info.get(_CHANGED):
        return None
    known = _read_stamps()
    parts = [known.get(each, "") for each in stamps]
    return ".".join(parts) if all(parts) else None


def remember_stamps(row: Row[Any]) -> None:
    """Take the stamps from a row that a query for something else brought along (STAMP_COLUMNS)."""
    g.stamps = {each: getattr(row, f"stamp_{each}") or "" for each in Stamp}


def _read_stamps() -> dict[Stamp, str]:
    """Once a request: a page shows the state of one moment."""
    if has_request_context() and "stamps" in g:
        known: dict[Stamp, str] = g.stamps
        return known
    row = db.session.execute(_READ).one_or_none()
    known = {each: getattr(row, each) for each in Stamp} if row else {}
    if has_request_context():
        g.stamps = known
    return known


def _change_stamps(session: Session) -> None:
    """The last statement of a commit, so that the row all of them write is locked for a moment only."""
    if session.new or session.dirty or session.deleted:
        session.flush()
    changed = session.info.get(_CHANGED)
    if not changed:
        return
    values = {each.value: secrets.token_hex(6) for each in sorted(changed)}
    result: Any = session.execute(
        update(Stamps).where(Stamps.id == 1).values(values),
        execution_options={"synchronize_session": False},
    )
    if result.rowcount == 0:
        session.execute(
            insert(Stamps).values({**{each.value: secrets.token_hex(6) for each in Stamp}, "id": 1})
        )


def _note_flushed(session: Session, _context: Any) -> None:
    _note(
        session, {row.__tablename__ for rows in (session.new, session.dirty, session.deleted) for row in rows}
    )


def _note_statement(state: ORMExecuteState) -> None:
    if state.is_select or not (state.is_insert or state.is_update or state.is_delete):
        return
    _note(state.session, {getattr(state.statement.table, "name", "")})  # type: ignore[attr-defined]


def _note(session: Session, tables: set[str]) -> None:
    touched = {stamp for table in tables for stamp in _by_table.get(table, ())}
    if touched:
        session.info[_CHANGED] = session.info.get(_CHANGED, set()) | touched


def _forget(session: Session) -> None:
    if session.info.pop(_CHANGED, None) and has_request_context():
        g.pop("stamps", None)


event.listen(Session, "after_flush", _note_flushed)
event.listen(Session, "do_orm_execute", _note_statement)
event.listen(Session, "before_commit", _change_stamps)
event.listen(Session, "after_commit", _forget)
event.listen(Session, "after_rollback", _forget)
