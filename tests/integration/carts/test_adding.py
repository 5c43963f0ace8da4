"""Putting things into the cart."""

from __future__ import annotations

import json

import pytest

from tests.carts import announced, fill_up, lines_of
from tests.client import read_html, read_text
from tests.factories import (
    make_product,
    make_sku,
)


def test_adding_without_scripts_leads_back_to_where_one_was(client, buyer, soap):
    answer = client.post(
        "/cart/items", data={"sku_id": soap.id, "quantity": "24", "next": "/products/product-1"}
    )
    assert (answer.status_code, answer.location) == (303, "/products/product-1")
    assert lines_of(buyer) == {soap.id: 24}


def test_adding_never_leads_to_another_site(client, buyer, soap):
    answer = client.post(
        "/cart/items", data={"sku_id": soap.id, "quantity": "24", "next": "https://evil.example"}
    )
    assert answer.location == "/cart"


def test_adding_with_htmx_says_so_aloud_and_renews_the_badge(client, buyer, soap, mug):
    client.post("/cart/items", data={"sku_id": mug.id, "quantity": "1"})
    answer = client.hx("/cart/items", "POST", data={"sku_id": soap.id, "quantity": "12"})
    assert answer.status_code == 200
    assert announced(answer) == "12 × Lavender soap added. Cart: 2 items, $49.30"
    page = read_html(answer)
    assert page.select_one("#cart-badge")["hx-swap-oob"] == "true"
    assert "$49.30" in page.select_one("#cart-badge").get_text()
    assert "12 units in your cart" in read_text(answer)


def test_adding_again_adds_up(client, buyer, soap):
    client.post("/cart/items", data={"sku_id": soap.id, "quantity": "24"})
    client.post("/cart/items", data={"sku_id": soap.id, "quantity": "12"})
    assert lines_of(buyer) == {soap.id: 36}


@pytest.mark.parametrize("typed", ["1,2", " 12 ", "1 2"])
def test_spaces_and_commas_in_a_quantity_are_fine(client, buyer, soap, typed):
    client.post("/cart/items", data={"sku_id": soap.id, "quantity": typed})
    assert lines_of(buyer) == {soap.id: 12}


def test_a_wrong_quantity_offers_the_two_nearest_and_keeps_what_was_typed(client, buyer, soap):
    answer = client.post("/cart/items", data={"sku_id": soap.id, "quantity": "50"})
    assert answer.status_code == 422
    page = read_html(answer)
    assert page.title.get_text().startswith("Error:")
    assert page.select_one("input[name=quantity]")["value"] == "50"
    assert "Sold in 12s. Choose 48 or 60." in read_text(answer)
    assert [each["value"] for each in page.select("button[name=fix]")] == [f"{soap.id}:48", f"{soap.id}:60"]
    assert lines_of(buyer) == {}


def test_pressing_an_offered_quantity_adds_it(client, buyer, soap):
    refused = client.post("/cart/items", data={"sku_id": soap.id, "quantity": "50"})
    form = "form[action='/cart/items']"
    client.submit(refused, form, fix=f"{soap.id}:60")
    assert lines_of(buyer) == {soap.id: 60}


def test_a_wrong_quantity_with_htmx_says_what_is_wrong_beside_the_button(client, buyer, soap):
    answer = client.hx("/cart/items", "POST", data={"sku_id": soap.id, "quantity": "50"})
    assert answer.status_code == 422
    assert "Sold in 12s. Choose 48 or 60." in read_text(answer)
    assert announced(answer) == "Lavender soap: Sold in 12s. Choose 48 or 60."
    assert read_html(answer).select_one("#cart-badge") is None


def test_more_than_is_there_cannot_be_added(client, buyer, soap):
    answer = client.hx("/cart/items", "POST", data={"sku_id": soap.id, "quantity": "108"})
    assert answer.status_code == 422
    assert "Only 100 left. You can order up to 96." in read_text(answer)


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"sku_id": "999999", "quantity": "1"},
        {"sku_id": "x", "quantity": "1"},
        {"sku_id": "9" * 30, "quantity": "1"},
        {"quantity": "1"},
        {"sku_id": "", "fix": "::"},
    ],
)
def test_nonsense_is_refused_kindly(client, buyer, data):
    assert client.post("/cart/items", data=data).status_code == 422
    assert client.hx("/cart/items", "POST", data=data).status_code == 422
    assert lines_of(buyer) == {}


@pytest.mark.parametrize("typed", ["", "0", "-12", "a dozen", "9" * 400, "12.5"])
def test_what_is_no_quantity_is_refused_kindly(client, buyer, soap, typed):
    answer = client.post("/cart/items", data={"sku_id": soap.id, "quantity": typed})
    assert answer.status_code == 422
    assert lines_of(buyer) == {}


def test_a_price_sent_along_is_not_believed(client, buyer, soap):
    client.post(
        "/cart/items", data={"sku_id": soap.id, "quantity": "12", "price": "1", "unit_price_cents": "1"}
    )
    assert "$40.80" in read_text(client.get("/cart"))


def test_what_is_no_longer_sold_cannot_be_added(client, buyer):
    gone = make_sku(make_product("Old lamp", is_active=False))
    answer = client.post("/cart/items", data={"sku_id": gone.id, "quantity": "1"})
    assert answer.status_code == 422
    assert "Old lamp is no longer sold" in read_text(answer)


def test_add_all_takes_every_filled_row_and_keeps_those_with_trouble(client, buyer, soap, mug):
    third = make_sku()
    data = {"sku_id": [soap.id, mug.id, third.id], "quantity": ["50", "3", ""]}
    answer = client.hx("/cart/items", "POST", data=data)
    assert answer.status_code == 200
    assert lines_of(buyer) == {mug.id: 3}
    page = read_html(answer)
    assert "Choose 48 or 60." in page.select_one(f"#add-note-{soap.id}").get_text()
    assert "3 units" in page.select_one(f"#add-note-{mug.id}").get_text()
    assert json.loads(answer.headers["HX-Trigger"])["clearFields"] == [f"row-quantity-{mug.id}"]


def test_add_all_without_scripts_shows_the_rows_with_trouble_again(client, buyer, soap, mug):
    answer = client.post("/cart/items", data={"sku_id": [soap.id, mug.id], "quantity": ["50", "3"]})
    assert answer.status_code == 422
    assert "1 item went in." in read_text(answer)
    assert read_html(answer).select_one("input[name=quantity]")["value"] == "50"
    assert lines_of(buyer) == {mug.id: 3}


def test_add_all_with_nothing_filled_says_what_to_do(client, buyer, soap, mug):
    data = {"sku_id": [soap.id, mug.id], "quantity": ["", ""]}
    for answer in (client.post("/cart/items", data=data), client.hx("/cart/items", "POST", data=data)):
        assert answer.status_code == 422
        assert "Fill in how many you want of at least one item." in read_text(answer)


def test_one_rows_own_button_adds_that_row_alone(client, buyer, soap, mug):
    data = {"sku_id": [soap.id, mug.id], "quantity": ["12", "3"], "only": mug.id}
    answer = client.hx("/cart/items", "POST", data=data)
    assert answer.headers["HX-Retarget"] == f"#add-note-{mug.id}"
    assert lines_of(buyer) == {mug.id: 3}


def test_a_cart_has_an_end(client, buyer, mug):
    fill_up(buyer)
    answer = client.post("/cart/items", data={"sku_id": mug.id, "quantity": "1"})
    assert answer.status_code == 422
    assert "Your cart holds 500 items, as many as it can." in read_text(answer)
    assert mug.id not in lines_of(buyer)
