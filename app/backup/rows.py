"""A table's rows, out of one engine and into another, a handful in memory at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from app.backup.cells import Cell, Raw, TableShape, decoder, encoder, readable

_BATCH = 500


def count_rows(connection: Connection, table: str) -> int:
    """How many rows a table has."""
    return int(connection.execute(sa.select(sa.func.count()).select_from(sa.table(table))).scalar_one())


def read_rows(connection: Connection, shape: TableShape) -> Iterator[list[list[Cell]]]:
    """Every row's cells in the order of the key, some hundred at a time."""
    encoders = [encoder(column) for column in shape.columns]
    table = readable(shape)
    query = sa.select(*table.columns).order_by(*(table.columns[name] for name in shape.key))
    streaming = connection.execution_options(stream_results=True, yield_per=_BATCH)
    for rows in streaming.execute(query).partitions():
        yield [[encode(value) for encode, value in zip(encoders, row, strict=True)] for row in rows]


def write_rows(connection: Connection, shape: TableShape, rows: Iterable[Sequence[Any]]) -> Iterator[int]:
    """Insert the rows as they come; yields how many went in, some hundred at a time.

    ValueError or TypeError for a cell that is not of its column's kind, sqlalchemy's DatabaseError for a row the
    database does not take.
    """
    decoders = [decoder(column) for column in shape.columns]
    insert = _insert(connection, shape)
    batch: list[tuple[Raw, ...]] = []
    for row in rows:
        batch.append(tuple(decode(cell) for decode, cell in zip(decoders, row, strict=True)))
        if len(batch) == _BATCH:
            connection.exec_driver_sql(insert, batch)
            yield len(batch)
            batch = []
    if batch:
        connection.exec_driver_sql(insert, batch)
        yield len(batch)


def _insert(connection: Connection, shape: TableShape) -> str:
    """Plain text: the cells are what a driver takes on every engine, and no type needs to look at them again."""
    quote = connection.dialect.identifier_preparer.quote
    sign = "?" if connection.dialect.paramstyle == "qmark" else "%s"
    names = ", ".join(quote(column.name) for column in shape.columns)
    signs = ", ".join(sign for _ in shape.columns)
    return f"INSERT INTO {quote(shape.name)} ({names}) VALUES ({signs})"  # noqa: S608  # nosec B608 # names from our own tables
