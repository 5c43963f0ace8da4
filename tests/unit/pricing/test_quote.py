"""The sum of an order, and what stands in its way."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.pricing.minimums import GroupMinimums
from app.pricing.quote import NOTHING_TAXABLE, TAX_UNKNOWN, Buyer, Delivery, build_quote
from app.pricing.shipping import ShippingRule
from app.pricing.tax import Certificate, Place, TaxTable
from app.pricing.tiers import Break, NextBreak, SkuPrice
from app.pricing.wanted import Wanted
from app.shared.money import ZERO, Money

TODAY = date(2026, 11, 20)
PORTLAND = Place("ME", "04101")
MAINE = TaxTable("ME", "Maine", Decimal("0.055"))
VERMONT = TaxTable("VT", "Vermont", Decimal("0.06"), is_shipping_taxable=True)
GROUND = ShippingRule(1, "ground", "Ground", Money(1250), free_above=Money(50000))
PICKUP = ShippingRule(2, "pickup", "Pickup", ZERO, is_pickup=True)
TO_PORTLAND = Delivery(GROUND, PORTLAND, PORTLAND, MAINE)
BUYER = Buyer(is_approved=True)


def wanted(quantity=48, **changes):
    facts = {
        "sku_id": 1,
        "code": "HP-1204",
        "product_name": "Lavender soap",
        "quantity": quantity,
        "price": SkuPrice(Money(340), (Break(48, Money(310)),)),
        "case_pack": 12,
        "minimum_quantity": 12,
        "available": 1000,
    }
    return Wanted(**(facts | changes))


def codes(quote):
    return [violation.code for violation in quote.violations]


def test_the_worked_example_of_the_pricing_paper():
    soap = wanted(48)
    tea = wanted(
        12, sku_id=2, code="HP-3001", product_name="Mint tea", price=SkuPrice(Money(455)), is_taxable=False
    )
    brush = wanted(
        3,
        sku_id=3,
        code="HP-2210",
        product_name="Nail brush",
        price=SkuPrice(Money(599)),
        case_pack=3,
        minimum_quantity=3,
    )
    to_vermont = Delivery(GROUND, Place("VT", "05401"), PORTLAND, VERMONT)
    quote = build_quote((soap, tea, brush), BUYER, to_vermont, TODAY)
    assert [line.line_total.cents for line in quote.lines] == [14880, 5460, 1797]
    assert [line.tax.cents for line in quote.lines] == [893, 0, 108]
    assert quote.subtotal == Money(22137)
    assert quote.savings == Money(1440)
    assert quote.shipping_price == Money(1250)
    assert quote.shipping_tax == Money(75)
    assert quote.tax == Money(1076)
    assert quote.total == Money(24463)
    assert quote.tax_reason == "Taxed: Vermont 6 %"
    assert quote.is_total_final
    assert quote.units == 63
    assert quote.violations == ()


def test_a_line_shows_list_price_saving_and_the_next_break():
    line = build_quote((wanted(36),), BUYER, TO_PORTLAND, TODAY).lines[0]
    assert (line.unit_price, line.list_price, line.saving) == (Money(340), Money(340), ZERO)
    assert line.next_break == NextBreak(12, Money(310))
    line = build_quote((wanted(48),), BUYER, TO_PORTLAND, TODAY).lines[0]
    assert (line.unit_price, line.saving, line.next_break) == (Money(310), Money(1440), None)
    assert (line.sku_id, line.quantity) == (1, 48)


def test_without_an_address_the_tax_is_not_guessed():
    quote = build_quote((wanted(),), BUYER, Delivery(GROUND), TODAY)
    assert quote.tax is None
    assert quote.tax_reason == TAX_UNKNOWN
    assert quote.total == Money(14880 + 1250)
    assert not quote.is_total_final
    assert codes(quote) == ["missing_address"]
    assert quote.violations[0].fix_endpoint == "checkout.delivery"


def test_without_a_shipping_method_the_total_is_open():
    quote = build_quote((wanted(),), BUYER, Delivery(None, PORTLAND, PORTLAND, MAINE), TODAY)
    assert quote.shipping is None
    assert quote.shipping_price == ZERO
    assert not quote.is_total_final
    assert codes(quote) == ["missing_shipping_method"]


def test_a_pickup_is_taxed_where_the_shop_is():
    pickup = Delivery(PICKUP, Place("NH", "03801"), PORTLAND, MAINE)
    assert pickup.tax_place == PORTLAND
    quote = build_quote((wanted(),), BUYER, pickup, TODAY)
    assert quote.tax == Money(818)
    assert quote.violations == ()


def test_a_pickup_needs_no_address_but_a_shop():
    assert build_quote((wanted(),), BUYER, Delivery(PICKUP, None, PORTLAND, MAINE), TODAY).violations == ()
    assert codes(build_quote((wanted(),), BUYER, Delivery(PICKUP), TODAY)) == ["pickup_unavailable"]


def test_a_certificate_lifts_the_tax_and_is_named():
    held = Certificate(9, "ME", "R-1234567", True, date(2025, 1, 1), date(2027, 6, 30))
    quote = build_quote((wanted(),), Buyer(True, certificates=(held,)), TO_PORTLAND, TODAY)
    assert quote.tax == ZERO
    assert quote.exempt_certificate_id == 9
    assert quote.tax_reason == "Exempt: Maine resale certificate R-1234567, valid until Jun 30, 2027"


def test_an_order_of_nothing_but_untaxed_goods_says_so():
    quote = build_quote((wanted(is_taxable=False),), BUYER, TO_PORTLAND, TODAY)
    assert (quote.tax, quote.tax_reason) == (ZERO, NOTHING_TAXABLE)


def test_untaxed_goods_with_taxed_shipping_keep_the_reason():
    to_vermont = Delivery(GROUND, Place("VT", "05401"), PORTLAND, VERMONT)
    quote = build_quote((wanted(is_taxable=False),), BUYER, to_vermont, TODAY)
    assert (quote.tax, quote.tax_reason) == (Money(75), "Taxed: Vermont 6 %")


@pytest.mark.parametrize(
    "item, code, message, fix",
    [
        (wanted(is_sold=False), "not_sold", "Lavender soap (HP-1204) is no longer sold.", "Remove it"),
        (
            wanted(50),
            "off_pack",
            "Lavender soap: 50 cannot be ordered. Sold in 12s. Choose 48 or 60.",
            "Change the quantity",
        ),
        (
            wanted(12, minimum_quantity=48),
            "below_minimum",
            "Lavender soap: 12 cannot be ordered. Sold in 12s, 48 minimum. Choose 48.",
            "Change the quantity",
        ),
        (
            wanted(48, available=40),
            "not_enough_stock",
            "Only 40 of Lavender soap are left; you can order up to 36.",
            "Change the quantity",
        ),
        (
            wanted(48, available=5),
            "not_enough_stock",
            "Only 5 of Lavender soap are left, too few to order.",
            "Remove it",
        ),
        (wanted(48, available=0), "not_enough_stock", "Lavender soap is out of stock.", "Remove it"),
    ],
)
def test_what_is_wrong_with_a_line_stands_beside_it(item, code, message, fix):
    quote = build_quote((item,), BUYER, TO_PORTLAND, TODAY)
    (violation,) = quote.violations
    assert (violation.code, violation.message, violation.fix_label) == (code, message, fix)
    assert violation.fix_endpoint == "carts.show"
    assert quote.violations_of(item.sku_id) == (violation,)
    assert quote.violations_of(99) == ()


def test_names_carry_the_options():
    item = wanted(48, options_label="8 oz", available=0)
    quote = build_quote((item,), BUYER, TO_PORTLAND, TODAY)
    assert quote.violations[0].message == "Lavender soap, 8 oz is out of stock."


def test_what_is_no_longer_sold_counts_nothing():
    gone = wanted(48, sku_id=2, code="HP-9", is_sold=False)
    quote = build_quote((wanted(48), gone), BUYER, TO_PORTLAND, TODAY)
    assert quote.subtotal == Money(14880)
    assert (quote.lines[1].line_total, quote.lines[1].saving, quote.lines[1].next_break) == (ZERO, ZERO, None)


def test_an_empty_cart_says_only_that():
    quote = build_quote((), Buyer(True, GroupMinimums(Money(15000), Money(7500))), TO_PORTLAND, TODAY)
    assert codes(quote) == ["empty_cart"]
    assert quote.violations[0].fix_endpoint == "catalog.index"


def test_every_broken_rule_is_listed_at_once():
    buyer = Buyer(False, GroupMinimums(Money(50000), Money(7500)), is_first_order=True)
    quote = build_quote((wanted(13), wanted(12, sku_id=2, code="B", available=0)), buyer, Delivery(), TODAY)
    assert codes(quote) == [
        "not_approved",
        "off_pack",
        "not_enough_stock",
        "order_minimum",
        "missing_shipping_method",
        "missing_address",
    ]
    assert all(each.message and each.fix_label and each.fix_endpoint for each in quote.violations)
    assert quote.minimum.is_first_order


def test_a_reorder_has_its_own_minimum():
    buyer = Buyer(True, GroupMinimums(Money(50000), Money(7500)), is_first_order=False)
    assert build_quote((wanted(48),), buyer, TO_PORTLAND, TODAY).violations == ()


MONEY = st.integers(0, 1_000_000).map(Money)
BREAKS = st.lists(st.builds(Break, st.integers(1, 1_000), MONEY), max_size=4).map(tuple)
RATES = st.integers(0, 25_000).map(lambda units: Decimal(units) / 100_000)


@st.composite
def baskets(draw):
    size = draw(st.integers(0, 8))
    return tuple(
        Wanted(
            sku_id=number,
            code=f"S-{number}",
            product_name=f"Thing {number}",
            quantity=draw(st.integers(1, 100_000)),
            price=SkuPrice(draw(MONEY), draw(BREAKS)),
            case_pack=draw(st.integers(1, 144)),
            minimum_quantity=draw(st.integers(1, 288)),
            is_taxable=draw(st.booleans()),
            is_sold=draw(st.booleans()),
            available=draw(st.integers(0, 100_000)),
        )
        for number in range(size)
    )


@st.composite
def deliveries(draw):
    table = TaxTable("ME", "Maine", draw(st.none() | RATES), draw(st.booleans()))
    shipping = draw(
        st.none()
        | st.builds(
            ShippingRule, st.just(1), st.just("x"), st.just("X"), MONEY, st.none() | MONEY, st.booleans()
        )
    )
    return Delivery(shipping, draw(st.none() | st.just(PORTLAND)), PORTLAND, table)


BUYERS = st.builds(Buyer, st.booleans(), st.builds(GroupMinimums, MONEY, MONEY), st.booleans())


@given(baskets(), BUYERS, deliveries())
def test_an_order_adds_up(items, buyer, delivery):
    quote = build_quote(items, buyer, delivery, TODAY)
    assert quote.subtotal == Money.total(line.line_total for line in quote.lines)
    assert quote.savings == Money.total(line.saving for line in quote.lines)
    assert quote.total == quote.subtotal + quote.shipping_price + (quote.tax or ZERO)
    if quote.tax is not None:
        assert quote.tax == Money.total(line.tax for line in quote.lines) + quote.shipping_tax


@given(baskets(), BUYERS, deliveries())
def test_nothing_in_a_quote_is_negative(items, buyer, delivery):
    quote = build_quote(items, buyer, delivery, TODAY)
    amounts = [quote.subtotal, quote.savings, quote.shipping_price, quote.shipping_tax, quote.total]
    amounts += [quote.minimum.missing, quote.tax or ZERO]
    for line in quote.lines:
        amounts += [line.unit_price, line.list_price, line.line_total, line.saving, line.tax]
    assert all(amount >= ZERO for amount in amounts)


@given(baskets(), BUYERS, deliveries())
def test_an_order_without_violations_has_a_final_total(items, buyer, delivery):
    quote = build_quote(items, buyer, delivery, TODAY)
    if not quote.violations:
        assert quote.is_total_final
        assert quote.lines


@given(baskets(), BUYERS, deliveries())
def test_the_same_order_costs_the_same_each_time(items, buyer, delivery):
    assert build_quote(items, buyer, delivery, TODAY) == build_quote(items, buyer, delivery, TODAY)
