"""Companies that buy: their facts, addresses, papers and the group that sets their prices and minimums."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.businesses.status import BUSINESS_MOVES, BusinessKind, BusinessStatus, CertificateStatus
from app.extensions import db
from app.shared.cluster import Guarded
from app.shared.columns import BigId, Cents, Id, UtcDateTime, status_type
from app.shared.money import Money
from app.shared.tracked import Tracked


class CustomerGroup(db.Model):  # type: ignore[name-defined,misc]
    """Sets a business's price list, minimums and terms (0 days = card only)."""

    __tablename__ = "customer_groups"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(80), unique=True)
    description: Mapped[str] = mapped_column(String(200), default="")
    price_list_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("price_lists.id"))
    first_order_minimum_cents: Mapped[Money] = mapped_column(Cents, default=Money(0))
    reorder_minimum_cents: Mapped[Money] = mapped_column(Cents, default=Money(0))
    net_terms_days: Mapped[int] = mapped_column(default=0)
    # How much may be owed on terms at a time; empty = no limit.
    credit_limit_cents: Mapped[Money | None] = mapped_column(Cents)
    is_default: Mapped[bool] = mapped_column(default=False)


class Business(Guarded, Tracked, db.Model):  # type: ignore[name-defined,misc]
    __tablename__ = "businesses"
    __table_args__ = (Index("ix_businesses_queue", "status", "submitted_at"),)
    subject: ClassVar[str] = "business"
    moves: ClassVar[Mapping[BusinessStatus, frozenset[BusinessStatus]]] = BUSINESS_MOVES

    id: Mapped[Id]
    status: Mapped[BusinessStatus] = mapped_column(
        status_type(BusinessStatus, "status"), default=BusinessStatus.DRAFT
    )
    legal_name: Mapped[str] = mapped_column(String(160), default="")
    trade_name: Mapped[str] = mapped_column(String(160), default="")
    kind: Mapped[BusinessKind | None] = mapped_column(status_type(BusinessKind, "kind"))
    # The EIN itself is encrypted; the keyed fingerprint finds equals, the last four are what people are shown.
    ein_encrypted: Mapped[str] = mapped_column(String(255), default="")
    ein_fingerprint: Mapped[str | None] = mapped_column(String(64), index=True)
    ein_last4: Mapped[str] = mapped_column(String(4), default="")
    phone: Mapped[str] = mapped_column(String(20), default="")
    website: Mapped[str] = mapped_column(String(200), default="")
    group_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("customer_groups.id"), index=True)
    # Its own limit; empty = its group's.
    credit_limit_cents: Mapped[Money | None] = mapped_column(Cents)
    submitted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # What the applicant reads: the reason of a rejection, or what is asked for; and which fields are open for it.
    review_note: Mapped[str] = mapped_column(Text, default="")
    requested_fields: Mapped[list[str]] = mapped_column(JSON, default=list)
    staff_note: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)

    group: Mapped[CustomerGroup | None] = relationship(lazy="raise_on_sql")

    @property
    def display_name(self) -> str:
        return self.trade_name or self.legal_name or f"Business {self.id}"

    @property
    def is_approved(self) -> bool:
        return self.status is BusinessStatus.APPROVED

    @property
    def ein_masked(self) -> str:
        return f"••-•••{self.ein_last4}" if self.ein_last4 else ""


class Address(db.Model):  # type: ignore[name-defined,misc]
    """A US address of a business. Orders hold copies, so archiving or changing one rewrites no past."""

    __tablename__ = "addresses"

    id: Mapped[Id]
    business_id: Mapped[int] = mapped_column(BigId, ForeignKey("businesses.id"), index=True)
    label: Mapped[str] = mapped_column(String(60), default="")
    recipient: Mapped[str] = mapped_column(String(120))
    line1: Mapped[str] = mapped_column(String(120))
    line2: Mapped[str] = mapped_column(String(120), default="")
    city: Mapped[str] = mapped_column(String(80))
    state: Mapped[str] = mapped_column(String(2))
    postal_code: Mapped[str] = mapped_column(String(10), index=True)
    phone: Mapped[str] = mapped_column(String(20), default="")
    # The address the business gave in its application; exactly one a business.
    is_main: Mapped[bool] = mapped_column(default=False)
    is_default_shipping: Mapped[bool] = mapped_column(default=False)
    is_default_billing: Mapped[bool] = mapped_column(default=False)
    archived_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Upload(db.Model):  # type: ignore[name-defined,misc]
    """A private file a business sent: kept under a random name outside everything a web server serves."""

    __tablename__ = "uploads"

    id: Mapped[Id]
    business_id: Mapped[int] = mapped_column(BigId, ForeignKey("businesses.id"), index=True)
    user_id: Mapped[int] = mapped_column(BigId, ForeignKey("users.id"))
    stored_name: Mapped[str] = mapped_column(String(64), unique=True)
    original_name: Mapped[str] = mapped_column(String(120))
    content_type: Mapped[str] = mapped_column(String(40))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ResaleCertificate(db.Model):  # type: ignore[name-defined,misc]
    """A state's paper that lets a business buy free of sales tax, for goods shipped to that state."""

    __tablename__ = "resale_certificates"
    __table_args__ = (Index("ix_resale_certificates_state", "business_id", "state", "status"),)

    id: Mapped[Id]
    business_id: Mapped[int] = mapped_column(BigId, ForeignKey("businesses.id"))
    status: Mapped[CertificateStatus] = mapped_column(
        status_type(CertificateStatus, "status"), default=CertificateStatus.SUBMITTED
    )
    number: Mapped[str] = mapped_column(String(40), default="")
    state: Mapped[str] = mapped_column(String(2), default="")
    issued_on: Mapped[date | None]
    # Some states' certificates never expire; then this is empty.
    expires_on: Mapped[date | None]
    upload_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("uploads.id"))
    verified_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("users.id"))
    verified_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    rejected_reason: Mapped[str] = mapped_column(String(300), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    upload: Mapped[Upload | None] = relationship(lazy="raise_on_sql")

    def is_valid_on(self, day: date) -> bool:
        """Verified by staff, issued, and not expired on that day (the last day counts)."""
        return (
            self.status is CertificateStatus.VERIFIED
            and (self.issued_on is None or self.issued_on <= day)
            and (self.expires_on is None or day <= self.expires_on)
        )
