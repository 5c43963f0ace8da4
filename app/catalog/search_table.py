"""The table a search looks at: one row a product, the same on both engines; each keeps its own index over the words.

MySQL and MariaDB: a FULLTEXT index. SQLite: an FTS5 table beside it that triggers keep in step, whoever writes the rows
(a restore and a migration included). Nobody but search_rows.py writes here.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import DDL, String, Text, event
from sqlalchemy.dialects import mysql
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import db
from app.shared.columns import BigId

# Compared by code point, as SQLite does: the words were made plain before they got here.
_BINARY = "utf8mb4_bin"
NAME_LENGTH = 120
NAME_TYPE = String(NAME_LENGTH).with_variant(
    mysql.VARCHAR(NAME_LENGTH, collation=_BINARY), "mysql", "mariadb"
)
WORDS_TYPE = Text().with_variant(mysql.TEXT(collation=_BINARY), "mysql", "mariadb")
FULLTEXT_INDEX = "ft_product_search_words"
FULLTEXT_STATEMENT = f"CREATE FULLTEXT INDEX {FULLTEXT_INDEX} ON product_search (words)"
FTS_TABLE = "product_search_fts"

# No positions and no sizes: nothing asks for phrases or for a rank, and without them it is half as large. The short
# prefixes people begin with (two and three letters after the mark of the field) have an index of their own.
FTS_STATEMENTS = (
    """CREATE VIRTUAL TABLE product_search_fts USING fts5(
        words, content='product_search', content_rowid='product_id',
        tokenize="unicode61 remove_diacritics 0 tokenchars '_'", prefix='4 5', detail=none, columnsize=0)""",
    """CREATE TRIGGER product_search_added AFTER INSERT ON product_search BEGIN
        INSERT INTO product_search_fts(rowid, words) VALUES (new.product_id, new.words);
    END""",
    """CREATE TRIGGER product_search_removed AFTER DELETE ON product_search BEGIN
        INSERT INTO product_search_fts(product_search_fts, rowid, words)
            VALUES ('delete', old.product_id, old.words);
    END""",
    """CREATE TRIGGER product_search_changed AFTER UPDATE OF product_id, words ON product_search BEGIN
        INSERT INTO product_search_fts(product_search_fts, rowid, words)
            VALUES ('delete', old.product_id, old.words);
        INSERT INTO product_search_fts(rowid, words) VALUES (new.product_id, new.words);
    END""",
)


def _on(*dialects: str, statement: str) -> Any:
    make: Any = DDL  # has no types of its own
    return make(statement).execute_if(dialect=dialects)


def is_of_models(name: str | None, kind: str, _parents: Any) -> bool:
    """Alembic's include_name: not the index, and not the tables an FTS5 table keeps itself in; no model knows those."""
    own = FTS_TABLE if kind == "table" else FULLTEXT_INDEX
    return not (name or "").startswith(own)


class ProductSearch(db.Model):  # type: ignore[name-defined,misc]
    """What of a product is searched. A hidden product has its row, too, without words.

    No foreign key: a row that outlives its product for a moment finds nothing, and a cascade would pass the index by.
    """

    __tablename__ = "product_search"

    product_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    # Without case and accents: what begins with the words typed comes first, and names put the rest in order.
    name: Mapped[str] = mapped_column(NAME_TYPE)
    words: Mapped[str] = mapped_column(WORDS_TYPE)


_table: Any = ProductSearch.__table__
event.listen(_table, "after_create", _on("mysql", "mariadb", statement=FULLTEXT_STATEMENT))
for _statement in FTS_STATEMENTS:
    event.listen(_table, "after_create", _on("sqlite", statement=_statement))
event.listen(_table, "before_drop", _on("sqlite", statement=f"DROP TABLE IF EXISTS {FTS_TABLE}"))
