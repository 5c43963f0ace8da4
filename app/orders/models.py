"""Orders and their lines: copies of everything as it was, so that no later change rewrites the past."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Numeric, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.extensions import db
from app.orders.payment_method import PaymentMethod, words_of
from app.orders.status import BUYER_CANCELLABLE, ORDER_MOVES, OrderStatus
from app.shared.cluster import Guarded
from app.shared.columns import BigId, Cents, Id, UtcDateTime, status_type
from app.shared.money import Money
from app.shared.tracked import Tracked


class Order(Guarded, Tracked, db.Model):  # type: ignore[name-defined,misc]
    __tablename__ = "orders"
    __table_args__ = (
        Index("ix_orders_business", "business_id", "id"),
        Index("ix_orders_desk", "status", "id"),
        # What is owed: promises that were not kept yet, few among all orders there ever were.
        Index("ix_orders_owed", "payment_method", "paid_at"),
        CheckConstraint("subtotal_cents + shipping_cents + tax_cents = total_cents", name="total_adds_up"),
    )
    subject: ClassVar[str] = "order"
    moves: ClassVar[Mapping[OrderStatus, frozenset[OrderStatus]]] = ORDER_MOVES

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(String(20), unique=True)
    # Made with the checkout page: ten presses carry the same one, so they make one order.
    checkout_token: Mapped[str] = mapped_column(String(36), unique=True)
    status: Mapped[OrderStatus] = mapped_column(
        status_type(OrderStatus, "status"), default=OrderStatus.PENDING
    )
    # Raised by every payment claim, so that cancel against capture conflicts on every engine, cluster included.
    version: Mapped[int] = mapped_column(default=1)
    business_id: Mapped[int] = mapped_column(BigId, ForeignKey("businesses.id"))
    user_id: Mapped[int] = mapped_column(BigId, ForeignKey("users.id"))
    cart_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("carts.id"))
    cart_version: Mapped[int] = mapped_column(default=0)
    business_name: Mapped[str] = mapped_column(String(160))
    buyer_name: Mapped[str] = mapped_column(String(120))
    buyer_email: Mapped[str] = mapped_column(String(254))
    # {"recipient", "line1", "line2", "city", "state", "postal_code", "phone"}; empty ship_to for pickup.
    ship_to: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    bill_to: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    shipping_code: Mapped[str] = mapped_column(String(32))
    shipping_name: Mapped[str] = mapped_column(String(80))
    is_pickup: Mapped[bool] = mapped_column(default=False)
    po_number: Mapped[str] = mapped_column(String(40), default="", index=True)
    note: Mapped[str] = mapped_column(Text, default="")
    subtotal_cents: Mapped[Money] = mapped_column(Cents)
    shipping_cents: Mapped[Money] = mapped_column(Cents)
    # The sum of the lines' tax and of the shipping's.
    tax_cents: Mapped[Money] = mapped_column(Cents)
    shipping_tax_cents: Mapped[Money] = mapped_column(Cents)
    total_cents: Mapped[Money] = mapped_column(Cents)
    tax_reason: Mapped[str] = mapped_column(String(300))
    exempt_certificate_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("resale_certificates.id"))
    # Card, or a promise: net terms and paying on pickup.
    payment_method: Mapped[PaymentMethod] = mapped_column(
        status_type(PaymentMethod, "payment_method", is_checked=False), default=PaymentMethod.CARD
    )
    # Net days as they were when it was placed; the invoice is issued when the goods leave, and falls due so much later.
    terms_days: Mapped[int] = mapped_column(default=0)
    invoice_number: Mapped[str | None] = mapped_column(String(20), unique=True, index=True)
    invoiced_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    due_on: Mapped[date | None] = mapped_column(index=True)
    placed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    paid_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    shipped_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cancelled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    carrier: Mapped[str] = mapped_column(String(60), default="")
    tracking_number: Mapped[str] = mapped_column(String(80), default="")

    lines: Mapped[list[OrderLine]] = relationship(
        lazy="raise_on_sql", back_populates="order", order_by="OrderLine.position"
    )

    @property
    def status_words(self) -> str:
        """Where it stands, for people: a promise is no "Card authorized"."""
        return words_of(self.status, self.payment_method)

    @property
    def method_words(self) -> str:
        """How it is to be paid: "Card", "Net 30 on account", "Cash or check on pickup"."""
        return self.payment_method.name_with(self.terms_days)

    @property
    def can_buyer_cancel(self) -> bool:
        return self.status in BUYER_CANCELLABLE

    def __str__(self) -> str:
        return self.number


class OrderLine(db.Model):  # type: ignore[name-defined,misc]
    __tablename__ = "order_lines"
    __table_args__ = (
        CheckConstraint("quantity >= 0 AND quantity <= ordered_quantity", name="quantity_in_range"),
    )

    id: Mapped[Id]
    order_id: Mapped[int] = mapped_column(BigId, ForeignKey("orders.id"), index=True)
    position: Mapped[int]
    sku_id: Mapped[int] = mapped_column(BigId, ForeignKey("skus.id"), index=True)
    sku_code: Mapped[str] = mapped_column(String(40))
    product_name: Mapped[str] = mapped_column(String(120))
    options_label: Mapped[str] = mapped_column(String(160), default="")
    case_pack: Mapped[int] = mapped_column(default=1)
    # What stands, and what was ordered: less stands where some of it could not be shipped, and why the buyer reads.
    quantity: Mapped[int]
    ordered_quantity: Mapped[int]
    short_reason: Mapped[str] = mapped_column(String(200), default="")
    unit_price_cents: Mapped[Money] = mapped_column(Cents)
    line_total_cents: Mapped[Money] = mapped_column(Cents)
    tax_rate: Mapped[Decimal] = mapped_column(Numeric(7, 5), default=Decimal(0))
    tax_cents: Mapped[Money] = mapped_column(Cents)

    order: Mapped[Order] = relationship(lazy="raise_on_sql", back_populates="lines")
