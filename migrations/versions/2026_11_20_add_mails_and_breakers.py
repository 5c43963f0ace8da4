"""add mails and breakers

Revision ID: add_mails
Revises: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

from app.shared.columns import BigId, UtcDateTime

revision = "add_mails"
down_revision = "0001"
branch_labels = None
depends_on = None

# Longer than the 64 KB of MySQL's TEXT: an order of some hundred lines.
_LONG_TEXT = sa.Text().with_variant(mysql.MEDIUMTEXT(), "mysql", "mariadb")


def _status(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    op.create_table(
        "breakers",
        sa.Column("id", BigId, nullable=False),
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("state", _status("state", "closed", "open", "half-open"), nullable=False),
        sa.Column("failed_at", sa.JSON(), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=True),
        sa.Column("probed_at", UtcDateTime(), nullable=True),
        sa.Column("trips", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.String(300), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_breakers")),
        sa.UniqueConstraint("name", name=op.f("uq_breakers_name")),
    )
    op.create_table(
        "mails",
        sa.Column("id", BigId, nullable=False),
        sa.Column("outbox_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("ids", sa.JSON(), nullable=False),
        sa.Column("to_address", sa.String(254), nullable=False),
        sa.Column("user_id", BigId, nullable=True),
        sa.Column("business_id", BigId, nullable=True),
        sa.Column("order_id", BigId, nullable=True),
        sa.Column("message_id", BigId, nullable=True),
        sa.Column("subject", sa.String(300), nullable=False),
        sa.Column("text", _LONG_TEXT, nullable=False),
        sa.Column("html", _LONG_TEXT, nullable=False),
        sa.Column("status", _status("status", "queued", "sent", "failed", "not_needed"), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("server_words", sa.String(300), nullable=False),
        sa.Column("queued_at", UtcDateTime(), nullable=False),
        sa.Column("tried_at", UtcDateTime(), nullable=True),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_mails_user_id")),
        sa.ForeignKeyConstraint(["business_id"], ["businesses.id"], name=op.f("fk_mails_business_id")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_mails_order_id")),
        sa.ForeignKeyConstraint(["message_id"], ["contact_messages.id"], name=op.f("fk_mails_message_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mails")),
        sa.UniqueConstraint("outbox_id", "queued_at", name=op.f("uq_mails_outbox_id_queued_at")),
    )
    with op.batch_alter_table("mails", schema=None) as batch_op:
        for column in ("business_id", "message_id", "order_id", "sent_at", "user_id"):
            batch_op.create_index(batch_op.f(f"ix_mails_{column}"), [column], unique=False)
        batch_op.create_index("ix_mails_status", ["status", "id"], unique=False)


def downgrade() -> None:
    op.drop_table("mails")
    op.drop_table("breakers")
