"""The mail ledger: every mail the shop sends is a row."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.dialects import mysql
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import db
from app.mail.status import MAIL_MOVES, MailStatus
from app.shared.columns import BigId, Id, UtcDateTime, status_type
from app.shared.status import check_move

# MySQL's TEXT ends at 64 KB, which a mail about an order of some hundred lines is longer than.
_LONG_TEXT = Text().with_variant(mysql.MEDIUMTEXT(), "mysql", "mariadb")


class Mail(db.Model):  # type: ignore[name-defined,misc]
    """One mail: to whom, about what, what it said, and what became of it. Secret links are masked before they get here.

    `outbox_id` and `queued_at` name the outbox row it belongs to (whose number SQLite may give again once the row is
    forgotten), `kind` and `ids` are what that row said, so that it can be posted once more.
    """

    __tablename__ = "mails"
    __table_args__ = (
        UniqueConstraint("outbox_id", "queued_at"),
        Index("ix_mails_status", "status", "id"),
    )

    id: Mapped[Id]
    outbox_id: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(String(32))
    ids: Mapped[dict[str, Any]] = mapped_column(JSON)
    to_address: Mapped[str] = mapped_column(String(254))
    user_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("users.id"), index=True)
    business_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("businesses.id"), index=True)
    order_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("orders.id"), index=True)
    message_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("contact_messages.id"), index=True)
    subject: Mapped[str] = mapped_column(String(300))
    text: Mapped[str] = mapped_column(_LONG_TEXT)
    html: Mapped[str] = mapped_column(_LONG_TEXT)
    status: Mapped[MailStatus] = mapped_column(status_type(MailStatus, "status"), default=MailStatus.QUEUED)
    attempts: Mapped[int] = mapped_column(default=0)
    # What the mail server, or the lack of one, said to the last try; or why it waits.
    server_words: Mapped[str] = mapped_column(String(300), default="")
    queued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    tried_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)

    def move_to(self, after: MailStatus) -> None:
        """Change the status; Conflict when that is not allowed. The row is its own record: it has no history rows."""
        check_move(MAIL_MOVES, self.status, after)
        self.status = after
