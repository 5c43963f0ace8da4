"""Finding products by name, sku and barcode."""

from __future__ import annotations

import pytest
from flask import Flask

from app.catalog.search import MOST_RESULTS, search_products
from tests.client import ShopClient, read_html, read_text
from tests.factories import make_category, make_product, make_shop, make_sku


def names(client: ShopClient, text: str) -> list[str]:
    page = client.get("/search", query_string={"q": text})
    assert page.status_code == 200
    return [each.get_text() for each in read_html(page).select(".card__name")]


@pytest.fixture(autouse=True)
def shelf(app: Flask) -> None:
    make_shop()
    shelf = make_category("Bath", slug="bath")
    soap = make_product("Lavender soap", category=shelf, brand="Harbor", position=1)
    make_sku(soap, code="HP-1204", barcode="0036000291452")
    make_sku(make_product("Lavender candle", category=shelf, position=2), code="HP-12")
    make_sku(make_product("Enamel mug 100%", category=shelf, position=3), code="MUG_1")
    make_sku(make_product("Enamel mug 1000", category=shelf, position=4), code="MUGX1")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("lavender", ["Lavender soap", "Lavender candle"]),
        ("SOAP lavender", ["Lavender soap"]),
        ("harbor soap", ["Lavender soap"]),
        ("soaps", ["Lavender soap"]),
        ("vend", ["Lavender soap", "Lavender candle"]),
        ("lavender mug", []),
        ("hp-1204", ["Lavender soap"]),
        ("HP-12", ["Lavender candle", "Lavender soap"]),
        ("0036000291452", ["Lavender soap"]),
        ("003600", ["Lavender soap"]),
        ("100%", ["Enamel mug 100%"]),
        ("mug_", ["Enamel mug 100%"]),
        ("\\", []),
        ("'; DROP TABLE products; --", []),
        ("x" * 5000, []),
        ("\x00soap\x00", ["Lavender soap"]),
        ("ｓｏａｐ", ["Lavender soap"]),
    ],
)
def test_search_finds(client: ShopClient, text: str, found: list[str]) -> None:
    assert names(client, text) == found


def test_the_exact_sku_comes_before_names_that_hold_the_same_letters(client: ShopClient) -> None:
    make_sku(make_product("HP-12 holder", position=0), code="Z-1")
    assert names(client, "HP-12")[0] == "Lavender candle"


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


def test_pages_of_results_keep_the_words(client: ShopClient) -> None:
    shelf = make_category()
    for number in range(30):
        make_product(f"Beeswax taper {number:02}", category=shelf, position=number)
    page = client.get("/search?q=beeswax")
    following = read_html(page).select_one('.pagination a[rel="next"]')
    assert following is not None
    assert following["href"] == "/search?q=beeswax&page=2"
    assert len(names(client, "beeswax")) == 24
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
