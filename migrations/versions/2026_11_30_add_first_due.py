"""since when work is owed, who has it in hand, and which tries no longer count

Rows that are there, and those that code of before adds meanwhile, have no first_due_at: until they are done they are
measured by due_at, as they were.

Revision ID: add_first_due
Revises: add_stamps
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.shared.columns import UtcDateTime

revision = "add_first_due"
down_revision = "add_stamps"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("outbox", sa.Column("first_due_at", UtcDateTime(), nullable=True))
    op.add_column("outbox", sa.Column("leased_until", UtcDateTime(), nullable=True))
    op.add_column("outbox", sa.Column("forgiven", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    for column in ("forgiven", "leased_until", "first_due_at"):
        op.drop_column("outbox", column)
