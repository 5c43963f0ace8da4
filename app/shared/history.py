"""What happened to a thing: who, from, to, when, why. Written in the same transaction as the change itself."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import db
from app.shared.columns import BigId, Id, UtcDateTime
from app.shared.status import LabelEnum


class HistoryEntry(db.Model):  # type: ignore[name-defined,misc]
    """One thing that happened to a subject ("order", "payment", "business", "user", …)."""

    __tablename__ = "history"
    __table_args__ = (Index("ix_history_subject", "subject", "subject_id", "id"),)

    id: Mapped[Id]
    subject: Mapped[str] = mapped_column(String(32))
    subject_id: Mapped[int] = mapped_column(BigId)
    event: Mapped[str] = mapped_column(String(64))
    from_status: Mapped[str | None] = mapped_column(String(32))
    to_status: Mapped[str | None] = mapped_column(String(32))
    actor_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("users.id"))
    actor_name: Mapped[str] = mapped_column(String(120), default="")
    reason: Mapped[str] = mapped_column(Text, default="")
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class Actor:
    """Who does something: a person, or the shop itself (`Actor.system("capture job")`)."""

    def __init__(self, user_id: int | None, name: str):
        self.user_id = user_id
        self.name = name

    @classmethod
    def system(cls, name: str) -> Actor:
        return cls(None, name)


def record(
    subject: str,
    subject_id: int,
    event: str,
    *,
    actor: Actor,
    at: datetime,
    from_status: LabelEnum | None = None,
    to_status: LabelEnum | None = None,
    reason: str = "",
    **details: Any,
) -> HistoryEntry:
    """Add a history row to the open transaction. `details` is JSON without secrets or card data."""
    entry = HistoryEntry(
        subject=subject,
        subject_id=subject_id,
        event=event,
        from_status=from_status.value if from_status else None,
        to_status=to_status.value if to_status else None,
        actor_id=actor.user_id,
        actor_name=actor.name,
        reason=reason,
        details=details,
        at=at,
    )
    db.session.add(entry)
    return entry


def list_history(subject: str, subject_id: int) -> list[HistoryEntry]:
    """Everything that happened to one subject, oldest first."""
    query = (
        db.select(HistoryEntry).filter_by(subject=subject, subject_id=subject_id).order_by(HistoryEntry.id)
    )
    return list(db.session.scalars(query))
