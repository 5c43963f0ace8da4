"""Keeps the searched words in step with the products: in the transaction that changes a product or a sku of it.

The back office saves by itself and imports save by the thousand, so no use case is trusted to say so: whatever a
session is about to commit is looked at here. Bulk statements that pass the session by call write_search_rows() or
rebuild_search() themselves.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects import mysql, sqlite
from sqlalchemy.orm import Session

from app.catalog.models import Product, Sku
from app.catalog.search_engines import full_text_of
from app.catalog.search_table import NAME_LENGTH, ProductSearch
from app.catalog.search_words import Indexed, fold, index_words
from app.extensions import db
from app.shared.stamps import Stamp, change_stamp
from app.shared.transaction import retry_lost_races, transaction

_BATCH = 500
_CHANGED = "products_to_search_anew"

_Rows = dict[int, tuple[str, str]]


def write_search_rows(session: Session, product_ids: Collection[int]) -> int:
    """In the open transaction: make these products' rows say what the products say. Returns how many were wrong.

    The row is locked before skus are read, so that of two people who each add a sku to one product the second sees
    both. Rows that are right already are left alone.
    """
    ids = sorted(product_ids)
    return sum(_write_batch(session, ids[start : start + _BATCH]) for start in range(0, len(ids), _BATCH))


def rebuild_search(progress: Callable[[int], object] = lambda _count: None) -> int:
    """Compare every row with its product, some hundred in each transaction, and mend what differs; returns how many did.

    The shop goes on meanwhile. `progress` is told how many products were looked at. Safe at any time and to run twice.
    """
    mended, last = 0, 0
    while ids := _next_ids(last):
        mended += _rebuild_batch(last, ids)
        progress(len(ids))
        last = ids[-1]
    _mend_full_text()
    return mended


@retry_lost_races
def _mend_full_text() -> None:
    with transaction() as session:
        full_text_of(session.get_bind().dialect.name).mend(session.connection())
        # Whatever was wrong: what was found with it is not to be shown any more.
        change_stamp(session, Stamp.CATALOGUE)


@retry_lost_races
def _rebuild_batch(after: int, ids: Sequence[int]) -> int:
    with transaction() as session:
        between = (ProductSearch.product_id > after) & (ProductSearch.product_id <= ids[-1])
        there = session.scalars(sa.select(ProductSearch.product_id).where(between))
        return write_search_rows(session, {*ids, *there})


def _next_ids(after: int) -> list[int]:
    """The next ids of products, or of rows that outlived theirs."""
    kinds = (Product.id, ProductSearch.product_id)
    found = (
        set(db.session.scalars(sa.select(each).where(each > after).order_by(each).limit(_BATCH)))
        for each in kinds
    )
    return sorted(set().union(*found))[:_BATCH]


def _write_batch(session: Session, ids: Sequence[int]) -> int:
    rows = sa.select(ProductSearch.product_id, ProductSearch.name, ProductSearch.words)
    rows = rows.where(ProductSearch.product_id.in_(ids)).order_by(ProductSearch.product_id).with_for_update()
    there: _Rows = {each.product_id: (each.name, each.words) for each in session.execute(rows)}
    wanted = dict(_read_products(session, ids))
    gone = sorted(there.keys() - wanted.keys())
    changed = [each for each, row in wanted.items() if there.get(each) != row]
    if gone:
        session.execute(sa.delete(ProductSearch.__table__).where(ProductSearch.product_id.in_(gone)))
    if changed:
        values = [{"product_id": each, "name": wanted[each][0], "words": wanted[each][1]} for each in changed]
        session.execute(_insert_or_change(session), values)
    return len(gone) + len(changed)


def _read_products(session: Session, ids: Sequence[int]) -> Iterator[tuple[int, tuple[str, str]]]:
    codes: dict[int, list[str]] = defaultdict(list)
    skus = sa.select(Sku.product_id, Sku.code, Sku.barcode).where(Sku.product_id.in_(ids), Sku.is_active)
    for product_id, code, barcode in session.execute(skus.order_by(Sku.product_id, Sku.position, Sku.id)):
        codes[product_id] += [each for each in (code, barcode) if each]
    columns = (
        Product.id,
        Product.name,
        Product.brand,
        Product.summary,
        Product.category_id,
        Product.is_active,
    )
    for row in session.execute(sa.select(*columns).where(Product.id.in_(ids))):
        facts = Indexed(row.name, row.brand, row.summary, row.category_id, tuple(codes[row.id]))
        yield row.id, (fold(row.name)[:NAME_LENGTH], index_words(facts) if row.is_active else "")


def _insert_or_change(session: Session) -> Any:
    """One statement for new rows and old: two at once that both miss a row do not trip over each other."""
    if session.get_bind().dialect.name == "sqlite":
        put = sqlite.insert(ProductSearch.__table__)
        values = {"name": put.excluded.name, "words": put.excluded.words}
        return put.on_conflict_do_update(index_elements=["product_id"], set_=values)
    change = mysql.insert(ProductSearch.__table__)
    return change.on_duplicate_key_update(name=change.inserted.name, words=change.inserted.words)


@event.listens_for(Session, "after_flush")
def _note_changes(session: Session, _context: Any) -> None:
    touched: set[int] = session.info.setdefault(_CHANGED, set())
    for rows in (session.new, session.dirty, session.deleted):
        touched.update(row.id for row in rows if isinstance(row, Product))
        touched.update(row.product_id for row in rows if isinstance(row, Sku))


@event.listens_for(Session, "before_commit")
def _write_changes(session: Session) -> None:
    session.flush()
    touched: set[int] = session.info.pop(_CHANGED, set())
    if touched:
        write_search_rows(session, touched)


@event.listens_for(Session, "after_soft_rollback")
def _forget_changes(session: Session, rolled_back: Any) -> None:
    """What a savepoint takes back is looked at all the same: it is found to be right."""
    if not rolled_back.nested:
        session.info.pop(_CHANGED, None)
