"""A column's values as JSON that no database owns: written from one engine, read into another."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import sqlalchemy as sa

# What a cell is in the file: JSON's own null, number, true or string.
Cell = None | bool | int | str
# What a driver is handed: every engine turns these texts into its own kind.
Raw = None | int | str | bytes

_TIME = "%Y-%m-%d %H:%M:%S.%f"


@dataclass(frozen=True, slots=True)
class Column:
    """A column and what it holds: integer, text, boolean, time, date, json, bytes, or decimal with its `scale`."""

    name: str
    kind: str
    scale: int = 0


@dataclass(frozen=True, slots=True)
class TableShape:
    """A table's columns in the order of the cells, and the columns of its key."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]


def shape_of(table: sa.Table) -> TableShape:
    """What of a table is kept: all its columns but those the database computes."""
    columns = tuple(_column_of(column) for column in table.columns if column.computed is None)
    return TableShape(table.name, columns, tuple(column.name for column in table.primary_key))


def _column_of(column: sa.Column[Any]) -> Column:
    plain = column.type
    while isinstance(plain, sa.TypeDecorator):
        plain = plain.impl_instance
    if isinstance(plain, sa.Numeric) and plain.asdecimal:
        return Column(column.name, "decimal", plain.scale or 0)
    for kind, types in _TYPES:
        if isinstance(plain, types):
            return Column(column.name, kind)
    raise TypeError(f"{column} is of a type that has no place in a backup yet: {plain!r}")


# In this order: an Enum is a String, too.
_TYPES: tuple[tuple[str, tuple[type[Any], ...]], ...] = (
    ("boolean", (sa.Boolean,)),
    ("json", (sa.JSON,)),
    ("text", (sa.String,)),
    ("integer", (sa.Integer,)),
    ("time", (sa.DateTime,)),
    ("date", (sa.Date,)),
    ("bytes", (sa.LargeBinary,)),
)


def readable(shape: TableShape) -> sa.TableClause:
    """The table as it is selected from: plain types, and JSON as the text that is stored, on every engine."""
    return sa.table(shape.name, *(sa.column(column.name, _reading(column)) for column in shape.columns))


def _reading(column: Column) -> sa.types.TypeEngine[Any]:
    plain: dict[str, sa.types.TypeEngine[Any]] = {
        "integer": sa.BigInteger(),
        "text": sa.Text(),
        "boolean": sa.Boolean(),
        "time": sa.DateTime(),
        "date": sa.Date(),
        "json": sa.Text(),
        "bytes": sa.LargeBinary(),
    }
    return plain.get(column.kind) or sa.Numeric(38, column.scale, decimal_return_scale=column.scale)


def encoder(column: Column) -> Callable[[Any], Cell]:
    """From what the database gave to the cell in the file; times are UTC, to the microsecond."""
    if column.kind == "decimal":
        step = Decimal(1).scaleb(-column.scale)
        return lambda value: None if value is None else str(Decimal(value).quantize(step))
    return _ENCODERS[column.kind]


def decoder(column: Column) -> Callable[[Cell], Raw]:
    """From the cell to what a driver is handed; ValueError or TypeError for a cell that is none of its kind."""
    return _DECODERS[column.kind]


def _text(value: str | bytes | None) -> Cell:
    return value.decode() if isinstance(value, bytes) else value


_ENCODERS: dict[str, Callable[[Any], Cell]] = {
    "integer": lambda value: value,
    "text": _text,
    "json": _text,
    "boolean": lambda value: value,
    "time": lambda value: None if value is None else value.strftime(_TIME),
    "date": lambda value: None if value is None else value.isoformat(),
    "bytes": lambda value: None if value is None else base64.b64encode(value).decode(),
}


def _only(kind: type[Any], cell: Cell) -> Any:
    if cell is not None and type(cell) is not kind:
        raise TypeError(f"{cell!r} is no {kind.__name__}")
    return cell


def _whole_number(cell: Cell) -> Raw:
    number: int | None = _only(int, cell)
    if number is not None and not -(2**63) <= number < 2**63:
        raise ValueError(f"{number} is too large")
    return number


def _truth(cell: Cell) -> Raw:
    truth: bool | None = _only(bool, cell)
    return None if truth is None else int(truth)


def _time(cell: Cell) -> Raw:
    text: str | None = _only(str, cell)
    if text is not None and len(text) != len("2026-11-20 16:00:00.000000"):
        raise ValueError(f"{text!r} is no time")
    if text is not None:
        datetime.fromisoformat(text)
    return text


def _day(cell: Cell) -> Raw:
    text: str | None = _only(str, cell)
    if text is not None:
        date.fromisoformat(text)
    return text


def _number(cell: Cell) -> Raw:
    text: str | None = _only(str, cell)
    try:
        if text is not None and not Decimal(text).is_finite():
            raise ValueError(f"{text!r} is no number")
    except InvalidOperation:
        raise ValueError(f"{text!r} is no number") from None
    return text


def _bytes(cell: Cell) -> Raw:
    text: str | None = _only(str, cell)
    try:
        return None if text is None else base64.b64decode(text, validate=True)
    except binascii.Error:
        raise ValueError("these are no bytes") from None


_DECODERS: dict[str, Callable[[Cell], Raw]] = {
    "integer": _whole_number,
    "text": lambda cell: _only(str, cell),
    "json": lambda cell: _only(str, cell),
    "boolean": _truth,
    "time": _time,
    "date": _day,
    "decimal": _number,
    "bytes": _bytes,
}
KINDS = frozenset(_DECODERS)
