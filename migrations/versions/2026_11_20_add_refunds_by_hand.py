"""add refunds that staff gave back themselves

Revision ID: add_refunds_by_hand
Revises: add_heartbeats
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "add_refunds_by_hand"
down_revision = "add_heartbeats"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("refunds", sa.Column("given_by", sa.String(16), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("refunds", "given_by")
