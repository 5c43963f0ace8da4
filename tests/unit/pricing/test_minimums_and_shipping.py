"""The least an order must come to, and what its delivery costs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.pricing.minimums import GroupMinimums, OrderMinimum, measure_minimum
from app.pricing.shipping import ShippingCharge, ShippingRule, charge_shipping
from app.shared.money import ZERO, Money

BOUTIQUES = GroupMinimums(first_order=Money(15000), reorder=Money(7500))
GROUND = ShippingRule(1, "ground", "Ground", Money(1200), free_above=Money(50000))

MONEY = st.integers(0, 10_000_000).map(Money)


@pytest.mark.parametrize(
    "cents, is_first, missing, words",
    [
        (11200, True, 3800, "Add $38.00 more to reach the $150.00 first-order minimum"),
        (14999, True, 1, "Add $0.01 more to reach the $150.00 first-order minimum"),
        (15000, True, 0, "$150.00 first-order minimum reached"),
        (7000, False, 500, "Add $5.00 more to reach the $75.00 order minimum"),
        (7500, False, 0, "$75.00 order minimum reached"),
    ],
)
def test_the_meter_says_how_much_is_missing(cents, is_first, missing, words):
    minimum = measure_minimum(BOUTIQUES, Money(cents), is_first)
    assert minimum.missing == Money(missing)
    assert minimum.words == words
    assert minimum.is_met == (missing == 0)


def test_an_order_under_the_minimum_is_a_violation_with_its_fix():
    violation = measure_minimum(BOUTIQUES, Money(11200), True).violation
    assert violation is not None
    assert violation.code == "order_minimum"
    assert violation.message == "Add $38.00 more to reach the $150.00 first-order minimum."
    assert (violation.fix_label, violation.fix_endpoint) == ("Add products", "catalog.index")


def test_an_order_at_the_minimum_is_no_violation():
    assert measure_minimum(BOUTIQUES, Money(15000), True).violation is None


def test_a_group_without_a_minimum_says_nothing():
    minimum = measure_minimum(GroupMinimums(), ZERO, True)
    assert (minimum.words, minimum.is_met, minimum.violation) == ("", True, None)


@given(MONEY, MONEY, st.booleans())
def test_what_is_missing_always_fills_the_gap_and_is_never_negative(required, reached, is_first):
    minimum = OrderMinimum(required, reached, is_first)
    assert minimum.missing >= ZERO
    assert minimum.reached + minimum.missing >= required


@pytest.mark.parametrize(
    "rule, subtotal, charge",
    [
        (
            GROUND,
            40000,
            ShippingCharge(Money(1200), "Ground: $12.00", "Spend $100.00 more for free shipping"),
        ),
        (GROUND, 50000, ShippingCharge(ZERO, "Ground: free from $500.00")),
        (GROUND, 90000, ShippingCharge(ZERO, "Ground: free from $500.00")),
        (ShippingRule(2, "flat", "Flat", Money(900)), 90000, ShippingCharge(Money(900), "Flat: $9.00")),
        (ShippingRule(3, "gift", "On us", ZERO), 100, ShippingCharge(ZERO, "On us: free")),
        (
            ShippingRule(4, "pickup", "Pickup", ZERO, is_pickup=True),
            100,
            ShippingCharge(ZERO, "Pickup: free"),
        ),
        (
            ShippingRule(5, "dock", "Dock pickup", Money(500), free_above=ZERO, is_pickup=True),
            100,
            ShippingCharge(Money(500), "Dock pickup: $5.00"),
        ),
    ],
)
def test_delivery_costs(rule, subtotal, charge):
    assert charge_shipping(rule, Money(subtotal)) == charge


@given(MONEY, MONEY, st.none() | MONEY, st.booleans())
def test_shipping_is_the_price_or_nothing(subtotal, price, free_above, is_pickup):
    rule = ShippingRule(1, "any", "Any", price, free_above, is_pickup)
    assert charge_shipping(rule, subtotal).price in {ZERO, price}
