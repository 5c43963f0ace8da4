"""add webhooks and reconciliation

Revision ID: add_webhooks
Revises: add_mails
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.shared.columns import BigId, Cents, UtcDateTime

revision = "add_webhooks"
down_revision = "add_mails"
branch_labels = None
depends_on = None


def _words(length: int) -> sa.String:
    """Names that grow without a migration: no CHECK."""
    return sa.String(length=length)


def upgrade() -> None:
    op.create_table(
        "webhook_events",
        sa.Column("id", BigId, nullable=False),
        sa.Column("event_id", _words(128), nullable=False),
        sa.Column("type", _words(128), nullable=False),
        sa.Column("provider_payment_id", _words(128), nullable=False),
        sa.Column("provider_refund_id", _words(128), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.Column("handled_at", UtcDateTime(), nullable=True),
        sa.Column("outcome", _words(40), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_events")),
        sa.UniqueConstraint("event_id", name=op.f("uq_webhook_events_event_id")),
    )
    op.create_index(op.f("ix_webhook_events_received_at"), "webhook_events", ["received_at"])
    op.create_table(
        "reconciliation_differences",
        sa.Column("id", BigId, nullable=False),
        sa.Column("kind", _words(32), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "open", "repairing", "gone", "noted", name="status", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("repair", _words(32), nullable=False),
        sa.Column("provider_id", _words(128), nullable=False),
        sa.Column("order_id", BigId, nullable=True),
        sa.Column("payment_id", BigId, nullable=True),
        sa.Column("refund_id", BigId, nullable=True),
        sa.Column("amount_cents", Cents(), nullable=False),
        sa.Column("ours", _words(80), nullable=False),
        sa.Column("theirs", _words(80), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("first_seen_at", UtcDateTime(), nullable=False),
        sa.Column("last_seen_at", UtcDateTime(), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_reconciliation_differences_order_id")),
        sa.ForeignKeyConstraint(["payment_id"], ["payments.id"], name=op.f("fk_reconciliation_differences_payment_id")),
        sa.ForeignKeyConstraint(["refund_id"], ["refunds.id"], name=op.f("fk_reconciliation_differences_refund_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reconciliation_differences")),
        sa.UniqueConstraint(
            "kind", "provider_id", name=op.f("uq_reconciliation_differences_kind_provider_id")
        ),
    )
    for name, columns in (("desk", ["status", "kind"]), ("order_id", ["order_id"]), ("payment_id", ["payment_id"])):
        op.create_index(f"ix_reconciliation_differences_{name}", "reconciliation_differences", columns)


def downgrade() -> None:
    op.drop_table("reconciliation_differences")
    op.drop_table("webhook_events")
