"""What a refund gives back, in cases and in properties."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.payments.refund_sum import (
    Left,
    LineLeft,
    NotLeft,
    RefundSum,
    sum_of_amount,
    sum_of_lines,
    sum_of_rest,
    tax_of,
)
from app.shared.errors import AppError
from app.shared.money import ZERO, Money

SOAP, TEA, BRUSH = 1, 2, 3


def line(line_id: int, quantity: int, price: int, tax: int) -> LineLeft:
    return LineLeft(
        line_id=line_id, name=f"Line {line_id}", quantity=quantity, unit_price=Money(price), tax=Money(tax)
    )


def left_of(*lines: LineLeft, shipping: int = 0, shipping_tax: int = 0) -> Left:
    """A whole order, paid by one payment of which nothing went back yet."""
    tax = Money.total(each.tax for each in lines) + Money(shipping_tax)
    goods = Money.total(each.unit_price.times(each.quantity) for each in lines)
    value = goods + Money(shipping) + tax
    return Left(
        lines=lines, value=value, tax=tax, shipping=Money(shipping), shipping_tax=Money(shipping_tax), limit=value
    )  # fmt: skip


def after(left: Left, given_back: RefundSum) -> Left:
    """What is left once a refund was written, as the shop reads it from its rows."""
    parts = {part.line_id: part for part in given_back.parts}
    lines = tuple(
        replace(
            each,
            units_back=each.units_back + parts[each.line_id].units,
            tax_back=each.tax_back + parts[each.line_id].tax,
        )
        if each.line_id in parts
        else each
        for each in left.lines
    )
    gone = bool(given_back.shipping)
    return Left(
        lines=lines,
        value=left.value - given_back.amount,
        tax=left.tax - given_back.tax,
        shipping=ZERO if gone else left.shipping,
        shipping_tax=ZERO if gone else left.shipping_tax,
        limit=left.limit - given_back.amount,
    )


# The order of docs/pricing.md: soap 48 × $3.10, tea 12 × $4.55 untaxed, brushes 3 × $5.99, shipping $12.50; 6 % of tax.
PAPER = left_of(
    line(SOAP, 48, 310, 893), line(TEA, 12, 455, 0), line(BRUSH, 3, 599, 108), shipping=1250, shipping_tax=75
)


def test_the_worked_example_of_part_refunds():
    assert (PAPER.value, PAPER.tax) == (Money(24463), Money(1076))
    first = sum_of_lines(PAPER, {SOAP: 12})
    assert (first.goods, first.tax, first.amount) == (Money(3720), Money(223), Money(3943))
    second = sum_of_lines(after(PAPER, first), {SOAP: 12, BRUSH: 2}, with_shipping=True)
    assert (second.goods, second.shipping) == (Money(4918), Money(1250))
    assert (second.tax, second.amount) == (Money(224 + 72 + 75), Money(6539))
    rest = after(after(PAPER, first), second)
    assert (rest.value, rest.tax) == (Money(13981), Money(482))
    third = sum_of_amount(rest, Money(5000))
    assert (third.goods, third.tax) == (Money(4828), Money(172))
    last = sum_of_rest(after(rest, third))
    assert (last.goods, last.tax, last.amount) == (Money(8671), Money(310), Money(8981))


def test_one_unit_at_a_time_gives_back_the_tax_of_the_line_to_the_cent():
    left = left_of(line(SOAP, 48, 310, 893))
    taxes = []
    for _ in range(48):
        part = sum_of_lines(left, {SOAP: 1})
        taxes.append(part.tax.cents)
        left = after(left, part)
    assert sum(taxes) == 893
    assert set(taxes) == {18, 19}
    assert (left.value, left.tax) == (ZERO, ZERO)


def test_more_units_than_are_left_are_refused_by_name():
    left = after(PAPER, sum_of_lines(PAPER, {TEA: 5}))
    with pytest.raises(NotLeft, match="Only 7 of Line 2 can still be refunded"):
        sum_of_lines(left, {TEA: 8})
    with pytest.raises(NotLeft, match="All of Line 2 was refunded already"):
        sum_of_lines(after(left, sum_of_lines(left, {TEA: 7})), {TEA: 1})


def test_shipping_goes_back_once():
    left = after(PAPER, sum_of_lines(PAPER, {}, with_shipping=True))
    with pytest.raises(NotLeft, match="shipping was given back"):
        sum_of_lines(left, {SOAP: 1}, with_shipping=True)


def test_a_smaller_payment_gives_back_no_more_than_itself():
    left = replace(PAPER, limit=Money(3000))
    with pytest.raises(NotLeft, match=r"only \$30.00 of this payment"):
        sum_of_lines(left, {SOAP: 12})
    with pytest.raises(NotLeft):
        sum_of_amount(left, Money(3001))
    assert sum_of_rest(left).amount == Money(3000)


@pytest.mark.parametrize("units", [{}, {SOAP: 0}, {SOAP: -1}, {99: 1}])
def test_nothing_or_nonsense_is_refused(units: dict[int, int]):
    with pytest.raises(AppError):
        sum_of_lines(PAPER, units)


@pytest.mark.parametrize("cents", [0, -5])
def test_an_amount_is_at_least_a_cent(cents: int):
    with pytest.raises(AppError, match="Enter how much"):
        sum_of_amount(PAPER, Money(cents))


def test_all_of_an_untouched_order_goes_back_line_by_line():
    rest = sum_of_rest(PAPER)
    assert (rest.amount, rest.tax, rest.shipping) == (PAPER.value, PAPER.tax, Money(1250))
    assert [(part.line_id, part.units) for part in rest.parts] == [(SOAP, 48), (TEA, 12), (BRUSH, 3)]
    with pytest.raises(NotLeft, match="given back already"):
        sum_of_rest(after(PAPER, rest))


def test_after_a_goodwill_amount_a_line_still_goes_back_whole():
    left = after(PAPER, sum_of_amount(PAPER, Money(100)))
    assert left.tax == Money(1076 - 4)
    soap = sum_of_lines(left, {SOAP: 48}, with_shipping=True)
    assert (soap.amount, soap.tax) == (Money(14880 + 893 + 1250 + 75), Money(893 + 75))
    brushes = sum_of_lines(after(left, soap), {BRUSH: 3})
    assert (brushes.amount, brushes.tax) == (Money(1797 + 108), Money(104))


def test_units_of_a_line_that_got_shorter_meanwhile_never_give_back_more_tax_than_it_has():
    shorter = replace(PAPER.lines[0], quantity=10, tax=Money(186), units_back=9, tax_back=Money(168))
    left = replace(PAPER, lines=(shorter,))
    assert sum_of_lines(left, {SOAP: 1}).parts[0].tax == Money(18)


prices, taxes, counts = st.integers(1, 5_000), st.integers(0, 20), st.integers(1, 60)


@st.composite
def orders(draw: st.DrawFn) -> Left:
    """One to three lines with tax rates of 0 to 20 %, rounded a line, and shipping."""
    lines = []
    for number in range(draw(st.integers(1, 3))):
        quantity, price = draw(counts), draw(prices)
        tax = Money(quantity * price).times(Decimal(draw(taxes)) / 100)
        lines.append(line(number + 1, quantity, price, tax.cents))
    shipping = draw(st.sampled_from([0, 995, 1250]))
    return left_of(*lines, shipping=shipping, shipping_tax=draw(st.integers(0, 99)) if shipping else 0)


@st.composite
def steps(draw: st.DrawFn) -> list[tuple[str, int, int, bool]]:
    """What staff might ask for: by line, by amount, the rest."""
    step = st.tuples(
        st.sampled_from(["lines", "lines", "amount", "rest"]), st.integers(1, 3), st.integers(1, 60), st.booleans()
    )  # fmt: skip
    return draw(st.lists(step, max_size=12))


def ask(left: Left, step: tuple[str, int, int, bool]) -> RefundSum:
    kind, line_id, number, with_shipping = step
    if kind == "lines":
        return sum_of_lines(left, {line_id: number}, with_shipping=with_shipping)
    return sum_of_amount(left, Money(number * 137)) if kind == "amount" else sum_of_rest(left)


@given(orders(), steps())
def test_any_sequence_of_part_refunds_conserves_money_and_tax(
    order: Left, wanted: list[tuple[str, int, int, bool]]
):
    left, money, tax = order, ZERO, ZERO
    for step in wanted:
        try:
            refund = ask(left, step)
        except AppError:
            continue
        assert refund.amount.cents > 0
        assert ZERO <= refund.tax <= refund.amount
        assert refund.goods >= ZERO
        money, tax, left = money + refund.amount, tax + refund.tax, after(left, refund)
        assert ZERO <= left.tax <= left.value
        assert left.limit == left.value
    if left.limit:
        last = sum_of_rest(left)
        money, tax = money + last.amount, tax + last.tax
    assert (money, tax) == (order.value, order.tax)


@given(orders(), st.lists(st.tuples(st.integers(1, 3), st.integers(1, 60)), max_size=30))
def test_lines_in_any_parts_give_back_exactly_what_they_carried(order: Left, wanted: list[tuple[int, int]]):
    left = order
    for line_id, units in wanted:
        try:
            left = after(left, sum_of_lines(left, {line_id: units}))
        except AppError:
            continue
    for each in left.lines:
        if each.units_left:
            left = after(left, sum_of_lines(left, {each.line_id: each.units_left}))
    assert all(each.tax_back == each.tax for each in left.lines)
    assert (left.value, left.tax) == (order.shipping + order.shipping_tax, order.shipping_tax)


@given(st.integers(1, 500), st.integers(0, 100_000))
def test_tax_by_units_rises_evenly_from_nothing_to_all_of_it(quantity: int, tax: int):
    whole = line(SOAP, quantity, 100, tax)
    shares = [tax_of(whole, units).cents for units in range(quantity + 1)]
    assert shares[0] == 0
    assert shares[-1] == tax
    assert shares == sorted(shares)
    assert all(abs(share * quantity - tax * units) * 2 <= quantity for units, share in enumerate(shares))
