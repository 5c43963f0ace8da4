"""Reads of stock. Whoever shows a figure asks first whether the viewer may see it."""

from __future__ import annotations

from collections.abc import Collection

from app.extensions import db
from app.inventory.models import Stock
from app.inventory.words import StockFacts


def list_stock_for(sku_ids: Collection[int]) -> dict[int, StockFacts]:
    """Stock by sku id, in one query; a sku without a row has none and is left out (use NO_STOCK)."""
    if not sku_ids:
        return {}
    query = db.select(Stock.sku_id, Stock.available, Stock.low_at, Stock.back_on).where(
        Stock.sku_id.in_(sku_ids)
    )
    return {
        row.sku_id: StockFacts(row.available, row.low_at, row.back_on) for row in db.session.execute(query)
    }
