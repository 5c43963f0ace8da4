"""Plain search. One function behind which a better engine can take its place."""

from __future__ import annotations

import unicodedata
from typing import Any

from sqlalchemy import Select, case, or_, select, union_all

from app.catalog.models import Product, Sku
from app.catalog.queries import PAGE_SIZE, PageOfIds, clamp_page
from app.extensions import db

# Nobody reads further; and it bounds what one search may cost.
MOST_RESULTS = 240
LONGEST_TEXT = 100
_MOST_WORDS = 6
_LONGEST_BARCODE = 20

_EXACT, _CODE, _NAME_START, _NAME = range(4)


def search_products(text: str, page: int) -> PageOfIds:
    """Ids of active products for what was typed, best first; one query, none for an empty text.

    First whose sku or barcode it is exactly, then whose sku or barcode begins with it, then those that have every word
    in their name or brand (whose name begins with the text before the others). At most MOST_RESULTS.
    """
    cleaned = clean(text)
    if not cleaned:
        return PageOfIds((), 1, 0)
    found = _rank(cleaned)
    count = min(len(found), MOST_RESULTS)
    page = clamp_page(page, count)
    shown = found[:MOST_RESULTS][(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    return PageOfIds(tuple(shown), page, count, is_cut=len(found) > MOST_RESULTS)


def clean(text: str) -> str:
    """Spaces made single, odd letters made plain (NFKC), unprintable ones dropped, cut to a sane length."""
    printable = "".join(
        letter if letter.isprintable() else " " for letter in unicodedata.normalize("NFKC", text)
    )
    return " ".join(printable.split())[:LONGEST_TEXT].strip()


def _rank(text: str) -> list[int]:
    """Product ids in order of rank, each once."""
    parts = union_all(_by_code(text), _by_name(text)).subquery()
    query = (
        select(parts.c.id)
        .group_by(parts.c.id)
        .order_by(db.func.min(parts.c.rank), db.func.min(parts.c.position), parts.c.id)
        .limit(MOST_RESULTS + 1)
    )
    return list(db.session.scalars(query))


def _by_code(text: str) -> Select[Any]:
    code, barcode = text.upper(), "".join(text.split())
    matches = [Sku.code.startswith(code, autoescape=True)]
    exact = Sku.code == code
    if barcode.isascii() and barcode.isdigit() and len(barcode) <= _LONGEST_BARCODE:
        matches.append(Sku.barcode.startswith(barcode, autoescape=True))
        exact = exact | (Sku.barcode == barcode)
    return (
        select(Product.id.label("id"), case((exact, _EXACT), else_=_CODE).label("rank"), Product.position)
        .select_from(Sku)
        .join(Product, Product.id == Sku.product_id)
        .where(or_(*matches), Sku.is_active, Product.is_active)
    )


def _by_name(text: str) -> Select[Any]:
    rank = case((Product.name.startswith(text, autoescape=True), _NAME_START), else_=_NAME)
    query = select(Product.id.label("id"), rank.label("rank"), Product.position).where(Product.is_active)
    for word in text.split()[:_MOST_WORDS]:
        part = _singular(word)
        query = query.where(
            Product.name.contains(part, autoescape=True) | Product.brand.contains(part, autoescape=True)
        )
    return query


def _singular(word: str) -> str:
    """ "mugs" finds "Mug": contained in the name is all that is asked."""
    return word[:-1] if len(word) > 3 and word.lower().endswith("s") else word
