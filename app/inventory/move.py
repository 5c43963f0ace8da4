"""Stock moves: each one conditional UPDATE a sku, in id order, inside the caller's transaction.

Overselling is impossible because the condition and the change are one statement; a lock alone would not reach across
the nodes of a cluster. Quantities are mappings of sku id to units.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import CursorResult, update

from app.catalog.models import Product, Sku
from app.extensions import db
from app.inventory.models import Stock
from app.shared.errors import AppError, Conflict


class OutOfStock(AppError):
    """Some skus have fewer units available than asked for; `names` are theirs, in the same order."""

    def __init__(self, sku_ids: list[int], names: list[str]):
        were = "was" if len(names) == 1 else "were"
        super().__init__(f"{_join(names)} {were} sold a moment ago. Your cart shows what is left.")
        self.sku_ids = sku_ids


def reserve(quantities: Mapping[int, int]) -> None:
    """available → reserved; OutOfStock names every sku that is short (the caller's transaction then rolls back)."""
    short = [
        sku_id
        for sku_id, units in sorted(quantities.items())
        if not _change(sku_id, Stock.available >= units, available=-units, reserved=+units)
    ]
    if short:
        raise OutOfStock(short, _names_of(short))


def release(quantities: Mapping[int, int]) -> None:
    """reserved → available: the order will not be sent."""
    for sku_id, units in sorted(quantities.items()):
        _must(_change(sku_id, Stock.reserved >= units, reserved=-units, available=+units))


def write_off(quantities: Mapping[int, int]) -> None:
    """reserved → gone: goods that were set aside and turn out broken or lost; received falls with them."""
    for sku_id, units in sorted(quantities.items()):
        _must(_change(sku_id, Stock.reserved >= units, reserved=-units, received=-units))


def ship(quantities: Mapping[int, int]) -> None:
    """reserved → shipped: the goods left the house."""
    for sku_id, units in sorted(quantities.items()):
        _must(_change(sku_id, Stock.reserved >= units, reserved=-units, shipped=+units))


def take_back(quantities: Mapping[int, int]) -> None:
    """shipped → available: returned goods that staff put back on the shelf."""
    for sku_id, units in sorted(quantities.items()):
        _must(_change(sku_id, Stock.shipped >= units, shipped=-units, available=+units))


def receive(sku_id: int, units: int) -> None:
    """New goods (or, negative, a loss found at a count): available and received change together."""
    if not _change(sku_id, Stock.available + units >= 0, available=units, received=units):
        raise Conflict("There are fewer units on the shelf than that.")


def _change(sku_id: int, condition: object, **changes: int) -> bool:
    values = {name: getattr(Stock, name) + by for name, by in changes.items()}
    statement = update(Stock).where(Stock.sku_id == sku_id, condition).values(values)  # type: ignore[arg-type]
    result: CursorResult[object] = db.session.execute(  # type: ignore[assignment]
        statement.execution_options(synchronize_session=False)
    )
    return result.rowcount == 1


def _names_of(sku_ids: list[int]) -> list[str]:
    query = (
        db.select(Sku.id, Product.name).join(Product, Product.id == Sku.product_id).where(Sku.id.in_(sku_ids))
    )
    names = {row.id: row.name for row in db.session.execute(query)}
    return list(dict.fromkeys(names.get(sku_id, "Something in your cart") for sku_id in sku_ids))


def _join(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _must(happened: bool) -> None:
    if not happened:
        raise Conflict("The stock figures changed meanwhile.")
