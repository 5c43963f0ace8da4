"""Lists become carts, and old carts end."""

from __future__ import annotations

from datetime import timedelta

from app.businesses.access import GUEST
from app.businesses.status import BusinessStatus
from app.businesses.viewer import load_viewer
from app.carts.close_stale_carts import close_stale_carts
from app.carts.merge_guest_list import merge_guest_list
from app.carts.models import Cart, CartStatus
from app.carts.queries import find_open_cart
from app.extensions import db
from app.pricing.models import PriceBreak
from app.shared import clock
from app.shared.money import Money
from app.shared.transaction import transaction
from tests.carts import client_session, fill_up, lines_of, version_of
from tests.client import read_text
from tests.factories import (
    make_business,
    make_buyer,
    make_cart,
    make_price_list,
    make_product,
    make_sku,
    make_user,
)


def test_the_guests_list_joins_the_cart_at_sign_in(app, client, soap, mug):
    from_before = make_buyer()
    make_cart(from_before, {soap: 48})
    client.post("/cart/items", data={"sku_id": soap.id, "quantity": "12"})
    client.post("/cart/items", data={"sku_id": mug.id, "quantity": "3"})
    page = client.get("/login")
    client.submit(
        page, "form[action^='/login']", email=from_before.email, password="correct horse battery staple"
    )
    assert lines_of(from_before) == {soap.id: 48, mug.id: 3}
    assert "wanted" not in client_session(client)


def test_a_guests_list_joins_the_list_of_who_is_not_approved_too(app, soap, mug):
    gone = make_sku(make_product("Old lamp", is_active=False))
    person = make_user(business=make_business(BusinessStatus.SUBMITTED))
    viewer = load_viewer(person)
    now = clock.now()
    assert merge_guest_list({soap.id: 12, gone.id: 1}, viewer=viewer, now=now) == 1
    assert merge_guest_list({soap.id: 12}, viewer=viewer, now=now) == 0
    assert merge_guest_list({}, viewer=viewer, now=now) == 0
    assert merge_guest_list({soap.id: 12}, viewer=GUEST, now=now) == 0
    assert lines_of(person) == {soap.id: 12}
    assert version_of(person) == 2


def test_a_full_cart_takes_nothing_more_from_a_list(buyer, mug):
    fill_up(buyer)
    assert merge_guest_list({mug.id: 1}, viewer=load_viewer(buyer), now=clock.now()) == 0


def test_carts_nobody_touched_are_closed_and_the_next_add_opens_a_new_one(client, buyer, soap, mug):
    now = clock.now()
    old = make_cart(buyer, {soap: 12})
    with transaction():
        db.session.get(Cart, old.id).touched_at = now - timedelta(days=91)
    fresh = make_cart(make_buyer(), {mug: 1})
    assert close_stale_carts(before=now - timedelta(days=90), now=now) == 1
    assert close_stale_carts(before=now - timedelta(days=90), now=now) == 0
    db.session.expire_all()
    assert db.session.get(Cart, old.id).status is CartStatus.EXPIRED
    assert db.session.get(Cart, fresh.id).status is CartStatus.OPEN
    assert find_open_cart(buyer.id) is None
    client.post("/cart/items", data={"sku_id": mug.id, "quantity": "1"})
    assert lines_of(buyer) == {mug.id: 1}


def test_a_price_list_row_of_another_group_is_not_used(client, buyer, soap):
    make_price_list(breaks={soap: {1: Money(1)}})
    make_cart(buyer, {soap: 12})
    assert db.session.scalar(db.select(db.func.count()).select_from(PriceBreak)) == 1
    assert "Subtotal $40.80" in read_text(client.get("/cart"))
