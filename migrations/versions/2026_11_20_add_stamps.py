"""add stamps

Revision ID: add_stamps
Revises: add_owed_index
"""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from alembic import op

revision = "add_stamps"
down_revision = "add_owed_index"
branch_labels = None
depends_on = None


def upgrade() -> None:
    stamps = op.create_table(
        "stamps",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("catalogue", sa.String(16), nullable=False),
        sa.Column("prices", sa.String(16), nullable=False),
        sa.Column("shop", sa.String(16), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stamps")),
    )
    first = {name: secrets.token_hex(6) for name in ("catalogue", "prices", "shop")}
    op.execute(sa.insert(stamps).values({"id": 1, **first}))


def downgrade() -> None:
    op.drop_table("stamps")
