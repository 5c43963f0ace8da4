"""How many can be ordered, and what is offered beside a wrong number."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.catalog.quantities import (
    MOST_UNITS,
    WrongQuantity,
    check_quantity,
    largest_right_within,
    nearest_right,
    parse_quantity,
    require_right_quantity,
    rule_in_words,
    smallest_right,
)

PACKS = st.integers(1, 500)
MINIMUMS = st.integers(1, 2_000)
QUANTITIES = st.integers(0, MOST_UNITS)


@pytest.mark.parametrize(
    "quantity, case_pack, minimum, expected",
    [
        (50, 12, 48, (48, 60)),
        (48, 12, 48, (48, 48)),
        (47, 12, 48, (None, 48)),
        (1, 12, 1, (None, 12)),
        (13, 12, 1, (12, 24)),
        (5, 1, 1, (5, 5)),
        (0, 1, 1, (None, 1)),
        (7, 5, 12, (None, 15)),
        (16, 5, 12, (15, 20)),
        (99_999, 12, 12, (99_996, None)),
        (100_001, 12, 12, (99_996, None)),
        (10, 200_000, 1, (None, None)),
    ],
)
def test_the_two_nearest_right_quantities(quantity, case_pack, minimum, expected):
    assert nearest_right(quantity, case_pack, minimum) == expected


@given(QUANTITIES, PACKS, MINIMUMS)
def test_nearest_quantities_are_right_and_stand_on_both_sides(quantity, case_pack, minimum):
    below, above = nearest_right(quantity, case_pack, minimum)
    for right in (below, above):
        assert right is None or check_quantity(right, case_pack, minimum) is None
    assert below is None or quantity - case_pack < below <= quantity
    assert above is None or above >= quantity
    if above is not None and quantity >= smallest_right(case_pack, minimum):
        assert above < quantity + case_pack


@given(QUANTITIES, PACKS, MINIMUMS)
def test_a_right_quantity_is_whole_cases_from_the_minimum_up(quantity, case_pack, minimum):
    is_right = quantity >= minimum and quantity % case_pack == 0
    assert (check_quantity(quantity, case_pack, minimum) is None) == is_right


@given(QUANTITIES, PACKS, MINIMUMS)
def test_the_most_out_of_stock_can_be_ordered_and_is_there(available, case_pack, minimum):
    most = largest_right_within(available, case_pack, minimum)
    assert 0 <= most <= available
    assert most == 0 or check_quantity(most, case_pack, minimum) is None


@pytest.mark.parametrize(
    "quantity, case_pack, minimum, code, message",
    [
        (50, 12, 48, "off_pack", "Sold in 12s, 48 minimum. Choose 48 or 60."),
        (13, 12, 1, "off_pack", "Sold in 12s. Choose 12 or 24."),
        (6, 12, 48, "below_minimum", "Sold in 12s, 48 minimum. Choose 48."),
        (3, 1, 5, "below_minimum", "5 minimum. Choose 5."),
        (0, 1, 1, "below_minimum", "At least 1. Choose 1."),
        (
            MOST_UNITS + 1,
            1,
            1,
            "too_many",
            "That is more than 100,000, the most one line can hold. Call us for larger orders.",
        ),
        (10, 200_000, 1, "below_minimum", "Sold in 200000s. Call us to order this."),
    ],
)
def test_a_wrong_quantity_is_told_what_to_type(quantity, case_pack, minimum, code, message):
    problem = check_quantity(quantity, case_pack, minimum)
    assert problem is not None
    assert (problem.code, problem.message) == (code, message)


def test_a_wrong_quantity_keeps_what_was_typed_and_offers_both_neighbours():
    with pytest.raises(WrongQuantity) as caught:
        require_right_quantity(50, 12, 48, typed=" 50 ")
    assert caught.value.typed == " 50 "
    assert caught.value.nearest == (48, 60)
    assert caught.value.field == "quantity"


def test_a_right_quantity_passes():
    require_right_quantity(60, 12, 48)


@pytest.mark.parametrize(
    "text, expected",
    [
        ("48", 48),
        (" 48 ", 48),
        ("1,200", 1200),
        ("1 200", 1200),
        ("1\u00a0200", 1200),
        ("1\u202f200", 1200),
        ("007", 7),
        ("0", 0),
        ("0000000000000012", 12),
        ("100000", 100_000),
    ],
)
def test_quantities_may_carry_spaces_and_commas(text, expected):
    assert parse_quantity(text) == expected


@pytest.mark.parametrize(
    "text, message",
    [
        ("", "Enter how many you want, like 48."),
        ("  , ", "Enter how many you want, like 48."),
        ("a dozen", "Enter a whole number of units, like 48."),
        ("12.5", "Enter a whole number of units, like 48."),
        ("-12", "Enter a whole number of units, like 48."),
        ("٤٨", "Enter a whole number of units, like 48."),
        ("²", "Enter a whole number of units, like 48."),
        ("1e3", "Enter a whole number of units, like 48."),
        ("9" * 5000, "That is more than 100,000, the most one line can hold. Call us for larger orders."),
        ("100001", "That is more than 100,000, the most one line can hold. Call us for larger orders."),
    ],
)
def test_what_is_no_quantity_is_refused_in_words(text, message):
    with pytest.raises(WrongQuantity) as caught:
        parse_quantity(text)
    assert caught.value.message == message
    assert caught.value.typed == text


@given(st.text(max_size=200))
def test_any_text_is_a_quantity_or_a_friendly_refusal(text):
    try:
        quantity = parse_quantity(text)
    except WrongQuantity as refusal:
        quantity, words = 0, refusal.message
    else:
        words = "understood"
    assert 0 <= quantity <= MOST_UNITS
    assert words


@pytest.mark.parametrize(
    "case_pack, minimum, words",
    [
        (12, 48, "Sold in 12s, 48 minimum"),
        (12, 12, "Sold in 12s"),
        (12, 1, "Sold in 12s"),
        (1, 5, "5 minimum"),
        (1, 1, ""),
        (5, 12, "Sold in 5s, 15 minimum"),
    ],
)
def test_the_rule_in_words(case_pack, minimum, words):
    assert rule_in_words(case_pack, minimum) == words
