"""Before a sku is deleted, what hangs on it goes first. Once it was ordered it stays: it can only be taken off sale."""

from __future__ import annotations

from sqlalchemy import delete, update

from app.carts.models import CartLine
from app.catalog.models import ProductImage, Sku
from app.extensions import db
from app.inventory.models import Stock
from app.orders.models import OrderLine
from app.pricing.models import PriceBreak
from app.shared.errors import AppError


def clear_sku(sku: Sku) -> None:
    """In the open transaction: its price breaks, stock row and cart lines; AppError when any order has it."""
    ordered = db.session.scalar(db.select(OrderLine.id).where(OrderLine.sku_id == sku.id).limit(1))
    if ordered is not None:
        raise AppError(f"{sku.code} was ordered before, so it cannot be deleted. Untick “On sale” instead.")
    for model in (PriceBreak, CartLine, Stock):
        db.session.execute(delete(model).where(model.sku_id == sku.id))
    db.session.execute(update(ProductImage).where(ProductImage.sku_id == sku.id).values(sku_id=None))
