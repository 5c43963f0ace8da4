"""The least an order must come to in goods, before shipping and tax: one amount for the first order, one for the next."""

from __future__ import annotations

from dataclasses import dataclass

from app.shared.errors import Violation
from app.shared.money import ZERO, Money


@dataclass(frozen=True, slots=True)
class GroupMinimums:
    """What a customer group asks for; zero asks for nothing."""

    first_order: Money = ZERO
    reorder: Money = ZERO


@dataclass(frozen=True, slots=True)
class OrderMinimum:
    """The minimum that holds for this order, and how far its goods reach."""

    required: Money
    reached: Money
    is_first_order: bool

    @property
    def missing(self) -> Money:
        """How much more is needed; zero once it is reached."""
        return max(self.required - self.reached, ZERO)

    @property
    def is_met(self) -> bool:
        return not self.missing

    @property
    def words(self) -> str:
        """What the meter says; nothing where there is no minimum."""
        if not self.required:
            return ""
        kind = "first-order minimum" if self.is_first_order else "order minimum"
        if self.is_met:
            return f"{self.required} {kind} reached"
        return f"Add {self.missing} more to reach the {self.required} {kind}"

    @property
    def violation(self) -> Violation | None:
        """Why the order cannot be placed yet, or None."""
        if self.is_met:
            return None
        return Violation("order_minimum", f"{self.words}.", "Add products", "catalog.index")


def measure_minimum(group: GroupMinimums, subtotal: Money, is_first_order: bool) -> OrderMinimum:
    """Hold the goods' subtotal against the group's minimum for a first order or a reorder."""
    return OrderMinimum(group.first_order if is_first_order else group.reorder, subtotal, is_first_order)
