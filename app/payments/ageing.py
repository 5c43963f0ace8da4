"""How old what is owed is: pure, from due dates and a day. The borders are the trade's: 30, 60 and 90 days past due."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from app.shared.money import ZERO, Money
from app.shared.status import LabelEnum


class Age(LabelEnum):
    """How long past its due day an open amount is; what has no invoice yet, or is due today, is not."""

    NOT_YET_DUE = "not_yet_due", "Not yet due"
    TO_30 = "to_30", "1–30 days"
    TO_60 = "to_60", "31–60 days"
    TO_90 = "to_90", "61–90 days"
    OVER_90 = "over_90", "Over 90 days"


_BORDERS = ((0, Age.NOT_YET_DUE), (30, Age.TO_30), (60, Age.TO_60), (90, Age.TO_90))


def days_overdue(due_on: date | None, today: date) -> int:
    """Whole days past the due day; 0 until that day is over."""
    return max((today - due_on).days, 0) if due_on else 0


def age_of(due_on: date | None, today: date) -> Age:
    late = days_overdue(due_on, today)
    return next((age for border, age in _BORDERS if late <= border), Age.OVER_90)


@dataclass(frozen=True, kw_only=True)
class OpenOrder:
    """An order on a promise of which something is owed. No invoice number before its goods have left."""

    order_id: int
    number: str
    business_id: int
    business_name: str
    method: str
    total: Money
    owed: Money
    invoice_number: str = ""
    due_on: date | None = None
    # The credit limit that counts for the business: its own, else its group's; None = no limit.
    limit: Money | None = None

    def age_on(self, today: date) -> Age:
        return age_of(self.due_on, today)


@dataclass(frozen=True)
class Aged:
    """One business's open orders, the one due first on top, and their sums by age."""

    business_id: int
    business_name: str
    limit: Money | None
    orders: tuple[OpenOrder, ...]
    sums: dict[Age, Money] = field(default_factory=dict)

    @property
    def total(self) -> Money:
        return Money.total(self.sums.values())

    @property
    def overdue(self) -> Money:
        return self.total - self.sums[Age.NOT_YET_DUE]

    @property
    def left(self) -> Money | None:
        """What of the limit is left, never below zero; None without a limit."""
        return None if self.limit is None else max(self.limit - self.total, ZERO)


def age_by_business(orders: Iterable[OpenOrder], today: date) -> list[Aged]:
    """The ageing list: who owes the most that is overdue comes first, then who owes the most."""
    groups: dict[int, list[OpenOrder]] = {}
    for order in orders:
        groups.setdefault(order.business_id, []).append(order)
    found = [_aged(group, today) for group in groups.values()]
    return sorted(found, key=lambda each: (-each.overdue.cents, -each.total.cents, each.business_id))


def sum_by_age(orders: Iterable[OpenOrder], today: date) -> dict[Age, Money]:
    """Every age with what is open of it, zero included, the youngest first."""
    sums = dict.fromkeys(Age, ZERO)
    for order in orders:
        age = order.age_on(today)
        sums[age] = sums[age] + order.owed
    return sums


def _aged(orders: list[OpenOrder], today: date) -> Aged:
    ordered = sorted(orders, key=lambda each: (each.due_on or date.max, each.order_id))
    newest = max(orders, key=lambda each: each.order_id)
    return Aged(
        newest.business_id, newest.business_name, newest.limit, tuple(ordered), sum_by_age(ordered, today)
    )
