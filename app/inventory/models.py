"""Stock: for each sku, what is available, reserved for open orders, and gone out."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import db
from app.shared.columns import BigId


class Stock(db.Model):  # type: ignore[name-defined,misc]
    """Always: available + reserved + shipped = received. Changed only by conditional UPDATEs (inventory/move.py)."""

    __tablename__ = "stock"
    __table_args__ = (
        CheckConstraint("available >= 0", name="available_not_negative"),
        CheckConstraint("reserved >= 0", name="reserved_not_negative"),
        CheckConstraint("available + reserved + shipped = received", name="adds_up"),
    )

    sku_id: Mapped[int] = mapped_column(BigId, ForeignKey("skus.id"), primary_key=True, autoincrement=False)
    available: Mapped[int] = mapped_column(default=0)
    reserved: Mapped[int] = mapped_column(default=0)
    shipped: Mapped[int] = mapped_column(default=0)
    received: Mapped[int] = mapped_column(default=0)
    # At or under this many available the shop says "18 left"; above it, "in stock".
    low_at: Mapped[int] = mapped_column(default=24)
    back_on: Mapped[date | None]
