"""Messages people write to the shop, and what was answered."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.contact.status import MESSAGE_MOVES, MessageStatus
from app.extensions import db
from app.shared.columns import BigId, Id, UtcDateTime, status_type
from app.shared.tracked import Tracked


class ContactMessage(Tracked, db.Model):  # type: ignore[name-defined,misc]
    __tablename__ = "contact_messages"
    __table_args__ = (Index("ix_contact_messages_inbox", "status", "id"),)
    subject: ClassVar[str] = "message"
    moves: ClassVar[Mapping[MessageStatus, frozenset[MessageStatus]]] = MESSAGE_MOVES

    id: Mapped[Id]
    status: Mapped[MessageStatus] = mapped_column(
        status_type(MessageStatus, "status"), default=MessageStatus.NEW
    )
    name: Mapped[str] = mapped_column(String(120))
    email: Mapped[str] = mapped_column(String(254))
    topic: Mapped[str] = mapped_column(String(120))
    body: Mapped[str] = mapped_column(Text)
    user_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("users.id"))
    business_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("businesses.id"))
    assigned_to_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    replies: Mapped[list[ContactReply]] = relationship(
        lazy="raise_on_sql", back_populates="message", order_by="ContactReply.id"
    )


class ContactReply(db.Model):  # type: ignore[name-defined,misc]
    __tablename__ = "contact_replies"

    id: Mapped[Id]
    message_id: Mapped[int] = mapped_column(BigId, ForeignKey("contact_messages.id"), index=True)
    author_id: Mapped[int] = mapped_column(BigId, ForeignKey("users.id"))
    author_name: Mapped[str] = mapped_column(String(120))
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    message: Mapped[ContactMessage] = relationship(lazy="raise_on_sql", back_populates="replies")
