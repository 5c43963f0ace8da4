"""Work that must happen later, written in the same transaction as the reason for it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Dialect, Index, String, Text, TypeDecorator, UniqueConstraint
from sqlalchemy.engine.default import DefaultExecutionContext
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


def _due_at(context: DefaultExecutionContext) -> datetime:
    due_at: datetime = context.get_current_parameters()["due_at"]  # type: ignore[no-untyped-call]
    return due_at


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
    # When it is tried next: leases, retries and waiting for somebody else move it on.
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # Since when it is owed. None of those moves it, so stuck work grows old. Empty on a row that a release before it wrote.
    first_due_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=_due_at)
    # Until when whoever took it has it to themselves; empty while nobody does.
    leased_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # Tries begun, ever. It tells one try from the next (jobs/runner.py), so it never goes back to a number that somebody may hold.
    attempts: Mapped[int] = mapped_column(default=0)
    # How many of them were before a person asked for the work anew: they no longer count towards giving up.
    forgiven: Mapped[int] = mapped_column(default=0, server_default="0")
    last_error: Mapped[str] = mapped_column(Text, default="")
    needs_person_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def tries(self) -> int:
        """Those that count: since it was posted, or since a person asked for it anew."""
        return max(self.attempts - self.forgiven, 0)

    def is_taken(self, now: datetime) -> bool:
        """Whether somebody is at it, or has it in hand."""
        return self.leased_until is not None and self.leased_until > now
