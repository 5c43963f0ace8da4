"""Single cells of an import."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.catalog.models import TaxClass
from app.imports import cells
from app.shared.money import Money


@pytest.mark.parametrize(
    ("read", "text", "value"),
    [
        (cells.read_code, " hp  12 ", "HP 12"),
        (cells.read_price, "$1,009.50", Money(100_950)),
        (cells.read_price, "0", Money(0)),
        (cells.read_barcode, "0 36000-29145 2", "036000291452"),
        (cells.read_weight, "12 oz", 340),
        (cells.read_weight, "1.5LB", 680),
        (cells.read_weight, "2 kg", 2000),
        (cells.read_weight, "0.4 g", 0),
        (cells.read_yes_no, "Yes", True),
        (cells.read_yes_no, "0", False),
        (cells.read_tax_class, "Exempt", TaxClass.EXEMPT),
        (cells.read_options, "Scent=Lavender; Size = 8 oz;", {"Scent": "Lavender", "Size": "8 oz"}),
        (cells.read_category_path, "Kitchen >  Tin   mugs", ("Kitchen", "Tin mugs")),
        (cells.read_handle, "lavender-soap-2", "lavender-soap-2"),
    ],
)
def test_what_people_type_is_understood(read: Callable[[str], Any], text: str, value: object) -> None:
    assert read(text) == value


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (cells.read_code, "x" * 41),
        (cells.read_price, "-1"),
        (cells.read_price, "1.005"),
        (cells.read_price, "NaN"),
        (cells.read_price, "1e9"),
        (cells.read_barcode, "123"),
        (cells.read_barcode, "3.6E+10"),
        (cells.read_weight, "12"),
        (cells.read_weight, "-1 oz"),
        (cells.read_weight, "9999999 kg"),
        (cells.read_yes_no, "maybe"),
        (cells.read_tax_class, "reduced"),
        (cells.read_options, "Lavender"),
        (cells.read_options, "Size=1; Size=2"),
        (cells.read_category_path, "A > > B"),
        (cells.read_category_path, "A > B > C > D"),
        (cells.read_handle, "Lavender Soap"),
        (cells.read_handle, "-x"),
    ],
)
def test_what_is_wrong_comes_back_with_what_to_type(read: Callable[[str], Any], text: str) -> None:
    with pytest.raises(ValueError, match=r"\.$"):
        read(text)


def test_a_line_break_may_stand_in_a_description_and_a_bell_may_not() -> None:
    assert cells.read_words("one\r\n\r\ntwo", 20) == "one\n\ntwo"
    with pytest.raises(ValueError, match="cannot be printed"):
        cells.read_words("ding\x07", 20)


READERS = [
    cells.read_code, cells.read_price, cells.read_barcode, cells.read_weight, cells.read_yes_no, cells.read_tax_class,
    cells.read_options, cells.read_category_path, cells.read_handle, lambda text: cells.read_whole(text, 0, 10),
]  # fmt: skip


@given(st.text(max_size=60))
def test_no_text_at_all_breaks_a_reader(text: str) -> None:
    for read in READERS:
        with suppress(ValueError):  # anything else is a bug and fails this test
            read(text)
