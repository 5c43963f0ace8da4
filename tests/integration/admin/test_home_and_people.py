"""The home page's work, the search box, people, stock and pictures."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from PIL import Image

from admin.work import TILES
from app.accounts.models import User, UserStatus
from app.accounts.permissions import Role
from app.businesses.status import BusinessStatus
from app.catalog.models import ProductImage
from app.extensions import db
from app.inventory.models import Stock
from app.orders.status import OrderStatus
from app.payments.status import PaymentStatus
from app.shared import clock
from app.shared.history import list_history
from tests.client import read_html, read_text
from tests.factories import (
    make_business,
    make_buyer,
    make_certificate,
    make_message,
    make_order,
    make_payment,
    make_product,
    make_sku,
    make_staff,
)


def reread(row):
    db.session.refresh(row)
    return row


# --- Home and search


def test_an_empty_shop_says_that_all_is_done(desk):
    page = read_text(desk.get("/admin/"))
    assert "All done" in page
    assert "Nothing is waiting for you." in page


def test_each_number_on_the_home_page_opens_exactly_its_list(desk):
    buyer = make_buyer()
    make_business(BusinessStatus.SUBMITTED)
    make_order(buyer, status=OrderStatus.PAID)
    make_order(buyer, status=OrderStatus.PROCESSING)
    late = clock.now() - timedelta(hours=1)
    make_payment(make_order(buyer, status=OrderStatus.PENDING), PaymentStatus.UNKNOWN, created_at=late)
    make_certificate(make_business(), expires_on=clock.now().date() + timedelta(days=10))
    make_certificate(make_business())
    make_message()
    tiles = read_html(desk.get("/admin/")).select(".work__tile")
    assert len(tiles) <= 7
    for tile in tiles:
        number = int(tile.select_one(".work__number").get_text())
        listed = read_html(desk.get(tile["href"])).select("main tbody tr")
        assert len(listed) == number, tile["href"]
    assert sum(int(tile.select_one(".work__number").get_text()) for tile in tiles) == 6


def test_every_pile_of_work_leads_to_a_view_of_the_back_office(app):
    assert [tile.endpoint for tile in TILES if tile.endpoint not in app.view_functions] == []


def test_the_home_page_counts_all_its_work_in_one_query_and_names_the_newest_in_two(desk, count_queries):
    with count_queries() as queries:
        desk.get("/admin/")
    assert queries.count <= 6, queries
    assert not queries.writes


def test_a_number_or_code_typed_into_the_search_box_opens_its_page(desk):
    product = make_product("Mug")
    make_sku(product, code="HP-1204")
    order = make_order(make_buyer(), number="HP-1042")
    assert desk.get("/admin/search/?q=hp-1042").location == f"/admin/orders/details/?id={order.id}"
    assert desk.get("/admin/search/?q=HP-1204").location == f"/admin/products/details/?id={product.id}"


def test_other_words_find_orders_businesses_products_and_people(desk):
    make_product("Palm soap")
    make_order(make_buyer(name="Palmira Stone"), number="HP-1")
    page = read_html(desk.get("/admin/search/?q=palm"))
    assert [head.get_text() for head in page.select("main h2")] == [
        "Orders",
        "Businesses",
        "Products",
        "People",
    ]
    assert "Nothing found." in read_text(desk.get("/admin/search/?q=zzzz%25"))


def test_the_search_finds_only_what_a_role_may_see(desk_of):
    make_order(make_buyer(), number="HP-1042")
    catalogue = desk_of(Role.CATALOGUE)
    assert catalogue.get("/admin/search/?q=HP-1042").status_code == 200
    assert "HP-1042 " not in read_text(catalogue.get("/admin/search/?q=HP-1042")).replace("“HP-1042”", "")


# --- People


def test_a_person_is_shut_out_after_a_yes_and_let_in_again(desk, browser_of):
    buyer = make_buyer(name="Ada Palmer")
    theirs = browser_of(buyer)
    page = desk.get(f"/admin/users/details/?id={buyer.id}")
    asked = desk.submit(page, "form[action$='/deactivate']")
    assert "signed out on every device" in read_text(asked)
    page = desk.submit(asked, "form.confirm-page")
    assert reread(buyer).status is UserStatus.DEACTIVATED
    assert theirs.get("/account").status_code == 303
    desk.submit(page, "form[action$='/reactivate']")
    assert reread(buyer).status is UserStatus.ACTIVE


def test_before_a_person_is_shut_out_their_open_orders_are_named(desk):
    buyer = make_buyer()
    make_order(buyer, status=OrderStatus.PAYMENT_PENDING)
    make_order(buyer, status=OrderStatus.DELIVERED)
    asked = desk.post("/admin/users/deactivate", data={"id": buyer.id})
    assert "Still open, for you to decide: 1 of their orders." in read_text(asked)
    page = desk.get(f"/admin/users/details/?id={buyer.id}")
    orders = read_html(page).select_one(".desk-head__lead a")["href"]
    assert len(read_html(desk.get(orders)).select("tbody tr")) == 2


def test_support_may_shut_out_buyers_but_not_colleagues(desk_of):
    support = desk_of(Role.SUPPORT)
    colleague, buyer = make_staff(Role.FINANCE), make_buyer()
    refused = support.post("/admin/users/deactivate", data={"id": colleague.id, "confirmed": "yes"})
    assert refused.status_code == 403
    support.post("/admin/users/deactivate", data={"id": buyer.id, "confirmed": "yes"})
    assert reread(colleague).status is UserStatus.ACTIVE
    assert reread(buyer).status is UserStatus.DEACTIVATED


def test_a_role_is_given_after_a_yes(desk):
    colleague = make_staff(Role.SUPPORT)
    page = desk.get(f"/admin/users/details/?id={colleague.id}")
    asked = desk.submit(page, "form[action$='/role']", role="finance")
    assert "They are support now" in read_text(asked)
    desk.submit(asked, "form.confirm-page")
    assert reread(colleague).role is Role.FINANCE


def test_nobody_changes_their_own_role_or_a_role_that_is_none(desk, owner):
    answer = desk.post(
        "/admin/users/role",
        data={"id": owner.id, "role": "support", "confirmed": "yes"},
        follow_redirects=True,
    )
    assert "You cannot change your own role." in read_text(answer)
    assert desk.post("/admin/users/role", data={"id": owner.id, "role": "king"}).status_code == 404


def test_no_page_about_people_shows_a_password(desk):
    buyer = make_buyer()
    secret = db.session.scalars(db.select(User.password_hash).where(User.id == buyer.id)).one()
    for address in ("/admin/users/", f"/admin/users/details/?id={buyer.id}", "/admin/users/export/csv/"):
        assert secret not in desk.get(address).get_data(as_text=True)


# --- Stock


def test_stock_is_corrected_with_a_reason(desk, owner):
    sku = make_sku(code="HP-5", stock=10)
    page = desk.get(f"/admin/stock/details/?id={sku.id}")
    page = desk.submit(page, "form[action$='/correct']", units="-4", reason="Counted on Friday")
    stock = reread(db.session.get(Stock, sku.id))
    assert (stock.available, stock.received) == (6, 6)
    [entry] = list_history("stock", sku.id)
    assert (entry.actor_id, entry.reason, entry.details) == (owner.id, "Counted on Friday", {"units": -4})
    assert "Counted on Friday" in read_text(page)


@pytest.mark.parametrize(
    "units, reason, words",
    [
        ("-11", "Lost", "fewer units"),
        ("5", " ", "Say why"),
        ("x", "Why", "whole number"),
        ("0", "Why", "how many"),
    ],
)
def test_a_correction_that_cannot_be_is_refused_in_words(desk, units, reason, words):
    sku = make_sku(stock=10)
    answer = desk.post(
        "/admin/stock/correct", data={"id": sku.id, "units": units, "reason": reason}, follow_redirects=True
    )
    assert words in read_text(answer)
    assert reread(db.session.get(Stock, sku.id)).available == 10


def test_what_buyers_read_about_stock_is_set_by_staff(desk):
    sku = make_sku(stock=0)
    page = desk.get(f"/admin/stock/details/?id={sku.id}")
    desk.submit(page, "form[action$='/words']", low_at="6", back_on="2026-12-04")
    stock = reread(db.session.get(Stock, sku.id))
    assert (stock.low_at, stock.back_on.isoformat()) == (6, "2026-12-04")


# --- Pictures


def a_picture() -> io.BytesIO:
    file = io.BytesIO()
    Image.new("RGB", (800, 1000), "#1f5f4a").save(file, "PNG")
    file.seek(0)
    return file


def test_a_picture_is_added_to_a_product_and_taken_off_again(desk):
    product = make_product("Mug")
    data = {"id": product.id, "alt": "A green mug", "picture": (a_picture(), "mug.png")}
    page = desk.post("/admin/products/pictures/add", data=data, follow_redirects=True)
    assert "The picture was added." in read_text(page)
    assert read_html(page).select_one(".picture-list img")["alt"] == "A green mug"
    asked = desk.submit(page, "form[action$='/pictures/remove']")
    desk.submit(asked, "form.confirm-page")
    assert db.session.scalars(db.select(ProductImage)).all() == []


def test_a_file_that_is_no_picture_is_refused_in_words(desk):
    product = make_product("Mug")
    data = {"id": product.id, "picture": (io.BytesIO(b"<script>alert(1)</script>"), "mug.png")}
    answer = desk.post("/admin/products/pictures/add", data=data, follow_redirects=True)
    assert read_html(answer).select_one(".notice--danger")
    assert db.session.scalars(db.select(ProductImage)).all() == []


def test_a_picture_of_another_product_cannot_be_taken_off(desk):
    mine, other = make_product("Mug"), make_product("Bowl")
    desk.post("/admin/products/pictures/add", data={"id": mine.id, "picture": (a_picture(), "m.png")})
    image_id = db.session.scalars(db.select(ProductImage.id)).one()
    answer = desk.post(
        "/admin/products/pictures/remove", data={"id": other.id, "image_id": image_id, "confirmed": "yes"}
    )
    assert answer.status_code == 404
