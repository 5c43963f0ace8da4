"""The contract of a full-text engine, and the two that keep it: MySQL's FULLTEXT and SQLite's FTS5.

Both are given the same terms (search_words.py) over the same rows (search_table.py), and tests/integration/search holds
both to one suite.
"""

from __future__ import annotations

from typing import Any, Protocol

from sqlalchemy import ColumnElement, Connection, Select, literal_column, select, table
from sqlalchemy.dialects import mysql
from sqlalchemy.orm import InstrumentedAttribute

from app.catalog.search_table import FTS_TABLE, ProductSearch
from app.catalog.search_words import Term, Wanted

_match: Any = mysql.match  # knows no attributes of models
# Comes after every text that goes on with something people write.
_AFTER_ALL = "\U0010ffff"


class FullText(Protocol):
    """One database's way to find rows by their words."""

    def select_fitting(self, wanted: Wanted, most: int) -> Select[Any]:
        """A query for ids of products whose words hold all that is wanted, in no order; `most` bounds what it costs."""

    def begins_with(self, column: InstrumentedAttribute[str], text: str) -> ColumnElement[bool]:
        """That a column begins with a text, said so that the column's own index finds and orders the rows."""

    def mend(self, connection: Connection) -> None:
        """Make the index say again what the rows say, where the engine does not see to that itself."""


class MySqlFullText:
    """FULLTEXT in boolean mode, on MySQL 8 and MariaDB. It sees committed rows only."""

    def select_fitting(self, wanted: Wanted, most: int) -> Select[Any]:
        fits: Any = _match(ProductSearch.words, against=boolean_mode(wanted)).in_boolean_mode()
        return select(ProductSearch.product_id).where(fits).limit(most)

    def begins_with(self, column: InstrumentedAttribute[str], text: str) -> ColumnElement[bool]:
        return column.startswith(text, autoescape=True)

    def mend(self, connection: Connection) -> None:
        """InnoDB keeps the index with the rows."""


class SqliteFts5:
    """An FTS5 table over the rows, kept in step by triggers."""

    def select_fitting(self, wanted: Wanted, most: int) -> Select[Any]:
        found = table(FTS_TABLE)
        rowid: ColumnElement[int] = literal_column(f"{FTS_TABLE}.rowid")
        fits = literal_column(FTS_TABLE).op("MATCH")(match_words(wanted))
        return select(rowid.label("product_id")).select_from(found).where(fits).limit(most)

    def begins_with(self, column: InstrumentedAttribute[str], text: str) -> ColumnElement[bool]:
        """LIKE ignores case, and so the index; a range does not, and codes are stored in one case."""
        return (column >= text) & (column < text + _AFTER_ALL)

    def mend(self, connection: Connection) -> None:
        connection.exec_driver_sql(f"INSERT INTO {FTS_TABLE}({FTS_TABLE}) VALUES ('rebuild')")  # noqa: S608  # nosec B608 # our own table's name


def full_text_of(dialect_name: str) -> FullText:
    """The engine for a database."""
    return SqliteFts5() if dialect_name == "sqlite" else MySqlFullText()


def boolean_mode(wanted: Wanted) -> str:
    """ "+(a_soap* g_7) +(a_tshirt* (+a_t +a_shirt*))": + is and, a space is or."""
    return " ".join(f"+({' '.join(_all_of(way, '+', ' +') for way in ways)})" for ways in wanted)


def match_words(wanted: Wanted) -> str:
    """ "(a_soap* OR g_7) AND (a_tshirt* OR (a_t AND a_shirt*))"."""
    return " AND ".join(f"({' OR '.join(_all_of(way, '', ' AND ') for way in ways)})" for ways in wanted)


def _all_of(way: tuple[Term, ...], before: str, between: str) -> str:
    terms = [_starred(term) for term in way]
    return terms[0] if len(terms) == 1 else f"({before}{between.join(terms)})"


def _starred(term: Term) -> str:
    return f"{term.text}*" if term.is_prefix else term.text
