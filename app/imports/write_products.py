"""Writes a batch of products or skus inside the import's transaction, with a fixed number of queries a batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.catalog.models import Product, Sku
from app.extensions import db
from app.imports.category_paths import CategoryPaths
from app.imports.product_rows import ProductFacts, SkuFacts
from app.imports.report import ImportReport
from app.imports.table import RowError
from app.inventory.models import Stock

_PRODUCT_COLUMNS = {"product": "name", "brand": "brand", "summary": "summary", "description": "description"}
_SKU_COLUMNS = {
    "price": "price_cents",
    "options": "options",
    "barcode": "barcode",
    "case_pack": "case_pack",
    "minimum_quantity": "minimum_quantity",
    "weight": "weight_grams",
    "tax": "tax_class",
    "active": "is_active",
}


def write_products(
    batch: Sequence[ProductFacts], paths: CategoryPaths, report: ImportReport, now: datetime
) -> dict[str, int]:
    """Add or change the products; gives their ids by handle."""
    handles = [facts.handle for facts in batch]
    rows = {row.slug: row for row in db.session.scalars(select(Product).where(Product.slug.in_(handles)))}
    for facts in batch:
        values = _named(facts.values, _PRODUCT_COLUMNS)
        values["category_id"] = paths.find_or_add(facts.values["category"])
        row = rows.get(facts.handle)
        if row is None:
            rows[facts.handle] = row = Product(slug=facts.handle, created_at=now, updated_at=now, **values)
            db.session.add(row)
            report.new_products += 1
        elif _change(row, values):
            row.updated_at = now
            report.changed_products += 1
    db.session.flush()
    ids = {handle: rows[handle].id for handle in handles}
    db.session.expunge_all()  # a large file must not fill the memory with what is done
    return ids


def write_skus(
    batch: Sequence[SkuFacts], product_ids: Mapping[str, int], report: ImportReport
) -> list[RowError]:
    """Add or change the skus; a new one gets its stock. Gives back those that belong to another product already."""
    query = select(Sku, Product.slug).join(Product, Product.id == Sku.product_id)
    found = db.session.execute(query.where(Sku.code.in_([facts.code for facts in batch])))
    known = {sku.code: (sku, slug) for sku, slug in found}
    errors: list[RowError] = []
    added: list[tuple[Sku, int]] = []
    for facts in batch:
        values = _named(facts.values, _SKU_COLUMNS)
        if facts.code not in known:
            added.append((_add(facts, values, product_ids[facts.handle]), facts.values.get("stock", 0)))
            continue
        sku, slug = known[facts.code]
        if slug != facts.handle:
            errors.append(_of_another(facts, slug))
            continue
        report.changed_skus += _change(sku, values)
        report.stock_left_alone += "stock" in facts.values
    report.new_skus += len(added)
    db.session.flush()
    db.session.add_all(Stock(sku_id=sku.id, available=units, received=units) for sku, units in added)
    db.session.flush()
    db.session.expunge_all()
    return errors


def _add(facts: SkuFacts, values: Mapping[str, Any], product_id: int) -> Sku:
    sku = Sku(code=facts.code, product_id=product_id, **values)
    db.session.add(sku)
    return sku


def _named(values: Mapping[str, Any], columns: Mapping[str, str]) -> dict[str, Any]:
    return {attribute: values[column] for column, attribute in columns.items() if column in values}


def _change(row: Product | Sku, values: Mapping[str, Any]) -> bool:
    """Set what differs; whether anything did."""
    changed = {name: value for name, value in values.items() if getattr(row, name) != value}
    for name, value in changed.items():
        setattr(row, name, value)
    return bool(changed)


def _of_another(facts: SkuFacts, slug: str) -> RowError:
    words = (
        f"This SKU is part of another product. To rename or change that one, write {slug} "
        "into the column handle; otherwise give this row a SKU of its own."
    )
    return RowError(facts.row, "sku", facts.code, words)
