"""a refund that did not arrive can be closed: when, and why nothing more is to do

Revision ID: close_refund
Revises: add_first_due
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.shared.columns import UtcDateTime

revision = "close_refund"
down_revision = "add_first_due"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("refunds", sa.Column("closed_at", UtcDateTime(), nullable=True))
    op.add_column("refunds", sa.Column("close_reason", sa.String(192), nullable=True))


def downgrade() -> None:
    for column in ("close_reason", "closed_at"):
        op.drop_column("refunds", column)
