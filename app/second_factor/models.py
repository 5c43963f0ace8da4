"""What is kept of a second factor. That it is on stands beside the person: `User.second_factor_since`."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import db
from app.shared.columns import BigId, Id, UtcDateTime


class SecondFactor(db.Model):  # type: ignore[name-defined,misc]
    """A person's secret, shared with the app on their phone: begun when it was first shown, on once a code came back."""

    __tablename__ = "second_factors"

    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(BigId, ForeignKey("users.id"), unique=True)
    secret_encrypted: Mapped[str] = mapped_column(String(255))
    begun_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # The last thirty seconds whose code was used: it and all before it are refused.
    last_step: Mapped[int] = mapped_column(BigInteger, default=0)
    recovery_salt: Mapped[str] = mapped_column(String(32), default="")


class RecoveryCode(db.Model):  # type: ignore[name-defined,misc]
    """One of a person's ten codes for one sign-in without the phone; only its digest is kept."""

    __tablename__ = "recovery_codes"
    __table_args__ = (Index("ix_recovery_codes_user_id", "user_id"),)

    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(BigId, ForeignKey("users.id"))
    digest: Mapped[str] = mapped_column(String(64))
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
