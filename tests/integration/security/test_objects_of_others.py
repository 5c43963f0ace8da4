"""Whatever has a number or a name in its address, or in what is sent: nobody reaches another business's."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts.models import User
from app.businesses.models import Address
from app.carts.models import Cart
from app.extensions import db
from app.orders.models import Order
from tests.client import ShopClient
from tests.factories import make_address, make_business, make_buyer, make_cart, make_order, make_user
from tests.walking.people import browser_of
from tests.walking.places import list_places, values_for
from tests.walking.rights import ABSENT, REFUSED, SHOP, SIGN_IN, WRONG
from tests.walking.small_shop import SmallShop, make_small_shop

# What an address may name without belonging to anybody: goods, texts, files, and links that are keys themselves.
PUBLIC_GAPS = {"category", "slug", "filename", "name", "token"}
# A line of a cart is looked for in one's own cart alone; without a quantity the form is wrong before that.
KEPT_TO_OWN_CART = {"POST /cart/items/<line_id>"}


@pytest.fixture
def shop(app: Flask) -> SmallShop:
    return make_small_shop()


@pytest.fixture
def stranger(shop: SmallShop) -> User:
    """The owner of another approved business, with an address of its own."""
    business = make_business()
    make_address(business)
    return make_buyer(business)


def test_every_address_with_a_number_is_absent_to_every_other_business() -> None:
    open_to_others = []
    for place, answers in SHOP.items():
        gaps = set(re.findall(r"<(\w+)>", place)) - PUBLIC_GAPS
        if gaps and place not in KEPT_TO_OWN_CART and answers["of another business"] not in {ABSENT, REFUSED}:
            open_to_others.append(f"{place} answers {answers['of another business']}")
        if gaps and answers["guest"] not in {SIGN_IN, ABSENT, WRONG}:
            open_to_others.append(f"{place} answers {answers['guest']} to anybody")
    assert not open_to_others, "\n".join(open_to_others)


def test_what_is_absent_to_others_looks_like_what_never_was(
    app: Flask, shop: SmallShop, stranger: User
) -> None:
    """Same status and same words, so that trying numbers tells nothing."""
    browser = browser_of(app, stranger)
    told = []
    for place in list_places(app, values_for(shop, shop.buyer)):
        gaps = set(re.findall(r"<(?:\w+:)?(\w+)>", place.rule)) - PUBLIC_GAPS
        if place.is_desk or not gaps:
            continue
        theirs = said(browser, place.method, place.address)
        never = said(browser, place.method, re.sub(r"\d+", "999999", place.address))
        if theirs != never:
            told.append(f"{place}: {theirs} is not {never}")
    assert not told, "\n".join(told)


def said(browser: ShopClient, method: str, address: str) -> tuple[int, str]:
    answer = browser.open(address, method=method)
    heading = re.search(r"<h1[^>]*>(.*?)</h1>", answer.get_data(as_text=True), re.DOTALL)
    answer.close()
    return answer.status_code, heading.group(1).strip() if heading else ""


def test_another_businesss_address_is_not_shipped_to(app: Flask, shop: SmallShop, stranger: User) -> None:
    make_cart(stranger, {shop.skus[0]: 2})
    browser = browser_of(app, stranger)
    data = {"shipping_method": str(shop.shipping.id), "address": str(shop.address.id)}
    assert browser.post("/checkout/", data=data).status_code == 422
    cart = db.session.scalars(select(Cart).filter_by(open_user_id=stranger.id)).one()
    assert cart.shipping_address_id != shop.address.id


def test_another_businesss_address_is_neither_changed_nor_put_away(
    app: Flask, shop: SmallShop, stranger: User
) -> None:
    browser = browser_of(app, stranger)
    before = shop.address.line1
    for step in ("", "/archive", "/default"):
        answer = browser.post(f"/account/addresses/{shop.address.id}{step}", data={"line1": "1 Thief Lane"})
        assert answer.status_code == 404
    address = db.session.get_one(Address, shop.address.id)
    assert (address.line1, address.archived_at) == (before, None)


def test_another_businesss_order_is_neither_read_nor_cancelled(
    app: Flask, shop: SmallShop, stranger: User
) -> None:
    browser = browser_of(app, stranger)
    order = make_order(shop.buyer)
    assert browser.get(f"/orders/{order.number}").status_code == 404
    assert browser.post(f"/orders/{order.number}/cancel").status_code == 404
    status = order.status
    db.session.refresh(order)
    assert order.status is status
    assert not db.session.scalars(select(Order.id).filter_by(business_id=stranger.business_id)).first()


def test_somebody_who_left_a_business_reaches_nothing_of_it(app: Flask, shop: SmallShop) -> None:
    former = make_user()
    browser = browser_of(app, former)
    for address in (f"/orders/{shop.order.number}", f"/account/addresses/{shop.address.id}"):
        assert browser.get(address).status_code in {303, 404}
    assert browser.get(f"/account/business/document/{shop.upload.id}").status_code == 404
