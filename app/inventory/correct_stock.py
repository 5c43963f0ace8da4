"""Staff's corrections of stock: goods that came, a loss found at a count, returns back on the shelf, when more will come."""

from __future__ import annotations

from datetime import date, datetime

from app.extensions import db
from app.inventory.models import Stock
from app.inventory.move import receive, take_back
from app.shared import history
from app.shared.errors import AppError, NotFound
from app.shared.history import Actor
from app.shared.transaction import retry_lost_races, transaction

_MOST_UNITS = 10_000_000


@retry_lost_races
def correct_stock(sku_id: int, *, units: int, reason: str, actor: Actor, now: datetime) -> None:
    """Add units to (or, negative, take them from) what is available; the reason goes into the history.

    AppError without a number or a reason; Conflict when fewer are on the shelf than are to be taken.
    """
    _check(units, reason)
    with transaction():
        _get(sku_id)
        receive(sku_id, units)
        history.record("stock", sku_id, "corrected", actor=actor, at=now, reason=reason.strip(), units=units)


@retry_lost_races
def put_back_returned(sku_id: int, *, units: int, reason: str, actor: Actor, now: datetime) -> None:
    """Units that were shipped and came back go on the shelf again; Conflict when fewer were ever shipped."""
    _check(units, reason)
    if units < 0:
        raise AppError("Enter how many units came back, like 12.", field="units")
    with transaction():
        _get(sku_id)
        take_back({sku_id: units})
        history.record("stock", sku_id, "put_back", actor=actor, at=now, reason=reason.strip(), units=units)


@retry_lost_races
def set_stock_words(sku_id: int, *, low_at: int, back_on: date | None, actor: Actor, now: datetime) -> None:
    """From how many units down the shop says "18 left", and when it says that more will come (None = nothing)."""
    if not 0 <= low_at <= _MOST_UNITS:
        raise AppError("Enter a whole number of units, like 24.", field="low_at")
    with transaction():
        stock = _get(sku_id)
        before = {"low_at": stock.low_at, "back_on": stock.back_on and stock.back_on.isoformat()}
        stock.low_at, stock.back_on = low_at, back_on
        after = {"low_at": low_at, "back_on": back_on and back_on.isoformat()}
        changes = {key: [before[key], after[key]] for key in after if before[key] != after[key]}
        if changes:
            history.record("stock", sku_id, "edited", actor=actor, at=now, changes=changes)


def _check(units: int, reason: str) -> None:
    if not units or abs(units) > _MOST_UNITS:
        raise AppError("Enter how many units, like 48 or -6.", field="units")
    if not reason.strip():
        raise AppError("Say why in a few words, like “counted on Friday”.", field="reason")


def _get(sku_id: int) -> Stock:
    stock: Stock | None = db.session.get(Stock, sku_id)
    if stock is None:
        raise NotFound()
    return stock
