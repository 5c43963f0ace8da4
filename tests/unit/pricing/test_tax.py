"""Whose tax is due, how much, and why."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from app.pricing.tax import (
    Certificate,
    LocalRate,
    Place,
    TaxTable,
    decide_tax,
    find_local_rate,
    percent,
)

TODAY = date(2026, 11, 20)
PORTLAND = Place("ME", "04101")
MAINE = TaxTable("ME", "Maine", Decimal("0.055"))
COLORADO = TaxTable(
    "CO",
    "Colorado",
    Decimal("0.029"),
    is_shipping_taxable=True,
    local_rates=(
        LocalRate("80", "Front Range", Decimal("0.01000")),
        LocalRate("802", "Denver", Decimal("0.05250")),
    ),
)
NEW_HAMPSHIRE = TaxTable("NH", "New Hampshire")


def certificate(**changes):
    facts = {
        "certificate_id": 7,
        "state": "ME",
        "number": "R-1234567",
        "is_verified": True,
        "issued_on": date(2025, 7, 1),
        "expires_on": date(2027, 6, 30),
    }
    return Certificate(**(facts | changes))


def test_goods_are_taxed_where_they_go():
    outcome = decide_tax(PORTLAND, MAINE, [], True, TODAY)
    assert outcome.goods_rate == Decimal("0.055")
    assert outcome.shipping_rate == 0
    assert outcome.reason == "Taxed: Maine 5.5 %"
    assert outcome.certificate_id is None


def test_a_locality_adds_to_the_state_and_the_longest_prefix_wins():
    outcome = decide_tax(Place("CO", "80202-1234"), COLORADO, [], True, TODAY)
    assert outcome.goods_rate == Decimal("0.0815")
    assert outcome.shipping_rate == Decimal("0.0815")
    assert outcome.reason == "Taxed: Colorado 2.9 % + Denver 5.25 %"


@pytest.mark.parametrize(
    "postal_code, name",
    [("80202", "Denver"), (" 80202", "Denver"), ("80501", "Front Range"), ("81001", None), ("", None)],
)
def test_the_local_rate_is_found_by_zip_prefix(postal_code, name):
    found = find_local_rate(COLORADO, postal_code)
    assert (found.name if found else None) == name


def test_a_state_without_its_own_tax_may_have_local_tax():
    alaska = TaxTable(
        "AK", "Alaska", Decimal(0), local_rates=(LocalRate("99801", "Juneau", Decimal("0.05")),)
    )
    assert decide_tax(Place("AK", "99801"), alaska, [], True, TODAY).reason == "Taxed: Juneau 5 %"
    assert (
        decide_tax(Place("AK", "99501"), alaska, [], True, TODAY).reason == "No sales tax is set for Alaska"
    )


def test_where_nothing_is_set_nothing_is_taxed():
    outcome = decide_tax(Place("NH", "03801"), NEW_HAMPSHIRE, [certificate(state="NH")], True, TODAY)
    assert (outcome.goods_rate, outcome.shipping_rate) == (0, 0)
    assert outcome.reason == "No sales tax is set for New Hampshire"
    assert outcome.certificate_id is None


def test_a_valid_certificate_for_the_ship_to_state_lifts_all_tax():
    outcome = decide_tax(PORTLAND, MAINE, [certificate()], True, TODAY)
    assert (outcome.goods_rate, outcome.shipping_rate) == (0, 0)
    assert outcome.reason == "Exempt: Maine resale certificate R-1234567, valid until Jun 30, 2027"
    assert outcome.certificate_id == 7


def test_a_certificate_that_never_expires_names_no_date():
    outcome = decide_tax(PORTLAND, MAINE, [certificate(expires_on=None)], True, TODAY)
    assert outcome.reason == "Exempt: Maine resale certificate R-1234567"


@pytest.mark.parametrize(
    "changes, words",
    [
        ({"state": "VT"}, "Taxed: Maine 5.5 %"),
        ({"is_verified": False}, "Taxed: Maine 5.5 % (resale certificate R-1234567 is not verified)"),
        (
            {"expires_on": date(2026, 11, 19)},
            "Taxed: Maine 5.5 % (resale certificate R-1234567 expired on Nov 19, 2026)",
        ),
        (
            {"issued_on": date(2026, 11, 21)},
            "Taxed: Maine 5.5 % (resale certificate R-1234567 counts from Nov 21, 2026)",
        ),
    ],
)
def test_a_certificate_that_does_not_count_is_named(changes, words):
    outcome = decide_tax(PORTLAND, MAINE, [certificate(**changes)], True, TODAY)
    assert outcome.goods_rate == Decimal("0.055")
    assert outcome.reason == words
    assert outcome.certificate_id is None


@pytest.mark.parametrize("changes", [{"expires_on": TODAY}, {"issued_on": TODAY}, {"issued_on": None}])
def test_the_first_and_the_last_day_count(changes):
    assert decide_tax(PORTLAND, MAINE, [certificate(**changes)], True, TODAY).certificate_id == 7


def test_a_business_that_is_not_approved_is_taxed_whatever_it_holds():
    outcome = decide_tax(PORTLAND, MAINE, [certificate()], False, TODAY)
    assert outcome.goods_rate == Decimal("0.055")
    assert outcome.reason == "Taxed: Maine 5.5 %"


def test_of_several_certificates_the_one_that_lasts_longest_is_named():
    held = [
        certificate(certificate_id=1, number="R-1", expires_on=date(2027, 1, 1)),
        certificate(certificate_id=2, number="R-2", expires_on=None),
        certificate(certificate_id=3, number="R-3", is_verified=False, expires_on=None),
    ]
    assert decide_tax(PORTLAND, MAINE, held, True, TODAY).certificate_id == 2


def test_goods_that_are_never_taxed_carry_no_rate():
    outcome = decide_tax(PORTLAND, MAINE, [], True, TODAY)
    assert outcome.rate_for(is_taxable=True) == Decimal("0.055")
    assert outcome.rate_for(is_taxable=False) == 0


@pytest.mark.parametrize(
    "rate, words", [("0.05500", "5.5 %"), ("0.10000", "10 %"), ("0.08875", "8.875 %"), ("0.07", "7 %")]
)
def test_rates_are_written_without_needless_noughts(rate, words):
    assert percent(Decimal(rate)) == words
