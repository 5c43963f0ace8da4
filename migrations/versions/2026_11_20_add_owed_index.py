"""what is owed is found by an index: receivables looked at every order there ever was

Revision ID: add_owed_index
Revises: add_second_factors
"""

from __future__ import annotations

from alembic import op

revision = "add_owed_index"
down_revision = "add_second_factors"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_orders_owed", "orders", ["payment_method", "paid_at"])


def downgrade() -> None:
    op.drop_index("ix_orders_owed", table_name="orders")
