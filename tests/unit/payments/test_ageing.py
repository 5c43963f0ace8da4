"""How old what is owed is, at the borders, and how a business's sums come about."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from app.payments.ageing import Age, OpenOrder, age_by_business, age_of, days_overdue
from app.shared.money import ZERO, Money

TODAY = date(2026, 3, 1)


def an_order(
    owed: int, *, late: int | None, business: int = 1, limit: int | None = None, id_: int = 1
) -> OpenOrder:
    return OpenOrder(
        order_id=id_, number=f"TP-{id_}", business_id=business, business_name=f"Business {business}", method="Net terms",
        total=Money(owed), owed=Money(owed), due_on=None if late is None else TODAY - timedelta(days=late),
        limit=None if limit is None else Money(limit),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("late", "age"),
    [
        (-30, Age.NOT_YET_DUE), (0, Age.NOT_YET_DUE), (1, Age.TO_30), (30, Age.TO_30), (31, Age.TO_60), (60, Age.TO_60),
        (61, Age.TO_90), (90, Age.TO_90), (91, Age.OVER_90), (4000, Age.OVER_90),
    ],
)  # fmt: skip
def test_an_invoice_ages_the_day_after_each_border(late: int, age: Age):
    assert age_of(TODAY - timedelta(days=late), TODAY) is age


def test_what_has_no_invoice_yet_is_not_due():
    assert age_of(None, TODAY) is Age.NOT_YET_DUE
    assert days_overdue(None, TODAY) == 0


def test_days_are_counted_over_the_end_of_a_leap_february():
    assert days_overdue(date(2024, 2, 28), date(2024, 3, 1)) == 2
    assert days_overdue(date(2026, 2, 28), date(2026, 3, 1)) == 1


def test_a_business_owes_the_sum_of_its_orders_each_in_its_age():
    [aged] = age_by_business(
        [an_order(500, late=None), an_order(300, late=5, id_=2), an_order(200, late=95, id_=3)], TODAY
    )
    assert aged.sums == {
        Age.NOT_YET_DUE: Money(500), Age.TO_30: Money(300), Age.TO_60: ZERO, Age.TO_90: ZERO, Age.OVER_90: Money(200),
    }  # fmt: skip
    assert (aged.total, aged.overdue) == (Money(1000), Money(500))
    assert [each.number for each in aged.orders] == ["TP-3", "TP-2", "TP-1"]


def test_what_is_left_of_a_limit_never_falls_below_nothing():
    [fits] = age_by_business([an_order(400, late=1, limit=1000)], TODAY)
    [over] = age_by_business([an_order(1400, late=1, limit=1000)], TODAY)
    [free] = age_by_business([an_order(1400, late=1)], TODAY)
    assert (fits.left, over.left, free.left) == (Money(600), ZERO, None)


def test_who_owes_the_most_overdue_comes_first():
    listed = age_by_business(
        [
            an_order(9000, late=0, business=1),
            an_order(100, late=40, business=2),
            an_order(200, late=2, business=3),
        ],
        TODAY,
    )
    assert [each.business_id for each in listed] == [3, 2, 1]
