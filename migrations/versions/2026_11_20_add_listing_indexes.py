"""index a category's listing by name and by age; the search no longer reads names from an index

Revision ID: add_listing_indexes
Revises: add_product_search
"""

from __future__ import annotations

from alembic import op

revision = "add_listing_indexes"
down_revision = "add_product_search"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_products_listing_name", "products", ["category_id", "is_active", "name", "id"])
    op.create_index(
        "ix_products_listing_newest", "products", ["category_id", "is_active", "created_at", "id"]
    )
    op.drop_index("ix_products_name", table_name="products")
    op.create_index("ix_products_name", "products", ["is_active", "name", "id"])


def downgrade() -> None:
    op.drop_index("ix_products_name", table_name="products")
    op.create_index("ix_products_name", "products", ["is_active", "name", "id", "brand", "position"])
    op.drop_index("ix_products_listing_newest", table_name="products")
    op.drop_index("ix_products_listing_name", table_name="products")
