"""What the shop sells: categories, products, and the skus that are what is bought."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.extensions import db
from app.shared.cluster import Guarded
from app.shared.columns import BigId, Cents, Id, UtcDateTime, status_type
from app.shared.money import Money
from app.shared.status import LabelEnum


class TaxClass(LabelEnum):
    STANDARD = "standard", "Taxable"
    EXEMPT = "exempt", "Never taxed"


class Category(db.Model):  # type: ignore[name-defined,misc]
    __tablename__ = "categories"

    id: Mapped[Id]
    parent_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("categories.id"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    description: Mapped[str] = mapped_column(String(300), default="")
    position: Mapped[int] = mapped_column(default=0)

    def __str__(self) -> str:
        return self.name


class Product(Guarded, db.Model):  # type: ignore[name-defined,misc]
    """What a page shows. It has no price: its skus have."""

    __tablename__ = "products"
    __table_args__ = (
        # A category's listing, and the whole catalogue's: an index for each way to sort it, from which a page is read
        # without looking at any other product.
        Index("ix_products_listing", "category_id", "is_active", "position", "id"),
        Index("ix_products_listing_name", "category_id", "is_active", "name", "id"),
        Index("ix_products_listing_newest", "category_id", "is_active", "created_at", "id"),
        Index("ix_products_position", "is_active", "position", "id"),
        Index("ix_products_newest", "is_active", "created_at", "id"),
        Index("ix_products_name", "is_active", "name", "id"),
    )

    id: Mapped[Id]
    category_id: Mapped[int] = mapped_column(BigId, ForeignKey("categories.id"))
    name: Mapped[str] = mapped_column(String(120))
    slug: Mapped[str] = mapped_column(String(120), unique=True)
    brand: Mapped[str] = mapped_column(String(80), default="")
    summary: Mapped[str] = mapped_column(String(200), default="")
    description: Mapped[str] = mapped_column(Text, default="")
    is_active: Mapped[bool] = mapped_column(default=True)
    position: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)

    category: Mapped[Category] = relationship(lazy="raise_on_sql")
    skus: Mapped[list[Sku]] = relationship(
        lazy="raise_on_sql", back_populates="product", order_by="(Sku.position, Sku.id)"
    )
    images: Mapped[list[ProductImage]] = relationship(
        lazy="raise_on_sql", back_populates="product", order_by="(ProductImage.position, ProductImage.id)"
    )

    def __str__(self) -> str:
        return self.name


class ProductImage(db.Model):  # type: ignore[name-defined,misc]
    """A picture, stored as WebP at several widths: `<stored_name>-<width>.webp`. Optionally of one sku."""

    __tablename__ = "product_images"

    id: Mapped[Id]
    product_id: Mapped[int] = mapped_column(BigId, ForeignKey("products.id"), index=True)
    sku_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("skus.id"))
    stored_name: Mapped[str] = mapped_column(String(64))
    alt: Mapped[str] = mapped_column(String(200), default="")
    width: Mapped[int]
    height: Mapped[int]
    widths: Mapped[list[int]] = mapped_column(JSON)
    position: Mapped[int] = mapped_column(default=0)

    product: Mapped[Product] = relationship(lazy="raise_on_sql", back_populates="images")


class Sku(db.Model):  # type: ignore[name-defined,misc]
    """What is bought. Prices are per unit; quantities are units, in whole cases, from the minimum up."""

    __tablename__ = "skus"
    __table_args__ = (
        CheckConstraint("price_cents >= 0", name="price_not_negative"),
        CheckConstraint("case_pack >= 1", name="case_pack_positive"),
        CheckConstraint("minimum_quantity >= 1", name="minimum_positive"),
    )

    id: Mapped[Id]
    product_id: Mapped[int] = mapped_column(BigId, ForeignKey("products.id"), index=True)
    # Normalised: upper case, no spaces at the ends.
    code: Mapped[str] = mapped_column(String(40), unique=True)
    barcode: Mapped[str] = mapped_column(String(20), default="", index=True)
    options: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    price_cents: Mapped[Money] = mapped_column(Cents)
    case_pack: Mapped[int] = mapped_column(default=1)
    minimum_quantity: Mapped[int] = mapped_column(default=1)
    weight_grams: Mapped[int] = mapped_column(default=0)
    tax_class: Mapped[TaxClass] = mapped_column(status_type(TaxClass, "tax_class"), default=TaxClass.STANDARD)
    is_active: Mapped[bool] = mapped_column(default=True)
    position: Mapped[int] = mapped_column(default=0)

    product: Mapped[Product] = relationship(lazy="raise_on_sql", back_populates="skus")

    @property
    def options_label(self) -> str:
        """ "Lavender, 8 oz": what tells this sku from its siblings."""
        return ", ".join(self.options.values())

    def __str__(self) -> str:
        return self.code
