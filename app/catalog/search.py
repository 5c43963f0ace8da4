"""Search: what was typed, and the products that fit it, best first."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import ColumnElement, Select, case, literal, select, union_all
from sqlalchemy.orm import InstrumentedAttribute

from app.catalog import search_rows  # noqa: F401  # keeps what is searched in step with what is sold
from app.catalog.models import Product, Sku
from app.catalog.queries import PAGE_SIZE, PageOfIds, clamp_page
from app.catalog.search_engines import FullText, full_text_of
from app.catalog.search_table import ProductSearch
from app.catalog.search_words import Wanted, ask_for_anything, ask_for_names, clean, fold
from app.catalog.tree import CategoryNode, list_category_tree
from app.extensions import db
from app.shared.kept import keep
from app.shared.stamps import Stamp

# Nobody reads further; and it bounds what one search may cost.
MOST_RESULTS = 240
# So many of those that fit are put in order. Of a word that a tenth of the catalogue has, that is some of them: whoever
# looks for one thing among thousands adds a word.
_MOST_RANKED = 500
# One product may have some skus that begin alike.
_MOST_SKUS = 2 * MOST_RESULTS
# A word of a category's name finds what is in it; so many categories count for one word.
_MOST_CATEGORIES = 50
_LONGEST_CODE, _LONGEST_BARCODE = 40, 20

# In this order: it is the code, the code begins so, the name begins so, all words are in the name, they are anywhere.
_EXACT, _CODE, _NAME_START, _NAME, _ANYWHERE = range(5)


def search_products(text: str, page: int) -> PageOfIds:
    """Ids of active products for what was typed, best first; one query, none for an empty text or what is still kept.

    First whose sku or barcode it is exactly, then whose sku or barcode begins with it, then those that have every word
    in their name or brand (whose name begins with the text before the others), then those that have them anywhere:
    summary, skus, category. Words need only begin as typed. At most MOST_RESULTS.
    """
    cleaned = clean(text)
    if not cleaned:
        return PageOfIds((), 1, 0)
    # What was found is the same for everybody, and people look at its pages and for the same things.
    key = hashlib.blake2b(fold(cleaned).encode(), digest_size=16).hexdigest()
    found = keep("search", key, [Stamp.CATALOGUE], lambda: tuple(_rank(cleaned)[: MOST_RESULTS + 1]))
    count = min(len(found), MOST_RESULTS)
    page = clamp_page(page, count)
    shown = found[:MOST_RESULTS][(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    return PageOfIds(tuple(shown), page, count, is_cut=len(found) > MOST_RESULTS)


def _rank(text: str) -> list[int]:
    """Product ids in order of rank, each once; within a rank by what was found: the code or the name."""
    engine = full_text_of(db.engine.dialect.name)
    looks = [*_by_code(text, engine), *_by_words(text, engine)]
    if not looks:
        return []
    rows = db.session.execute(union_all(*(_in_brackets(look) for look in looks)))
    exact = {text.upper(), "".join(text.split())}
    ranked = sorted(
        (_EXACT if rank == _CODE and said in exact else rank, said, product_id)
        for product_id, rank, said in rows
    )
    return list(dict.fromkeys(product_id for _rank, _said, product_id in ranked))


def _by_code(text: str, engine: FullText) -> Iterator[Select[Any]]:
    barcode = "".join(text.split())
    if len(text) <= _LONGEST_CODE:
        yield _starting(Sku.code, text.upper(), engine)
    if barcode.isascii() and barcode.isdigit() and len(barcode) <= _LONGEST_BARCODE:
        yield _starting(Sku.barcode, barcode, engine)


def _starting(column: InstrumentedAttribute[str], text: str, engine: FullText) -> Select[Any]:
    """Straight from the column's index, in its order: the shortest first, and never more than are shown.

    The skus first and by themselves: a database that knows nothing of its rows yet begins with all products otherwise.
    """
    codes = select(Sku.product_id, column.label("said")).where(
        engine.begins_with(column, text), Sku.is_active
    )
    first = codes.order_by(column).limit(_MOST_SKUS).subquery()
    query: Any = select(first.c.product_id, literal(_CODE).label("rank"), first.c.said)
    return query.join(Product, Product.id == first.c.product_id).where(Product.is_active)  # type: ignore[no-any-return]


def _by_words(text: str, engine: FullText) -> Iterator[Select[Any]]:
    in_name = ask_for_names(text)
    if not in_name:
        return
    begins = ProductSearch.name.startswith(fold(text), autoescape=True)
    yield _fitting(in_name, case((begins, _NAME_START), else_=_NAME), engine).limit(MOST_RESULTS + 1)
    # Twice as many: those that have it in their names are among them once more.
    anywhere = ask_for_anything(text, dict(_name_categories(list_category_tree())), _MOST_CATEGORIES)
    yield _fitting(anywhere, literal(_ANYWHERE), engine).limit(2 * MOST_RESULTS + 1)


def _fitting(wanted: Wanted, rank: ColumnElement[int], engine: FullText) -> Select[Any]:
    fits = engine.select_fitting(wanted, _MOST_RANKED).subquery()
    query: Any = select(ProductSearch.product_id, rank.label("rank"), ProductSearch.name.label("said"))
    query = query.join(fits, fits.c.product_id == ProductSearch.product_id)
    return query.order_by("rank", "said", ProductSearch.product_id)  # type: ignore[no-any-return]


def _in_brackets(query: Select[Any]) -> Select[Any]:
    """Neither engine takes an order and a limit inside a UNION without them."""
    return select(query.subquery())


def _name_categories(nodes: Iterable[CategoryNode], above: str = "") -> Iterator[tuple[int, str]]:
    for node in nodes:
        named = f"{above} {node.name}"
        yield node.id, named
        yield from _name_categories(node.children, named)
