"""What one unit costs at a quantity: the sku's own price, or a lower one from the buyer's price list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.catalog.quantities import MOST_UNITS, nearest_right, smallest_right
from app.shared.money import Money


@dataclass(frozen=True, slots=True)
class Break:
    """From this many units up, one unit costs this much."""

    minimum_quantity: int
    unit_price: Money


@dataclass(frozen=True, slots=True)
class SkuPrice:
    """A sku's own price per unit, and the breaks of the buyer's price list, in any order."""

    list_price: Money
    breaks: tuple[Break, ...] = ()


@dataclass(frozen=True, slots=True)
class NextBreak:
    """How many more units bring the price of every unit down, and to what."""

    add: int
    unit_price: Money

    @property
    def words(self) -> str:
        """ "Add 12 more for $3.10 each"."""
        return f"Add {self.add:,} more for {self.unit_price} each"


def unit_price(price: SkuPrice, quantity: int) -> Money:
    """The lowest price that applies at the quantity; a price list can only make a sku cheaper, never dearer."""
    applicable = [each.unit_price for each in price.breaks if each.minimum_quantity <= quantity]
    return min([price.list_price, *applicable])


def next_break(price: SkuPrice, quantity: int, case_pack: int, minimum: int) -> NextBreak | None:
    """The nearest larger quantity in whole cases at which a unit gets cheaper; None when it never does."""
    now = unit_price(price, quantity)
    starts = sorted(each.minimum_quantity for each in price.breaks if each.unit_price < now)
    if not starts:
        return None
    _, target = nearest_right(starts[0], case_pack, minimum)
    return None if target is None else NextBreak(target - quantity, unit_price(price, target))


def list_price_steps(price: SkuPrice, case_pack: int, minimum: int) -> tuple[Break, ...]:
    """The small table beside a product: each quantity one can order at which the price falls, the smallest first.

    >>> list_price_steps(SkuPrice(Money(340), (Break(48, Money(310)),)), 12, 12)
    (Break(minimum_quantity=12, unit_price=Money(cents=340)), Break(minimum_quantity=48, unit_price=Money(cents=310)))
    """
    least = smallest_right(case_pack, minimum)
    starts = {least, *_orderable_starts(price.breaks, case_pack, minimum)}
    steps: list[Break] = []
    for start in sorted(starts):
        at_start = unit_price(price, start)
        if not steps or at_start < steps[-1].unit_price:
            steps.append(Break(start, at_start))
    return tuple(steps)


def _orderable_starts(breaks: Sequence[Break], case_pack: int, minimum: int) -> set[int]:
    starts = (
        nearest_right(min(each.minimum_quantity, MOST_UNITS + 1), case_pack, minimum)[1] for each in breaks
    )
    return {start for start in starts if start is not None}
