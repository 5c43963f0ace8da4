"""What a refund gives back: whole lines or some of their units, any amount, or all that is left. Pure.

The rounding rule, with a worked example, is in docs/pricing.md ("Part refunds").
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.shared.errors import AppError, Conflict
from app.shared.money import ZERO, Money


class NotLeft(Conflict):
    """More is asked for than is left: somebody else gave it back meanwhile, or it was never there."""


@dataclass(frozen=True, kw_only=True)
class LineLeft:
    """An order line as it stands, and what of it went back already. `tax` is that of all standing units."""

    line_id: int
    name: str
    quantity: int
    unit_price: Money
    tax: Money
    units_back: int = 0
    tax_back: Money = ZERO

    @property
    def units_left(self) -> int:
        return max(0, self.quantity - self.units_back)


@dataclass(frozen=True, kw_only=True)
class Left:
    """What may still go back. `value` and `tax` are the order's: its total and its tax, less what was given back.

    `shipping` and its tax are zero once they went back. `limit` is what is left of the payment that gives it back.
    """

    lines: tuple[LineLeft, ...]
    value: Money
    tax: Money
    shipping: Money
    shipping_tax: Money
    limit: Money


@dataclass(frozen=True)
class Part:
    """So many units of one line, their price, and the tax they carried."""

    line_id: int
    units: int
    goods: Money
    tax: Money


@dataclass(frozen=True, kw_only=True)
class RefundSum:
    """An amount with what of it is tax and what is shipping (without its tax); the rest is goods."""

    amount: Money
    tax: Money
    shipping: Money = ZERO
    parts: tuple[Part, ...] = ()

    @property
    def goods(self) -> Money:
        return self.amount - self.tax - self.shipping


def sum_of_lines(left: Left, units: Mapping[int, int], *, with_shipping: bool = False) -> RefundSum:
    """So many units of each line (by line id), at their price and with exactly the tax they carried.

    AppError when nothing is chosen; NotLeft for more units, or more money, than is left.
    """
    wanted = {line_id: count for line_id, count in units.items() if count}
    if with_shipping and not left.shipping:
        raise NotLeft("The shipping was given back already.")
    if not wanted and not with_shipping:
        raise AppError("Enter how many units of a line are refunded, or tick the shipping.", field="units")
    lines = {line.line_id: line for line in left.lines}
    parts = tuple(_part(lines.get(line_id), count) for line_id, count in wanted.items())
    shipping, shipping_tax = (left.shipping, left.shipping_tax) if with_shipping else (ZERO, ZERO)
    tax = Money.total(part.tax for part in parts) + shipping_tax
    amount = Money.total(part.goods for part in parts) + shipping + tax
    return RefundSum(
        amount=_within(left, amount), tax=fit_tax(tax, amount, left), shipping=shipping, parts=parts
    )


def sum_of_amount(left: Left, amount: Money) -> RefundSum:
    """Any amount: its tax is in the proportion of what is left, and the last one takes exactly the rest.

    AppError for nothing or less; NotLeft above what is left of the payment.
    """
    if amount.cents <= 0:
        raise AppError("Enter how much is refunded, like 12.50.", field="amount")
    return RefundSum(amount=_within(left, amount), tax=fit_tax(_share(left, amount), amount, left))


def sum_of_rest(left: Left) -> RefundSum:
    """All that is left of the payment; line by line where that is what is left of the order. NotLeft when nothing is."""
    if left.limit.cents <= 0:
        raise NotLeft("All of this payment was given back already, or is on its way.")
    if left.limit == left.value:
        units = {line.line_id: line.units_left for line in left.lines if line.units_left}
        if units or left.shipping:
            every_line = _or_none(left, units)
            if every_line is not None and every_line.amount == left.limit:
                return every_line
    found = sum_of_amount(left, left.limit)
    is_all = left.limit >= left.value
    shipping = _least(left.shipping, found.amount - found.tax) if is_all else ZERO
    return RefundSum(amount=found.amount, tax=found.tax, shipping=shipping)


def tax_of(line: LineLeft, units: int) -> Money:
    """The tax of the first so many units of a line: its share, rounded half up, so that all units give all the tax."""
    if units >= line.quantity:
        return line.tax
    return line.tax.share(units, line.quantity)


def _or_none(left: Left, units: Mapping[int, int]) -> RefundSum | None:
    try:
        return sum_of_lines(left, units, with_shipping=bool(left.shipping))
    except NotLeft:
        return None


def _part(line: LineLeft | None, units: int) -> Part:
    if line is None or units < 0:
        raise AppError("Choose lines of this order, and how many units of each.", field="units")
    if units > line.units_left:
        some = f"Only {line.units_left} of {line.name} can still be refunded."
        none = f"All of {line.name} was refunded already."
        raise NotLeft(some if line.units_left else none, field=f"units_{line.line_id}")
    # What went back before counts as it was, so that the parts of a line add up to its tax to the cent.
    tax = _most(ZERO, tax_of(line, line.units_back + units) - line.tax_back)
    return Part(line.line_id, units, line.unit_price.times(units), tax)


def _within(left: Left, amount: Money) -> Money:
    if amount > left.limit:
        raise NotLeft(
            f"That is {amount}, but only {_most(ZERO, left.limit)} of this payment can still be given back."
        )
    return amount


def _share(left: Left, amount: Money) -> Money:
    if amount >= left.value:
        return left.tax
    return left.tax.share(amount.cents, left.value.cents)


def fit_tax(tax: Money, amount: Money, left: Left) -> Money:
    """A refund's tax, never above what is left of it, and never so little that goods and shipping would be given back twice."""
    other_than_tax = _most(ZERO, left.value - left.tax)
    return _least(_most(tax, amount - other_than_tax), _least(left.tax, amount))


def _least(one: Money, other: Money) -> Money:
    return one if one <= other else other


def _most(one: Money, other: Money) -> Money:
    return one if one >= other else other
