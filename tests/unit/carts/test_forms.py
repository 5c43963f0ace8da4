"""What the cart's forms may send, and what anything else becomes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from app.carts.additions import Addition
from app.carts.forms import AddForm, read_id, read_quantity, read_undo
from app.carts.guest_list import MOST_LINES, read_list
from app.catalog.quantities import MOST_UNITS, WrongQuantity


def read(*pairs):
    return AddForm.read(MultiDict(pairs))


def test_one_sku_with_its_quantity():
    form = read(("sku_id", "7"), ("quantity", "12"), ("next", "/catalog"))
    assert form == AddForm((Addition(7, "12"),), "/catalog", is_table=False)


def test_one_sku_without_a_number_typed_is_not_overlooked():
    assert read(("sku_id", "7"), ("quantity", "")).additions == (Addition(7, ""),)


def test_without_a_quantity_field_the_least_is_meant():
    assert read(("sku_id", "7")).additions == (Addition(7),)


def test_the_filled_rows_of_a_table():
    form = read(
        ("sku_id", "7"),
        ("quantity", ""),
        ("sku_id", "8"),
        ("quantity", "24"),
        ("sku_id", "9"),
        ("quantity", "0"),
    )
    assert (form.additions, form.is_table, form.row_id) == ((Addition(8, "24"),), True, 0)


def test_one_row_of_a_table_by_its_own_button():
    form = read(("sku_id", "7"), ("quantity", "12"), ("sku_id", "8"), ("quantity", "24"), ("only", "8"))
    assert (form.additions, form.is_table, form.row_id) == ((Addition(8, "24"),), False, 8)


def test_an_offered_quantity_wins_over_what_is_typed():
    form = read(("sku_id", "7"), ("quantity", "50"), ("fix", "7:48"))
    assert (form.additions, form.row_id) == ((Addition(7, "48"),), 7)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["sku_id", "quantity", "only", "fix", "next", "price"]), st.text(max_size=60)
        )
    )
)
def test_any_form_is_read_without_an_error(pairs):
    form = AddForm.read(MultiDict(pairs))
    assert all(each.sku_id >= 0 for each in form.additions)


@pytest.mark.parametrize(
    "text, expected", [("7", 7), ("", 0), ("-7", 0), ("7.0", 0), ("٧", 0), ("9" * 19, 0), ("x", 0)]
)
def test_ids_are_digits(text, expected):
    assert read_id(text) == expected


def test_a_pressed_quantity_wins_over_the_box_of_a_line():
    assert read_quantity(MultiDict({"quantity": "50", "fix": "48"})) == (48, "48")
    assert read_quantity(MultiDict({"quantity": "1,200"})) == (1200, "1,200")
    with pytest.raises(WrongQuantity):
        read_quantity(MultiDict())


def test_what_to_put_back_is_read_or_nothing():
    assert read_undo(MultiDict({"sku_id": "7", "quantity": "12"})) == (7, 12)
    assert read_undo(MultiDict({"sku_id": "7", "quantity": "lots"})) == (0, 0)


@pytest.mark.parametrize(
    "stored, expected",
    [
        (None, {}),
        ("7", {}),
        ([[7, 12], [8, 24]], {7: 12, 8: 24}),
        ([[7, 12], [7, 24]], {7: 24}),
        ([[7], [8, "x"], [9, True], [0, 1], [1, 0], [2, MOST_UNITS + 1], None, [3, 3]], {3: 3}),
        ([[number, 1] for number in range(1, 80)], dict.fromkeys(range(1, MOST_LINES + 1), 1)),
    ],
)
def test_a_guests_list_survives_whatever_a_session_holds(stored, expected):
    assert read_list({"wanted": stored}) == expected
