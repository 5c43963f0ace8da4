"""add the guards that locks raise on a cluster

Revision ID: add_guards
Revises: add_refunds_by_hand
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "add_guards"
down_revision = "add_refunds_by_hand"
branch_labels = None
depends_on = None

_GUARDED = ("users", "businesses", "products", "orders")


def upgrade() -> None:
    for table in _GUARDED:
        op.add_column(table, sa.Column("guard", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    for table in reversed(_GUARDED):
        op.drop_column(table, "guard")
