"""The front page and the owner's own pages."""

from __future__ import annotations

import pytest

from tests.client import ShopClient, read_html, read_text, sign_in
from tests.factories import (
    make_buyer,
    make_category,
    make_order,
    make_product,
    make_shop,
    make_sku,
    make_text_page,
    make_user,
)

pytestmark = pytest.mark.usefixtures("app")


def test_a_visitor_reads_what_the_shop_is_how_accounts_work_and_whom_to_call(client: ShopClient) -> None:
    make_shop(hours="Mon to Fri, 8 to 5", review_days=2)
    make_sku(make_product("Tin mug", category=make_category("Kitchen", slug="kitchen")))

    page = client.get("/")
    text = read_text(page)

    assert "Wholesale for good shops" in text
    assert "How a trade account works" in text
    assert "within 2 business days" in text
    assert "(503) 555-0100" in text
    assert "Tin mug" in text
    tile = read_html(page).select_one(".tile")
    assert tile is not None
    assert tile["href"] == "/catalog/kitchen"
    assert "1 product" in tile.get_text()
    assert len(read_html(page).select("h1")) == 1


def test_a_buyer_is_greeted_with_their_last_orders(client: ShopClient) -> None:
    make_shop()
    buyer = make_buyer()
    order = make_order(buyer)
    make_order(make_buyer(), number="TP-OTHER")
    sign_in(client, buyer)

    page = client.get("/")

    assert "How a trade account works" not in read_text(page)
    assert read_html(page).select_one(f'a[href="/orders/{order.number}"]')
    assert "TP-OTHER" not in read_text(page)


def test_somebody_without_an_approved_business_sees_no_orders_part(client: ShopClient) -> None:
    make_shop()
    sign_in(client, make_user())
    assert "Your last orders" not in read_text(client.get("/"))


def test_a_shop_with_nothing_in_it_still_has_a_front_page(client: ShopClient) -> None:
    make_shop()
    assert client.get("/").status_code == 200


def test_a_shop_not_set_up_yet_still_answers(client: ShopClient) -> None:
    for address in ("/", "/catalog", "/search?q=x"):
        assert client.get(address).status_code == 200


def test_the_owners_page_is_shown_as_headings_lists_and_paragraphs(client: ShopClient) -> None:
    make_shop()
    make_text_page(
        "terms", "Terms of sale", "## Payment\n\nBy card.\nAlways.\n\n- one\n- two\n\n<b>plain</b>"
    )
    page = read_html(client.get("/pages/terms"))
    main = page.select_one("main")
    assert main is not None
    assert [each.get_text() for each in main.select("h2")] == ["Payment"]
    assert [each.get_text() for each in main.select("li")] == ["one", "two"]
    assert [each.get_text() for each in main.select("p")] == ["By card. Always.", "<b>plain</b>"]


def test_the_foot_of_every_page_names_the_owners_pages_also_a_new_one(client: ShopClient) -> None:
    make_shop()
    assert "Privacy" not in read_text(client.get("/"))
    make_text_page("privacy", "Privacy", "We keep little.")
    assert read_html(client.get("/")).select_one('footer a[href="/pages/privacy"]')
