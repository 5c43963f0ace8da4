"""The list of people who see no prices."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import IntegrityError

from app.businesses.access import GUEST, Viewer
from app.businesses.status import BusinessStatus
from app.carts.add_to_cart import add_to_cart
from app.carts.additions import Addition
from app.extensions import db
from app.shared import clock
from app.shared.transaction import transaction
from tests.carts import line_id, lines_of
from tests.client import read_html, read_text, sign_in
from tests.factories import (
    make_business,
    make_cart,
    make_product,
    make_sku,
    make_user,
)

NOT_APPROVED = [each for each in BusinessStatus if each is not BusinessStatus.APPROVED]


@pytest.mark.parametrize("status", NOT_APPROVED, ids=lambda status: status.value)
def test_who_is_not_approved_keeps_a_list_without_prices_or_stock(client, soap, status):
    person = make_user(business=make_business(status))
    sign_in(client, person)
    page = client.get("/cart")
    assert "Your list" in read_text(page)
    client.post("/cart/items", data={"sku_id": soap.id})
    assert lines_of(person) == {soap.id: 12}
    answers = [
        client.get("/cart"),
        client.hx(f"/cart/items/{line_id(person)}", "POST", data={"quantity": "120"}),
        client.hx("/cart/items", "POST", data={"sku_id": soap.id, "quantity": "12"}),
    ]
    assert lines_of(person) == {soap.id: 132}
    for answer in answers:
        assert answer.status_code == 200
        words = answer.get_data(as_text=True) + str(answer.headers)
        assert "3.40" not in words
        assert "$" not in words
        assert "left" not in read_text(answer)
        assert "stock" not in read_text(answer).lower()
    assert read_html(answers[0]).select_one(".price-hidden a")


def test_what_was_listed_before_approval_is_a_priced_cart_after_it(client, soap):
    business = make_business(BusinessStatus.SUBMITTED)
    person = make_user(business=business)
    sign_in(client, person)
    client.post("/cart/items", data={"sku_id": soap.id})
    with transaction():
        db.session.get(type(business), business.id).status = BusinessStatus.APPROVED
    text = read_text(client.get("/cart"))
    assert "Your cart" in text
    assert "Subtotal $40.80" in text
    assert "went up" not in text


def test_a_guest_keeps_a_list_in_the_session(client, soap, mug):
    client.post("/cart/items", data={"sku_id": soap.id})
    client.post("/cart/items", data={"sku_id": mug.id})
    page = client.get("/cart")
    text = read_text(page)
    assert "Your list" in text
    assert "Lavender soap" in text
    assert "$" not in text
    changed = client.submit(page, f"#line-form-{soap.id}", quantity="36")
    assert read_html(changed).select_one(f"#quantity-sku-{soap.id}")["value"] == "36"
    removed = client.submit(changed, f"#line-{mug.id} .cart-line__actions form")
    assert "Harbor mug removed." in read_text(removed)
    back = client.submit(removed, "#cart-undo form")
    assert read_html(back).select_one(f"#line-{mug.id}")


def test_a_guest_is_offered_right_quantities_too(client, soap):
    client.post("/cart/items", data={"sku_id": soap.id})
    answer = client.hx(f"/cart/items/{soap.id}", "POST", data={"quantity": "50"})
    assert answer.status_code == 422
    assert [each["value"] for each in read_html(answer).select("button[name=fix]")] == ["48", "60"]
    assert client.post("/cart/items/999", data={"quantity": "1"}).status_code == 404


def test_a_guests_list_holds_fifty_items_and_says_so(client):
    product = make_product()
    skus = [make_sku(product) for _ in range(51)]
    data = {"sku_id": [sku.id for sku in skus], "quantity": ["1"] * 51}
    answer = client.post("/cart/items", data=data)
    assert answer.status_code == 422
    assert "Your list holds 50 items" in read_text(answer)
    assert "50 items went in." in read_text(answer)


def test_a_guest_has_no_prices_to_have_seen(client, soap):
    client.post("/cart/items", data={"sku_id": soap.id})
    assert client.post("/cart/prices").status_code == 303


def test_putting_back_what_is_there_again_changes_nothing(client, app, buyer, soap):
    make_cart(buyer, {soap: 24})
    guest = app.test_client()
    guest.post("/cart/items", data={"sku_id": soap.id, "quantity": "24"})
    for browser in (client, guest):
        browser.post("/cart/items/restore", data={"sku_id": soap.id, "quantity": "48"})
        assert read_html(browser.get("/cart")).select_one("input[name=quantity]")["value"] == "24"
    assert guest.post("/cart/items/restore", data={"sku_id": "999999", "quantity": "48"}).status_code == 404
    assert lines_of(buyer) == {soap.id: 24}


def test_only_people_who_exist_have_a_cart(app, soap):
    now = clock.now()
    with pytest.raises(ValueError, match="a guest has a list"):
        add_to_cart([Addition(soap.id, "12")], viewer=GUEST, now=now)
    with pytest.raises(IntegrityError):
        add_to_cart([Addition(soap.id, "12")], viewer=Viewer(user_id=999_999), now=now)
