"""Values go into a backup as JSON that no database owns, and come back as what every driver takes."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from app.backup.cells import Cell, Column, Raw, decoder, encoder, shape_of
from app.extensions import db
from app.orders.models import Order
from app.shared.columns import BigId, Cents, UtcDateTime, status_type
from app.shop.models import CaptureRule


@pytest.mark.parametrize(
    ("column", "value", "cell", "raw"),
    [
        (Column("id", "integer"), 2**63 - 1, 2**63 - 1, 2**63 - 1),
        (Column("name", "text"), 'Öl, "1 l"\n🫒', 'Öl, "1 l"\n🫒', 'Öl, "1 l"\n🫒'),
        (Column("is_active", "boolean"), True, True, 1),
        (Column("at", "time"), datetime(2026, 1, 2, 3, 4, 5), "2026-01-02 03:04:05.000000", "2026-01-02 03:04:05.000000"),  # noqa: DTZ001  # as the database holds it
        (Column("on", "date"), date(2026, 1, 2), "2026-01-02", "2026-01-02"),
        (Column("rate", "decimal", 5), Decimal("0.055"), "0.05500", "0.05500"),
        (Column("facts", "json"), '{"a": 1.0}', '{"a": 1.0}', '{"a": 1.0}'),
        (Column("facts", "json"), b'["x"]', '["x"]', '["x"]'),
        (Column("picture", "bytes"), b"\x00\xff", "AP8=", b"\x00\xff"),
    ],
    ids=lambda value: value.kind if isinstance(value, Column) else "",
)  # fmt: skip
def test_a_value_goes_in_and_comes_out(column: Column, value: Any, cell: Cell, raw: Raw) -> None:
    assert encoder(column)(value) == cell
    assert decoder(column)(cell) == raw
    assert encoder(column)(None) is None
    assert decoder(column)(None) is None


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        (Column("id", "integer"), "1"),
        (Column("id", "integer"), True),
        (Column("id", "integer"), 2**63),
        (Column("name", "text"), 7),
        (Column("is_active", "boolean"), 1),
        (Column("at", "time"), "2026-01-02"),
        (Column("at", "time"), "2026-13-02 03:04:05.000000"),
        (Column("on", "date"), "yesterday"),
        (Column("rate", "decimal", 5), "NaN"),
        (Column("rate", "decimal", 5), "much"),
        (Column("picture", "bytes"), "?"),
    ],
)
def test_a_cell_of_another_kind_is_refused(column: Column, cell: Cell) -> None:
    with pytest.raises((ValueError, TypeError)):
        decoder(column)(cell)


def test_every_column_type_of_the_shop_has_a_kind() -> None:
    table = sa.Table(
        "things", sa.MetaData(),
        sa.Column("id", BigId, primary_key=True), sa.Column("price_cents", Cents), sa.Column("at", UtcDateTime),
        sa.Column("rule", status_type(CaptureRule, "rule")), sa.Column("is_on", sa.Boolean),
        sa.Column("rate", sa.Numeric(7, 5)), sa.Column("facts", sa.JSON), sa.Column("note", sa.Text),
        sa.Column("day", sa.Date), sa.Column("twice", sa.Integer, sa.Computed("id * 2")),
    )  # fmt: skip
    shape = shape_of(table)
    kinds = ["integer", "integer", "time", "text", "boolean", "decimal", "json", "text", "date"]
    assert [column.kind for column in shape.columns] == kinds
    assert shape.key == ("id",)


def test_every_table_of_the_shop_fits() -> None:
    assert Order.__tablename__ in db.metadata.tables
    for table in db.metadata.tables.values():
        assert shape_of(table).key, f"{table} has no key, so its rows have no order"


def test_a_type_nobody_thought_of_stops_the_backup() -> None:
    table = sa.Table("things", sa.MetaData(), sa.Column("weight", sa.Float))
    with pytest.raises(TypeError, match="no place in a backup"):
        shape_of(table)
