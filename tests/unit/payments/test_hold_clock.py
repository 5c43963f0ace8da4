"""When a hold turns amber and red, and what is left of it in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.orders.status import OrderStatus
from app.payments.hold_clock import HoldTone, hold_ends_at, time_left, tone_of_hold
from app.payments.pay_state import PayState, find_pay_state
from app.payments.status import PaymentStatus
from app.shared.money import Money

BEGAN = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
WEEK = BEGAN + timedelta(days=7)
_O, _P = OrderStatus, PaymentStatus


@pytest.mark.parametrize(
    "age, tone",
    [
        (timedelta(0), HoldTone.FRESH),
        (timedelta(days=4, seconds=-1), HoldTone.FRESH),
        (timedelta(days=4), HoldTone.AMBER),
        (timedelta(days=6, seconds=-1), HoldTone.AMBER),
        (timedelta(days=6), HoldTone.RED),
        (timedelta(days=9), HoldTone.RED),
    ],
)
@pytest.mark.parametrize("lapses_at", [WEEK, None])
def test_a_hold_is_amber_from_four_days_and_red_from_six(
    age: timedelta, tone: HoldTone, lapses_at: datetime | None
) -> None:
    assert tone_of_hold(BEGAN, lapses_at, BEGAN + age) is tone


def test_a_short_hold_is_red_in_its_last_day_however_young() -> None:
    ends = BEGAN + timedelta(hours=36)
    assert tone_of_hold(BEGAN, ends, BEGAN + timedelta(hours=11)) is HoldTone.FRESH
    assert tone_of_hold(BEGAN, ends, BEGAN + timedelta(hours=12)) is HoldTone.RED


def test_the_providers_word_counts_and_seven_days_without_it() -> None:
    assert hold_ends_at(BEGAN, BEGAN + timedelta(hours=36)) == BEGAN + timedelta(hours=36)
    assert hold_ends_at(BEGAN, None) == WEEK


@pytest.mark.parametrize(
    "left, words",
    [
        (timedelta(days=3, hours=5), "in 3 days"),
        (timedelta(hours=47, minutes=59), "in 47 hours"),
        (timedelta(hours=1), "in 1 hour"),
        (timedelta(minutes=59), "any moment"),
        (timedelta(hours=-5), "any moment"),
    ],
)
def test_what_is_left_reads_like_a_person_would_say_it(left: timedelta, words: str) -> None:
    assert time_left(BEGAN, WEEK, WEEK - left) == words


@pytest.mark.parametrize(
    "status, live, owed, state",
    [
        (_O.PAYMENT_FAILED, None, 100, PayState.OPEN),
        (_O.PAYMENT_FAILED, _P.AUTHORIZED, 100, PayState.ENDING),
        (_O.PAYMENT_FAILED, _P.CAPTURED, 0, PayState.PAID),
        (_O.PENDING, _P.CREATED, 100, PayState.WAITING),
        (_O.PENDING, None, 100, PayState.WAITING),
        (_O.PAYMENT_PENDING, _P.AUTHORIZED, 100, PayState.HELD),
        (_O.SHIPPED, _P.UNKNOWN, 100, PayState.WAITING),
        (_O.SHIPPED, _P.CAPTURING, 100, PayState.HELD),
        (_O.SHIPPED, None, 100, PayState.OPEN),
        (_O.SHIPPED, None, 0, PayState.PAID),
        (_O.SHIPPED, None, -100, PayState.PAID),
        (_O.SHIPPED, _P.CAPTURED, 100, PayState.ASK),
        (_O.PAYMENT_PENDING, _P.FAILED, 100, PayState.ASK),
        (_O.PAID, _P.CAPTURED, 0, PayState.PAID),
        (_O.CANCELLED, _P.AUTHORIZED, 100, PayState.CANCELLED),
        (_O.CANCELLED, None, 100, PayState.CANCELLED),
    ],
)
def test_where_an_order_stands_with_its_payment(
    status: OrderStatus, live: PaymentStatus | None, owed: int, state: PayState
) -> None:
    assert find_pay_state(status, live, Money(owed)) is state
