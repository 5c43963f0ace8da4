"""Payments and refunds: one row for each try, with every answer of the provider kept beside it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import db
from app.payments.difference_kinds import DIFFERENCE_MOVES, DifferenceKind, DifferenceStatus, Repair
from app.payments.status import (
    BY_HAND,
    BY_HAND_MOVES,
    PAYMENT_MOVES,
    PROMISES,
    RECEIPTS,
    REFUND_MOVES,
    PaymentStatus,
    RefundKind,
    RefundStatus,
)
from app.shared.columns import BigId, Cents, Id, UtcDateTime, status_type
from app.shared.money import ZERO, Money
from app.shared.tracked import Tracked


class Payment(Tracked, db.Model):  # type: ignore[name-defined,misc]
    """One try to pay an order, a promise to pay it later, or money received by hand (`provider` tells which).

    `live_order_id` is the order while money may be held or moving at a card provider (unique), else empty.
    """

    __tablename__ = "payments"
    __table_args__ = (
        Index("ix_payments_clock", "status", "lapses_at"),
        CheckConstraint("amount_cents > 0", name="amount_positive"),
    )
    subject: ClassVar[str] = "payment"
    id: Mapped[Id]
    order_id: Mapped[int] = mapped_column(BigId, ForeignKey("orders.id"), index=True)
    live_order_id: Mapped[int | None] = mapped_column(BigId, unique=True)
    provider: Mapped[str] = mapped_column(String(20), default="square")
    status: Mapped[PaymentStatus] = mapped_column(
        status_type(PaymentStatus, "status"), default=PaymentStatus.CREATED
    )
    amount_cents: Mapped[Money] = mapped_column(Cents)
    # What was held at first, where less was taken because a line could not ship.
    authorized_cents: Mapped[Money | None] = mapped_column(Cents)
    # Committed before the provider is called, and sent as its reference too (a UUID: Square allows 45 and 40).
    idempotency_key: Mapped[str] = mapped_column(String(36), unique=True)
    provider_payment_id: Mapped[str | None] = mapped_column(String(64), unique=True)
    # Of money received by hand: the day it came, and the check's number or the transfer's reference.
    received_on: Mapped[date | None]
    receipt_reference: Mapped[str] = mapped_column(String(60), default="")
    card_brand: Mapped[str] = mapped_column(String(20), default="")
    card_last4: Mapped[str] = mapped_column(String(4), default="")
    decline_code: Mapped[str] = mapped_column(String(60), default="")
    # When "capturing" was claimed: a claim older than five minutes is a crashed one.
    claimed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # From the provider's answer; after it the hold is gone.
    lapses_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    authorized_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    captured_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @property
    def moves(self) -> Mapping[PaymentStatus, frozenset[PaymentStatus]]:  # type: ignore[override]
        return BY_HAND_MOVES if self.provider in BY_HAND else PAYMENT_MOVES

    @property
    def is_promise(self) -> bool:
        return self.provider in PROMISES

    @property
    def is_receipt(self) -> bool:
        return self.provider in RECEIPTS

    @property
    def timeline_subject(self) -> str:
        """Under what name its moves are told: a card's, a promise's or a receipt's."""
        return self.provider if self.is_promise else "receipt" if self.is_receipt else self.subject

    @property
    def receipt_words(self) -> str:
        """ "check 1042", "bank transfer", "cash"; empty for what was not received by hand."""
        kind = {"check": "check", "ach": "bank transfer", "cash": "cash"}.get(self.provider, "")
        return f"{kind} {self.receipt_reference}".strip() if kind else ""

    @property
    def means(self) -> str:
        """What it is, for staff: the card, "Check 1042", or the promise it stands for."""
        words = self.receipt_words or {"terms": "on account", "on_pickup": "on pickup"}.get(self.provider, "")
        return words[:1].upper() + words[1:] if words else self.card_label

    @property
    def card_label(self) -> str:
        """ "Visa ending 1111", or nothing while no card is known."""
        return (
            f"{self.card_brand.replace('_', ' ').title()} ending {self.card_last4}" if self.card_last4 else ""
        )


class Refund(Tracked, db.Model):  # type: ignore[name-defined,misc]
    """One refund of a captured payment. What was refunded is the sum of rows, never a status."""

    __tablename__ = "refunds"
    __table_args__ = (CheckConstraint("amount_cents > 0", name="amount_positive"),)
    subject: ClassVar[str] = "refund"
    moves: ClassVar[Mapping[RefundStatus, frozenset[RefundStatus]]] = REFUND_MOVES

    id: Mapped[Id]
    payment_id: Mapped[int] = mapped_column(BigId, ForeignKey("payments.id"), index=True)
    order_id: Mapped[int] = mapped_column(BigId, ForeignKey("orders.id"), index=True)
    status: Mapped[RefundStatus] = mapped_column(
        status_type(RefundStatus, "status"), default=RefundStatus.REQUESTED
    )
    kind: Mapped[RefundKind] = mapped_column(
        status_type(RefundKind, "kind", is_checked=False), default=RefundKind.WHOLE
    )
    amount_cents: Mapped[Money] = mapped_column(Cents)
    # What of the amount is tax and what is shipping without its tax; the rest is goods.
    tax_cents: Mapped[Money] = mapped_column(Cents, default=ZERO)
    shipping_cents: Mapped[Money] = mapped_column(Cents, default=ZERO)
    reason: Mapped[str] = mapped_column(String(192))
    idempotency_key: Mapped[str] = mapped_column(String(36), unique=True)
    provider_refund_id: Mapped[str | None] = mapped_column(String(128), unique=True)
    # "check", "ach" or "cash" where staff gave the money back themselves; else the provider sends it.
    given_by: Mapped[str] = mapped_column(String(16), default="")
    # The one that failed, where this one was sent in its place: one only, however often the button is pressed.
    replaces_id: Mapped[int | None] = mapped_column(BigId, unique=True, index=True)
    # Of one that failed: when staff said that there is nothing more to do about it, and why. Who is in its history.
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    close_reason: Mapped[str | None] = mapped_column(String(192))
    claimed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    completed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class RefundLine(db.Model):  # type: ignore[name-defined,misc]
    """What of one order line a refund gives back: so many units, their price, and the tax they carried."""

    __tablename__ = "refund_lines"
    __table_args__ = (
        UniqueConstraint("refund_id", "order_line_id"),
        CheckConstraint("quantity >= 1", name="quantity_positive"),
    )

    id: Mapped[Id]
    refund_id: Mapped[int] = mapped_column(BigId, ForeignKey("refunds.id"))
    order_line_id: Mapped[int] = mapped_column(BigId, ForeignKey("order_lines.id"), index=True)
    quantity: Mapped[int]
    goods_cents: Mapped[Money] = mapped_column(Cents)
    tax_cents: Mapped[Money] = mapped_column(Cents)
    # Units that staff put back on the shelf.
    restocked_quantity: Mapped[int] = mapped_column(default=0)


class ProviderAnswer(db.Model):  # type: ignore[name-defined,misc]
    """What the provider said to one call, redacted: the evidence when anyone asks."""

    __tablename__ = "provider_answers"

    id: Mapped[Id]
    payment_id: Mapped[int] = mapped_column(BigId, ForeignKey("payments.id"), index=True)
    call: Mapped[str] = mapped_column(String(32))
    outcome: Mapped[str] = mapped_column(String(32))
    answer: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class WebhookEvent(db.Model):  # type: ignore[name-defined,misc]
    """An event the provider sent, kept once. Only its ids are: what it is about is read again from the provider."""

    __tablename__ = "webhook_events"

    id: Mapped[Id]
    event_id: Mapped[str] = mapped_column(String(128), unique=True)
    type: Mapped[str] = mapped_column(String(128))
    provider_payment_id: Mapped[str] = mapped_column(String(128), default="")
    provider_refund_id: Mapped[str] = mapped_column(String(128), default="")
    received_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    handled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # What came of it, for whoever asks later: "taken over", "nothing new", "listed as a difference".
    outcome: Mapped[str] = mapped_column(String(40), default="")


class Difference(Tracked, db.Model):  # type: ignore[name-defined,misc]
    """Where our books and the provider's differ: one row for each thing that does, closed when it no longer does."""

    __tablename__ = "reconciliation_differences"
    __table_args__ = (
        UniqueConstraint("kind", "provider_id"),
        Index("ix_reconciliation_differences_desk", "status", "kind"),
    )
    subject: ClassVar[str] = "difference"
    moves: ClassVar[Mapping[DifferenceStatus, frozenset[DifferenceStatus]]] = DIFFERENCE_MOVES

    id: Mapped[Id]
    kind: Mapped[DifferenceKind] = mapped_column(status_type(DifferenceKind, "kind", is_checked=False))
    status: Mapped[DifferenceStatus] = mapped_column(
        status_type(DifferenceStatus, "status"), default=DifferenceStatus.OPEN
    )
    repair: Mapped[Repair] = mapped_column(status_type(Repair, "repair", is_checked=False))
    # Of the payment or refund, in the provider's books.
    provider_id: Mapped[str] = mapped_column(String(128))
    order_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("orders.id"), index=True)
    payment_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("payments.id"), index=True)
    refund_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("refunds.id"))
    amount_cents: Mapped[Money] = mapped_column(Cents)
    ours: Mapped[str] = mapped_column(String(80))
    theirs: Mapped[str] = mapped_column(String(80))
    note: Mapped[str] = mapped_column(Text, default="")
    first_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
