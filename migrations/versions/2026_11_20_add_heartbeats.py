"""add heartbeats

Revision ID: add_heartbeats
Revises: link_refunds
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.shared.columns import BigId, UtcDateTime

revision = "add_heartbeats"
down_revision = "link_refunds"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "heartbeats",
        sa.Column("id", BigId, nullable=False),
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("beat_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_heartbeats")),
        sa.UniqueConstraint("name", name=op.f("uq_heartbeats_name")),
    )


def downgrade() -> None:
    op.drop_table("heartbeats")
