"""add the table that searches look at, filled from the products there are

Revision ID: add_product_search
Revises: add_guards
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

from app.catalog.search_table import (
    FTS_STATEMENTS,
    FTS_TABLE,
    FULLTEXT_STATEMENT,
    NAME_LENGTH,
    NAME_TYPE,
    WORDS_TYPE,
)
from app.catalog.search_words import Indexed, fold, index_words
from app.shared.columns import BigId

revision = "add_product_search"
down_revision = "add_guards"
branch_labels = None
depends_on = None

_BATCH = 500
_PRODUCTS = sa.table(
    "products", *map(sa.column, ("id", "name", "brand", "summary", "category_id", "is_active"))
)
_SKUS = sa.table("skus", *map(sa.column, ("id", "product_id", "code", "barcode", "is_active", "position")))
_ROWS = sa.table("product_search", *map(sa.column, ("product_id", "name", "words")))


def upgrade() -> None:
    # All of it comes from other tables: where MySQL was stopped halfway through, it simply starts again.
    op.execute("DROP TABLE IF EXISTS product_search")
    op.create_table(
        "product_search",
        sa.Column("product_id", BigId, nullable=False, autoincrement=False),
        sa.Column("name", NAME_TYPE, nullable=False),
        sa.Column("words", WORDS_TYPE, nullable=False),
        sa.PrimaryKeyConstraint("product_id", name=op.f("pk_product_search")),
    )
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in FTS_STATEMENTS if is_sqlite else ():
        op.get_bind().exec_driver_sql(statement)
    _fill()
    if not is_sqlite:  # after the rows: so InnoDB sorts the words once instead of taking them in one by one
        op.execute(FULLTEXT_STATEMENT)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"DROP TABLE IF EXISTS {FTS_TABLE}")
    op.drop_table("product_search")


def _fill() -> None:
    connection, last = op.get_bind(), 0
    columns = list(_PRODUCTS.c)
    while True:
        query = sa.select(*columns).where(_PRODUCTS.c.id > last).order_by(_PRODUCTS.c.id).limit(_BATCH)
        products = connection.execute(query).all()
        if not products:
            return
        connection.execute(sa.insert(_ROWS), list(_rows(connection, products)))
        last = products[-1].id


def _rows(connection: sa.Connection, products: Any) -> Iterator[dict[str, Any]]:
    codes: dict[int, list[str]] = defaultdict(list)
    skus = sa.select(_SKUS.c.product_id, _SKUS.c.code, _SKUS.c.barcode).where(
        _SKUS.c.product_id.in_([product.id for product in products]), _SKUS.c.is_active.is_(sa.true())
    )
    for product_id, code, barcode in connection.execute(
        skus.order_by(_SKUS.c.product_id, _SKUS.c.position, _SKUS.c.id)
    ):
        codes[product_id] += [each for each in (code, barcode) if each]
    for each in products:
        facts = Indexed(each.name, each.brand, each.summary, each.category_id, tuple(codes[each.id]))
        words = index_words(facts) if each.is_active else ""
        yield {"product_id": each.id, "name": fold(each.name)[:NAME_LENGTH], "words": words}
