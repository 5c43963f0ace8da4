"""Work that must happen later, written in the same transaction as the reason for it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Dialect, Index, String, Text, TypeDecorator, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import db
from app.outbox.kinds import Kind, UnknownKind, kind_of
from app.shared.columns import Id, UtcDateTime


class _KindColumn(TypeDecorator[Kind | UnknownKind]):
    """A kind's value as text. What this version does not know (somebody went back from a newer one) is an UnknownKind, so
    that one such row keeps nobody from reading the others."""

    impl = String(32)
    cache_ok = True

    def process_bind_param(self, value: Kind | UnknownKind | None, dialect: Dialect) -> str | None:
        return None if value is None else value.value

    def process_result_value(self, value: str | None, dialect: Dialect) -> Kind | UnknownKind | None:
        return None if value is None else kind_of(value)


class OutboxRow(db.Model):  # type: ignore[name-defined,misc]
    """One piece of later work. Open while `closed_at` is empty; `needs_person_at` is set once every try has failed."""

    __tablename__ = "outbox"
    __table_args__ = (
        # In the order of the relay's ORDER BY: with another order the first worker locks every row it looks at.
        Index("ix_outbox_open", "closed_at", "id"),
        UniqueConstraint("kind", "period"),
    )

    id: Mapped[Id]
    kind: Mapped[Kind | UnknownKind] = mapped_column(_KindColumn)
    ids: Mapped[dict[str, Any]] = mapped_column(JSON)
    # Only periodic work has one, like "2026-11-20": the unique key lets two schedulers post it once.
    period: Mapped[str | None] = mapped_column(String(32))
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str] = mapped_column(Text, default="")
    needs_person_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
