"""add second factors

Revision ID: add_second_factors
Revises: add_listing_indexes
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.shared.columns import BigId, UtcDateTime

revision = "add_second_factors"
down_revision = "add_listing_indexes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "second_factors",
        sa.Column("id", BigId, nullable=False),
        sa.Column("user_id", BigId, nullable=False),
        sa.Column("secret_encrypted", sa.String(255), nullable=False),
        sa.Column("begun_at", UtcDateTime(), nullable=False),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.Column("recovery_salt", sa.String(32), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_second_factors_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_second_factors")),
        sa.UniqueConstraint("user_id", name=op.f("uq_second_factors_user_id")),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("id", BigId, nullable=False),
        sa.Column("user_id", BigId, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_recovery_codes_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_codes")),
    )
    with op.batch_alter_table("recovery_codes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_recovery_codes_user_id"), ["user_id"], unique=False)
    op.add_column("users", sa.Column("second_factor_since", UtcDateTime(), nullable=True))
    op.add_column(
        "shop_facts",
        sa.Column("staff_need_second_factor", sa.Boolean(), nullable=False, server_default=sa.false()),
    )


def downgrade() -> None:
    op.drop_column("shop_facts", "staff_need_second_factor")
    op.drop_column("users", "second_factor_since")
    op.drop_table("recovery_codes")
    op.drop_table("second_factors")
