"""What a unit costs at a quantity."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.catalog.quantities import check_quantity
from app.pricing.tiers import Break, NextBreak, SkuPrice, list_price_steps, next_break, unit_price
from app.shared.money import Money

SOAP = SkuPrice(Money(340), (Break(48, Money(310)), Break(144, Money(285))))

MONEY = st.integers(0, 1_000_000).map(Money)
BREAKS = st.lists(st.builds(Break, st.integers(1, 150_000), MONEY), max_size=6).map(tuple)
PRICES = st.builds(SkuPrice, MONEY, BREAKS)
PACKS = st.integers(1, 144)
MINIMUMS = st.integers(1, 288)


@pytest.mark.parametrize(
    "quantity, cents", [(1, 340), (12, 340), (47, 340), (48, 310), (143, 310), (144, 285), (100_000, 285)]
)
def test_the_price_falls_at_each_break(quantity, cents):
    assert unit_price(SOAP, quantity) == Money(cents)


@pytest.mark.parametrize(
    "breaks, quantity, cents",
    [
        ((), 12, 340),
        ((Break(1, Money(300)),), 1, 300),
        ((Break(1, Money(400)),), 12, 340),
        ((Break(24, Money(320)), Break(12, Money(300))), 24, 300),
        ((Break(12, Money(0)),), 12, 0),
    ],
)
def test_a_price_list_can_only_make_a_sku_cheaper(breaks, quantity, cents):
    assert unit_price(SkuPrice(Money(340), breaks), quantity) == Money(cents)


@given(PRICES, st.integers(1, 100_000), st.integers(0, 100_000))
def test_more_never_costs_more_a_unit(price, quantity, more):
    assert unit_price(price, quantity + more) <= unit_price(price, quantity)


@given(PRICES, st.integers(1, 100_000))
def test_a_unit_price_is_never_negative_nor_above_the_list_price(price, quantity):
    assert Money(0) <= unit_price(price, quantity) <= price.list_price


@pytest.mark.parametrize(
    "quantity, case_pack, minimum, expected",
    [
        (36, 12, 12, NextBreak(12, Money(310))),
        (12, 12, 12, NextBreak(36, Money(310))),
        (48, 12, 12, NextBreak(96, Money(285))),
        (144, 12, 12, None),
        (40, 10, 10, NextBreak(10, Money(310))),
        (1, 144, 144, NextBreak(143, Money(285))),
    ],
)
def test_the_next_break_counts_in_whole_cases(quantity, case_pack, minimum, expected):
    assert next_break(SOAP, quantity, case_pack, minimum) == expected


def test_a_break_nobody_can_reach_is_not_promised():
    price = SkuPrice(Money(340), (Break(200_000, Money(100)),))
    assert next_break(price, 12, 12, 12) is None
    assert list_price_steps(price, 12, 12) == (Break(12, Money(340)),)


def test_the_next_break_in_words():
    assert NextBreak(12, Money(310)).words == "Add 12 more for $3.10 each"
    assert NextBreak(1_200, Money(1_000_50)).words == "Add 1,200 more for $1,000.50 each"


@given(PRICES, st.integers(1, 100_000), PACKS, MINIMUMS)
def test_following_the_hint_gives_the_promised_price(price, quantity, case_pack, minimum):
    hint = next_break(price, quantity, case_pack, minimum)
    if hint is not None:
        assert hint.add > 0
        assert check_quantity(quantity + hint.add, case_pack, minimum) is None
        assert unit_price(price, quantity + hint.add) == hint.unit_price < unit_price(price, quantity)


def test_the_table_of_breaks_begins_at_what_can_be_ordered_first():
    assert list_price_steps(SOAP, 12, 12) == (
        Break(12, Money(340)),
        Break(48, Money(310)),
        Break(144, Money(285)),
    )
    assert list_price_steps(SOAP, 60, 60) == (Break(60, Money(310)), Break(180, Money(285)))
    assert list_price_steps(SkuPrice(Money(340)), 1, 1) == (Break(1, Money(340)),)


@given(PRICES, PACKS, MINIMUMS)
def test_the_table_of_breaks_rises_in_quantity_and_falls_in_price(price, case_pack, minimum):
    steps = list_price_steps(price, case_pack, minimum)
    assert steps
    for lower, higher in pairwise(steps):
        assert lower.minimum_quantity < higher.minimum_quantity
        assert lower.unit_price > higher.unit_price
    for step in steps:
        assert check_quantity(step.minimum_quantity, case_pack, minimum) is None
        assert unit_price(price, step.minimum_quantity) == step.unit_price
