"""Bring in products and skus from a CSV file: everything or nothing, and the same file twice changes nothing.

The file is read twice. The first reading finds every mistake in it without touching the database, the second one writes,
some hundred rows at a time, inside one transaction. docs/import-products.md explains the columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, Protocol, TypeVar

from app.imports.category_paths import CategoryPaths
from app.imports.product_rows import KNOWN, REQUIRED, ProductFacts, SkuFacts, merge_product, read_row
from app.imports.report import ImportReport
from app.imports.table import FileRefused, RowError, read_table
from app.imports.write_products import write_products, write_skus
from app.shared.transaction import retry_lost_races, transaction

__all__ = ["FileRefused", "ImportReport", "import_products"]

T = TypeVar("T")
# Large enough to make few round trips, small enough for one statement's list of values on every database.
_BATCH = 400
_MOST_ERRORS = 1000


class Progress(Protocol):
    """A tqdm bar, or anything like it."""

    total: Any

    def update(self, n: int, /) -> Any: ...


class _OnlyTried(Exception):
    """Rolls the transaction of a dry run back."""


@dataclass(slots=True)
class _Checked:
    products: dict[str, ProductFacts]
    rows: int


def import_products(
    path: Path, *, now: datetime, dry_run: bool = False, progress: Progress | None = None
) -> ImportReport:
    """Import the file, or with `dry_run` do all of it and then roll it back. FileRefused lists what is wrong."""
    checked = _check(path)
    if progress is not None:
        progress.total = checked.rows
    return _write_all(path, checked, now, dry_run, progress)


@retry_lost_races
def _write_all(
    path: Path, checked: _Checked, now: datetime, dry_run: bool, progress: Progress | None
) -> ImportReport:
    report = ImportReport(is_dry_run=dry_run, rows=checked.rows)
    try:
        with transaction():
            _write(path, checked, report, now, progress)
            if dry_run:
                raise _OnlyTried
    except _OnlyTried:
        pass
    return report


def _check(path: Path) -> _Checked:
    products: dict[str, ProductFacts] = {}
    seen: dict[str, int] = {}
    errors: list[RowError] = []
    rows = 0
    for row in read_table(path, REQUIRED, KNOWN):
        rows += 1
        found = read_row(row)
        errors += found if isinstance(found, list) else _gather(*found, products, seen)
        if len(errors) >= _MOST_ERRORS:
            break
    if not rows:
        errors.append(RowError(0, "", "", "There are no rows under the heading."))
    if errors:
        raise FileRefused(errors)
    return _Checked(products, rows)


def _gather(
    product: ProductFacts, sku: SkuFacts, products: dict[str, ProductFacts], seen: dict[str, int]
) -> list[RowError]:
    first = seen.setdefault(sku.code, sku.row)
    if first != sku.row:
        return [RowError(sku.row, "sku", sku.code, f"This SKU stands in row {first} already.")]
    known = products.setdefault(product.handle, product)
    return [] if known is product else merge_product(known, product)


def _write(
    path: Path, checked: _Checked, report: ImportReport, now: datetime, progress: Progress | None
) -> None:
    paths = CategoryPaths(report)
    product_ids: dict[str, int] = {}
    for products in _batches(checked.products.values()):
        product_ids |= write_products(products, paths, report, now)
    errors: list[RowError] = []
    for skus in _batches(_read_skus(path)):
        errors += write_skus(skus, product_ids, report)
        if progress is not None:
            progress.update(len(skus))
    if errors:
        raise FileRefused(errors)


def _read_skus(path: Path) -> Iterator[SkuFacts]:
    for row in read_table(path, REQUIRED, KNOWN):
        found = read_row(row)
        if isinstance(found, list):  # somebody wrote to the file between the two readings
            raise FileRefused(found)
        yield found[1]


def _batches(items: Iterable[T]) -> Iterator[Sequence[T]]:
    iterator = iter(items)
    while batch := list(islice(iterator, _BATCH)):
        yield batch
