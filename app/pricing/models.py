"""The tables prices and taxes are read from."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Numeric, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import db
from app.shared.columns import BigId, Cents, Id
from app.shared.money import Money


class PriceList(db.Model):  # type: ignore[name-defined,misc]
    __tablename__ = "price_lists"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(80), unique=True)

    def __str__(self) -> str:
        return self.name


class PriceBreak(db.Model):  # type: ignore[name-defined,misc]
    """From this many units up, one unit costs this much for everyone on the list."""

    __tablename__ = "price_breaks"
    __table_args__ = (
        UniqueConstraint("price_list_id", "sku_id", "minimum_quantity"),
        CheckConstraint("unit_price_cents >= 0", name="price_not_negative"),
        CheckConstraint("minimum_quantity >= 1", name="quantity_positive"),
    )

    id: Mapped[Id]
    price_list_id: Mapped[int] = mapped_column(BigId, ForeignKey("price_lists.id"))
    sku_id: Mapped[int] = mapped_column(BigId, ForeignKey("skus.id"), index=True)
    minimum_quantity: Mapped[int] = mapped_column(default=1)
    unit_price_cents: Mapped[Money] = mapped_column(Cents)


class TaxRate(db.Model):  # type: ignore[name-defined,misc]
    """A state's rate (empty prefix), or what a locality adds to it for ZIP codes that begin with the prefix."""

    __tablename__ = "tax_rates"
    __table_args__ = (
        UniqueConstraint("state", "postal_prefix"),
        CheckConstraint("rate >= 0 AND rate < 1", name="rate_is_a_share"),
    )

    id: Mapped[Id]
    state: Mapped[str] = mapped_column(String(2))
    postal_prefix: Mapped[str] = mapped_column(String(5), default="")
    name: Mapped[str] = mapped_column(String(80))
    rate: Mapped[Decimal] = mapped_column(Numeric(7, 5))
    # Read from the state's own row: whether it taxes what is charged for delivery.
    is_shipping_taxable: Mapped[bool] = mapped_column(default=False)
