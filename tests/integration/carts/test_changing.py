"""Changing, removing and putting back."""

from __future__ import annotations

import pytest

from app.extensions import db
from app.shared.transaction import transaction
from tests.carts import announced, line_id, lines_of, version_of
from tests.client import read_html, read_text, sign_in
from tests.factories import (
    make_buyer,
    make_cart,
)


def test_changing_a_quantity_saves_by_itself_and_says_so(client, buyer, soap):
    make_cart(buyer, {soap: 12})
    answer = client.hx(f"/cart/items/{line_id(buyer)}", "POST", data={"quantity": "36"})
    assert answer.status_code == 200
    assert announced(answer) == "Lavender soap: 36 now. Cart: 1 item, $122.40"
    page = read_html(answer)
    assert page.select_one("#cart .cart-line input[name=quantity]")["value"] == "36"
    assert "$122.40" in page.select_one("#cart-badge").get_text()
    assert lines_of(buyer) == {soap.id: 36}


def test_changing_without_scripts_leads_back_to_the_cart(client, buyer, soap):
    make_cart(buyer, {soap: 12})
    page = client.submit(client.get("/cart"), ".cart-line__quantity form", quantity="24")
    assert page.request.path == "/cart"
    assert lines_of(buyer) == {soap.id: 24}


def test_a_wrong_change_keeps_what_was_typed_and_changes_nothing(client, buyer, soap):
    make_cart(buyer, {soap: 12})
    for send in (client.post, lambda path, data: client.hx(path, "POST", data=data)):
        answer = send(f"/cart/items/{line_id(buyer)}", data={"quantity": "50"})
        assert answer.status_code == 422
        page = read_html(answer)
        box = page.select_one(".cart-line input[name=quantity]")
        assert (box["value"], box["aria-invalid"]) == ("50", "true")
        assert [each["value"] for each in page.select("button[name=fix]")] == ["48", "60"]
        assert "$40.80" in read_text(answer)
    assert lines_of(buyer) == {soap.id: 12}


def test_pressing_an_offered_quantity_changes_the_line(client, buyer, soap):
    make_cart(buyer, {soap: 12})
    client.post(f"/cart/items/{line_id(buyer)}", data={"quantity": "50", "fix": "60"})
    assert lines_of(buyer) == {soap.id: 60}


def test_changing_to_nothing_removes_the_line(client, buyer, soap):
    make_cart(buyer, {soap: 12})
    client.post(f"/cart/items/{line_id(buyer)}", data={"quantity": "0"})
    assert lines_of(buyer) == {}


def test_a_removed_line_can_be_put_back(client, buyer, soap):
    make_cart(buyer, {soap: 12})
    page = client.submit(client.get("/cart"), ".cart-line__actions form")
    assert "Lavender soap removed." in read_text(page)
    assert lines_of(buyer) == {}
    page = client.submit(page, "#cart-undo form")
    assert lines_of(buyer) == {soap.id: 12}
    assert read_html(page).select_one("#cart-undo") is None


def test_the_way_back_is_offered_once(client, buyer, soap, mug):
    make_cart(buyer, {soap: 12, mug: 1})
    client.submit(client.get("/cart"), ".cart-line__actions form")
    assert read_html(client.get("/cart")).select_one("#cart-undo") is None


def test_removing_with_htmx_offers_the_way_back(client, buyer, soap, mug):
    make_cart(buyer, {mug: 1, soap: 12})
    answer = client.hx(f"/cart/items/{line_id(buyer)}/remove", "POST")
    assert announced(answer) == "Harbor mug removed. Cart: 1 item, $40.80"
    assert read_html(answer).select_one("#cart-undo-button")


def test_even_what_cannot_be_added_any_more_can_be_put_back(client, buyer, soap):
    make_cart(buyer, {soap: 12})
    page = client.submit(client.get("/cart"), ".cart-line__actions form")
    with transaction():
        db.session.get(type(soap), soap.id).case_pack = 10
    page = client.submit(page, "#cart-undo form")
    assert lines_of(buyer) == {soap.id: 12}
    assert "12 cannot be ordered" in read_text(page)


@pytest.mark.parametrize(
    "data", [{}, {"sku_id": "1", "quantity": "x"}, {"sku_id": "999999", "quantity": "1"}]
)
def test_putting_back_nonsense_finds_nothing(client, buyer, data):
    assert client.post("/cart/items/restore", data=data).status_code == 404


def test_nobody_touches_somebody_elses_line(client, app, buyer, soap):
    make_cart(buyer, {soap: 12})
    mine = line_id(buyer)
    other = app.test_client()
    sign_in(other, make_buyer())
    for path in (f"/cart/items/{mine}", f"/cart/items/{mine}/remove"):
        assert other.post(path, data={"quantity": "24"}).status_code == 404
    assert lines_of(buyer) == {soap.id: 12}


def test_every_change_of_lines_raises_the_version(client, buyer, soap, mug):
    client.post("/cart/items", data={"sku_id": soap.id, "quantity": "12"})
    versions = [version_of(buyer)]
    for path, data in (
        ("/cart/items", {"sku_id": mug.id, "quantity": "1"}),
        (f"/cart/items/{line_id(buyer)}", {"quantity": "24"}),
        (f"/cart/items/{line_id(buyer)}/remove", {}),
        ("/cart/items/restore", {"sku_id": soap.id, "quantity": "24"}),
    ):
        client.post(path, data=data)
        versions.append(version_of(buyer))
    assert versions == sorted(set(versions))


def test_what_changes_nothing_leaves_the_version(client, buyer, soap):
    make_cart(buyer, {soap: 12})
    before = version_of(buyer)
    client.post(f"/cart/items/{line_id(buyer)}", data={"quantity": "12"})
    client.post("/cart/items", data={"sku_id": soap.id, "quantity": "5"})
    assert version_of(buyer) == before


def test_a_cart_that_is_being_placed_cannot_change(client, buyer, soap, mug):
    make_cart(buyer, {soap: 12}, placing_order_id=1)
    answer = client.post("/cart/items", data={"sku_id": mug.id, "quantity": "1"})
    assert answer.status_code == 409
    assert lines_of(buyer) == {soap.id: 12}


def test_the_cart_is_the_same_on_every_device(app, client, buyer, soap):
    client.post("/cart/items", data={"sku_id": soap.id, "quantity": "12"})
    phone = app.test_client()
    sign_in(phone, buyer)
    assert "Lavender soap" in read_text(phone.get("/cart"))
