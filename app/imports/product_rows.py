"""What a row of a product file says of its sku and of the product it belongs to. Pure.

An empty cell says nothing: what is there stays, and what is new gets its usual value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from app.catalog.slugs import make_slug
from app.imports import cells
from app.imports.table import Row, RowError

REQUIRED = ("sku", "product", "category", "price")
# Columns of the product; the rows of one product must agree on each.
_OF_PRODUCT: dict[str, Callable[[str], Any]] = {
    "product": lambda text: cells.read_words(text, 120),
    "category": cells.read_category_path,
    "handle": cells.read_handle,
    "brand": lambda text: cells.read_words(text, 80),
    "summary": lambda text: cells.read_words(text, 200),
    "description": lambda text: cells.read_words(text, 10_000),
}
_OF_SKU: dict[str, Callable[[str], Any]] = {
    "sku": cells.read_code,
    "price": cells.read_price,
    "options": cells.read_options,
    "barcode": cells.read_barcode,
    "case_pack": lambda text: cells.read_whole(text, 1, 10_000),
    "minimum_quantity": lambda text: cells.read_whole(text, 1, 100_000),
    "weight": cells.read_weight,
    "tax": cells.read_tax_class,
    "active": cells.read_yes_no,
    "stock": lambda text: cells.read_whole(text, 0, 10_000_000),
}
KNOWN = (*_OF_PRODUCT, *_OF_SKU)


@dataclass(frozen=True, slots=True)
class SkuFacts:
    """One sku: its code, the handle of its product, and the values of the cells that say something, by column."""

    row: int
    code: str
    handle: str
    values: Mapping[str, Any]


@dataclass(slots=True)
class ProductFacts:
    """A product gathered from its rows: the first row it stands in, and its values by column."""

    row: int
    handle: str
    values: dict[str, Any]


def read_row(row: Row) -> tuple[ProductFacts, SkuFacts] | list[RowError]:
    """Both halves of a row, or everything that is wrong with it."""
    errors: list[RowError] = []
    product = _read_columns(row, _OF_PRODUCT, errors)
    sku = _read_columns(row, _OF_SKU, errors)
    named = {each.column for each in errors}
    errors += [
        RowError(row.number, name, "", "This cell must be filled in.")
        for name in REQUIRED
        if name not in product and name not in sku and name not in named
    ]
    if errors:
        return errors
    handle = product.pop("handle", "") or make_slug(product["product"], 120) or make_slug(sku["sku"], 120)
    if not handle:
        words = (
            "Neither the name nor the SKU makes an address. Fill in the column handle, like lavender-soap."
        )
        return [RowError(row.number, "product", product["product"], words)]
    code = sku.pop("sku")
    return ProductFacts(row.number, handle, product), SkuFacts(row.number, code, handle, sku)


def merge_product(known: ProductFacts, said: ProductFacts) -> list[RowError]:
    """Add what a further row says of a product; where it says something else than an earlier row, that is an error."""
    errors = []
    for column, value in said.values.items():
        if _comparable(known.values.setdefault(column, value)) != _comparable(value):
            words = (
                f"Row {known.row} says something else of the same product. "
                "Make them equal, or give one of the two products a handle of its own."
            )
            errors.append(RowError(said.row, column, _as_text(value), words))
    return errors


def _read_columns(
    row: Row, readers: Mapping[str, Callable[[str], Any]], errors: list[RowError]
) -> dict[str, Any]:
    values = {}
    for column, read in readers.items():
        text = row.cells.get(column, "")
        if not text:
            continue
        try:
            values[column] = read(text)
        except ValueError as wrong:
            errors.append(RowError(row.number, column, text, str(wrong)))
    return values


def _comparable(value: Any) -> Any:
    """Categories are found without regard to case, so they agree without regard to it too."""
    return tuple(name.casefold() for name in value) if isinstance(value, tuple) else value


def _as_text(value: Any) -> str:
    return " > ".join(value) if isinstance(value, tuple) else str(value)
