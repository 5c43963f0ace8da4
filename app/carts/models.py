"""What a buyer is about to order, kept across devices, with what was chosen at checkout so far."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.extensions import db
from app.shared.columns import BigId, Cents, Id, UtcDateTime, status_type
from app.shared.money import Money
from app.shared.status import LabelEnum


class CartStatus(LabelEnum):
    OPEN = "open", "Open"
    ORDERED = "ordered", "Ordered"
    EXPIRED = "expired", "Closed unused"


class Cart(db.Model):  # type: ignore[name-defined,misc]
    """One open cart a buyer: `open_user_id` is the user while it is open and empty afterwards (unique)."""

    __tablename__ = "carts"
    __table_args__ = (Index("ix_carts_stale", "status", "touched_at"),)

    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(BigId, ForeignKey("users.id"), index=True)
    open_user_id: Mapped[int | None] = mapped_column(BigId, unique=True)
    status: Mapped[CartStatus] = mapped_column(status_type(CartStatus, "status"), default=CartStatus.OPEN)
    # Raised by every change of lines; a retried card on an unchanged cart goes on with the same order.
    version: Mapped[int] = mapped_column(default=1)
    # The order being placed from this cart right now, or whose card was declined and may be tried again.
    placing_order_id: Mapped[int | None] = mapped_column(BigId)
    checkout_token: Mapped[str] = mapped_column(String(36), default=lambda: str(uuid.uuid4()))
    shipping_address_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("addresses.id"))
    billing_address_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("addresses.id"))
    shipping_method_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("shipping_methods.id"))
    po_number: Mapped[str] = mapped_column(String(40), default="")
    note: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    touched_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    lines: Mapped[list[CartLine]] = relationship(
        lazy="raise_on_sql", back_populates="cart", order_by="CartLine.id", cascade="all, delete-orphan"
    )


class CartLine(db.Model):  # type: ignore[name-defined,misc]
    __tablename__ = "cart_lines"
    __table_args__ = (
        UniqueConstraint("cart_id", "sku_id"),
        CheckConstraint("quantity >= 1", name="quantity_positive"),
    )

    id: Mapped[Id]
    cart_id: Mapped[int] = mapped_column(BigId, ForeignKey("carts.id", ondelete="CASCADE"))
    sku_id: Mapped[int] = mapped_column(BigId, ForeignKey("skus.id"), index=True)
    quantity: Mapped[int]
    # The unit price when it was added (empty when the buyer could not see one then): a change since is said.
    seen_price_cents: Mapped[Money | None] = mapped_column(Cents)
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)

    cart: Mapped[Cart] = relationship(lazy="raise_on_sql", back_populates="lines")
