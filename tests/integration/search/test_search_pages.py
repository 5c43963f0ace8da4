"""The search page: what stands in it, its pages, and ways on where nothing was found."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from flask import Flask

from app.catalog.search import MOST_RESULTS, search_products
from app.shared.money import Money
from tests.client import ShopClient, read_html, read_text, sign_in
from tests.factories import (
    make_business,
    make_buyer,
    make_category,
    make_product,
    make_shop,
    make_sku,
    make_user,
)
from tests.queries import Queries


@pytest.fixture(autouse=True)
def shop(app: Flask) -> None:
    make_shop()


def names(client: ShopClient, text: str) -> list[str]:
    page = client.get("/search", query_string={"q": text})
    assert page.status_code == 200
    return [each.get_text() for each in read_html(page).select(".card__name")]


def test_what_is_found_stands_on_the_page_in_order(client: ShopClient) -> None:
    shelf = make_category()
    make_sku(make_product("HP-12 holder", category=shelf, position=0), code="Z-1")
    make_sku(make_product("Lavender candle", category=shelf, position=1), code="HP-12")
    assert names(client, "hp-12") == ["Lavender candle", "HP-12 holder"]


def test_what_was_typed_stays_in_the_box(client: ShopClient) -> None:
    page = client.get("/search", query_string={"q": "lavender"})
    box = read_html(page).select_one("#site-search")
    assert box is not None
    assert box["value"] == "lavender"


def test_nothing_found_offers_ways_on(client: ShopClient) -> None:
    page = client.get("/search?q=zeppelin")
    assert "Nothing found" in read_text(page)
    assert read_html(page).select_one('.empty a[href="/catalog"]')
    assert read_html(page).select_one('.empty a[href^="/contact"]')


@pytest.mark.parametrize("address", ["/search", "/search?q=", "/search?q=%20%20"])
def test_a_search_for_nothing_asks_what_to_look_for(client: ShopClient, address: str) -> None:
    assert "Type a name, a SKU or a barcode" in read_text(client.get(address))


def test_pages_of_results_keep_the_words_and_the_order(client: ShopClient) -> None:
    shelf = make_category()
    for number in range(30):
        make_product(f"Beeswax taper {number:02}", category=shelf, position=30 - number)
    page = client.get("/search?q=beeswax")
    following = read_html(page).select_one('.pagination a[rel="next"]')
    assert following is not None
    assert following["href"] == "/search?q=beeswax&page=2"
    assert names(client, "beeswax") == [f"Beeswax taper {number:02}" for number in range(24)]
    later = read_html(client.get(str(following["href"]))).select(".card__name")
    assert [each.get_text() for each in later] == [f"Beeswax taper {number}" for number in range(24, 30)]
    assert "30 products" in read_text(page)


def test_more_than_anyone_reads_is_cut_and_said(client: ShopClient) -> None:
    shelf = make_category()
    for number in range(MOST_RESULTS + 1):
        make_product(f"Bead {number}", category=shelf)
    found = search_products("bead", 99)
    assert found.is_cut
    assert found.page == MOST_RESULTS // 24
    assert f"More than {MOST_RESULTS} products" in read_text(client.get("/search?q=bead"))


def test_a_product_is_found_once_however_many_of_its_skus_match(client: ShopClient) -> None:
    towel = make_product("Towel TW-1")
    for letter in "ABC":
        make_sku(towel, code=f"TW-1{letter}", options={"Size": letter})
    assert names(client, "TW-1") == ["Towel TW-1"]


def test_the_page_asks_at_most_ten_times_and_writes_nothing(
    app: Flask, count_queries: Callable[[], AbstractContextManager[Queries]]
) -> None:
    shelf = make_category()
    for number in range(5):
        make_sku(make_product(f"Bead {number}", category=shelf), code=f"BEAD-{number}")
    browser = app.test_client()
    sign_in(browser, make_buyer())
    with count_queries() as queries:
        assert "Bead 4" in read_text(browser.get("/search?q=bead"))
    assert queries.count <= 10, queries
    assert queries.writes == [], queries


def test_only_an_approved_business_sees_prices_among_what_is_found(app: Flask) -> None:
    make_sku(make_product("Copper kettle"), price=Money(7_713_37))
    for user, sees in ((None, False), (make_user(business=make_business()), True)):
        browser = app.test_client()
        if user:
            sign_in(browser, user)
        page = read_text(browser.get("/search?q=kettle"))
        assert "Copper kettle" in page
        assert ("7,713.37" in page) is sees
