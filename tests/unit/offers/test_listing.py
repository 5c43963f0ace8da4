"""How a visitor's choices are read, whatever stands in the address or the cookie."""

from __future__ import annotations

import pytest

from app.businesses.access import GUEST, Viewer
from app.businesses.status import BusinessStatus
from app.catalog.queries import MOST_PAGES, PAGE_SIZE, Sort, clamp_page, count_pages
from app.offers.listing import View, read_choices, sorts_for
from app.offers.no_price import why_no_price
from app.offers.views import weight_in_words

BUYER = Viewer(user_id=1, is_verified=True, business_id=1, business_status=BusinessStatus.APPROVED)


@pytest.mark.parametrize(
    ("args", "remembered", "viewer", "view"),
    [
        ({}, None, GUEST, View.CARDS),
        ({}, None, BUYER, View.TABLE),
        ({}, "table", GUEST, View.TABLE),
        ({}, "cards", BUYER, View.CARDS),
        ({"view": "table"}, "cards", GUEST, View.TABLE),
        ({"view": "<script>"}, "x", GUEST, View.CARDS),
    ],
)
def test_the_view_comes_from_the_address_then_the_cookie_then_from_who_looks(
    args: dict[str, str], remembered: str | None, viewer: Viewer, view: View
) -> None:
    assert read_choices(args, remembered, viewer).view is view


@pytest.mark.parametrize(
    ("text", "page"), [("", 1), ("3", 3), ("0", 0), ("-3", 1), ("1.5", 1), ("²", 1), ("9" * 99, 1)]
)
def test_a_page_is_a_plain_number_or_the_first(text: str, page: int) -> None:
    assert read_choices({"page": text}, None, GUEST).page == page


def test_only_who_sees_prices_may_order_by_them() -> None:
    assert read_choices({"sort": "price"}, None, BUYER).sort is Sort.PRICE
    assert read_choices({"sort": "price"}, None, GUEST).sort is Sort.POSITION
    assert Sort.PRICE in sorts_for(BUYER)
    assert Sort.PRICE not in sorts_for(GUEST)


@pytest.mark.parametrize(
    ("page", "count", "shown"),
    [(1, 0, 1), (0, 100, 1), (-5, 100, 1), (5, 100, 5), (6, 100, 5), (10**9, 10**9, MOST_PAGES)],
)
def test_a_page_beyond_the_last_is_the_last(page: int, count: int, shown: int) -> None:
    assert clamp_page(page, count) == shown


def test_a_full_last_page_has_no_empty_one_behind_it() -> None:
    assert count_pages(PAGE_SIZE) == 1
    assert count_pages(PAGE_SIZE + 1) == 2


@pytest.mark.parametrize("status", list(BusinessStatus))
@pytest.mark.parametrize("is_verified", [True, False])
def test_everyone_without_prices_is_told_why(status: BusinessStatus, is_verified: bool) -> None:
    viewer = Viewer(user_id=1, is_verified=is_verified, business_id=1, business_status=status)
    answer = why_no_price(viewer)
    assert (answer is None) == viewer.sees_prices
    assert answer is None or (answer.reason and answer.step)


@pytest.mark.parametrize(
    ("grams", "words"),
    [
        (0, "0 oz"),
        (1, "0 oz"),
        (100, "3.5 oz"),
        (283, "10 oz"),
        (454, "1 lb"),
        (567, "1 lb 4 oz"),
        (907, "2 lb"),
    ],
)
def test_weights_are_told_in_pounds_and_ounces(grams: int, words: str) -> None:
    assert weight_in_words(grams) == words
