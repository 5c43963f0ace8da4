"""link refunds that were sent again

Revision ID: link_refunds
Revises: add_user_sessions
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.shared.columns import BigId

revision = "link_refunds"
down_revision = "add_user_sessions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("refunds", sa.Column("replaces_id", BigId, nullable=True))
    op.create_index(op.f("ix_refunds_replaces_id"), "refunds", ["replaces_id"], unique=True)


def downgrade() -> None:
    op.drop_index(op.f("ix_refunds_replaces_id"), "refunds")
    op.drop_column("refunds", "replaces_id")
