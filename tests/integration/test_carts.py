"""The buyer's cart, as a person meets it."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest

from app.businesses.status import BusinessStatus
from app.carts.add_to_cart import MOST_LINES
from app.carts.close_stale_carts import close_stale_carts
from app.carts.models import Cart, CartLine, CartStatus
from app.carts.queries import find_open_cart
from app.catalog.models import Sku
from app.extensions import db
from app.inventory.models import Stock
from app.pricing.models import PriceBreak
from app.shared import clock
from app.shared.money import Money
from app.shared.transaction import transaction
from tests.client import read_html, read_text, sign_in
from tests.factories import (
    make_address,
    make_business,
    make_buyer,
    make_cart,
    make_certificate,
    make_group,
    make_order,
    make_price_list,
    make_product,
    make_shipping_method,
    make_shop,
    make_sku,
    make_tax_rate,
    make_user,
)


@pytest.fixture(autouse=True)
def shop(app):
    return make_shop()


@pytest.fixture
def soap(app):
    return make_sku(
        make_product("Lavender soap"), price=Money(340), stock=100, case_pack=12, minimum=12, code="HP-1204"
    )


@pytest.fixture
def mug(app):
    return make_sku(make_product("Harbor mug"), price=Money(850), stock=40, code="HP-77")


@pytest.fixture
def buyer(app, client):
    person = make_buyer()
    sign_in(client, person)
    return person


def lines_of(user):
    query = db.select(CartLine.sku_id, CartLine.quantity).join(Cart).where(Cart.open_user_id == user.id)
    return {row.sku_id: row.quantity for row in db.session.execute(query.order_by(CartLine.id))}


def version_of(user):
    return db.session.scalar(db.select(Cart.version).where(Cart.open_user_id == user.id))


def announced(response):
    return json.loads(response.headers["HX-Trigger"])["announce"]


# --- Adding ------------------------------------------------------------------------------------------------------


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
    cart = make_cart(buyer)
    product = make_product()
    with transaction():
        skus = [
            Sku(product_id=product.id, code=f"S-{number}", price_cents=Money(100))
            for number in range(MOST_LINES)
        ]
        db.session.add_all(skus)
        db.session.flush()
        db.session.add_all(
            CartLine(cart_id=cart.id, sku_id=sku.id, quantity=1, added_at=clock.now()) for sku in skus
        )
    answer = client.post("/cart/items", data={"sku_id": mug.id, "quantity": "1"})
    assert answer.status_code == 422
    assert "Your cart holds 500 items, as many as it can." in read_text(answer)
    assert mug.id not in lines_of(buyer)


# --- The page ----------------------------------------------------------------------------------------------------


def test_an_empty_cart_offers_the_catalogue(client, buyer):
    page = client.get("/cart")
    assert page.status_code == 200
    assert "Nothing here yet" in read_text(page)
    assert read_html(page).select_one("main a[href='/catalog']")


def test_the_cart_shows_lines_savings_shipping_tax_and_total(client, soap, mug):
    group = make_group(price_list=make_price_list(breaks={soap: {48: Money(310)}}))
    business = make_business(group=group)
    make_address(business, state="ME", postal_code="04101", city="Portland")
    make_tax_rate("ME", "0.055")
    make_shipping_method("Ground", price=Money(1250), free_above=Money(50000))
    buyer = make_buyer(business)
    sign_in(client, buyer)
    make_cart(buyer, {soap: 48, mug: 2})
    text = read_text(client.get("/cart"))
    for words in (
        "Lavender soap",
        "$148.80",
        "$3.10 each",
        "Harbor mug",
        "$17.00",
        "Goods $165.80",
        "Shipping $12.50",
        "to Portland, ME 04101",
        "Tax $9.12",
        "Taxed: ME 5.5 %",
        "Estimated total $187.42",
        "save you $14.40",
        "Spend $334.20 more for free shipping",
        "In stock",
    ):
        assert words in text, words


def test_the_next_break_is_named(client, soap):
    business = make_business(group=make_group(price_list=make_price_list(breaks={soap: {48: Money(310)}})))
    buyer = make_buyer(business)
    sign_in(client, buyer)
    make_cart(buyer, {soap: 36})
    assert "Add 12 more for $3.10 each" in read_text(client.get("/cart"))


def test_a_certificate_lifts_the_tax_and_says_so(client, soap):
    business = make_business()
    make_address(business, state="ME", postal_code="04101")
    make_tax_rate("ME", "0.055")
    make_certificate(business, state="ME", number="R-1234567", expires_on=date(2031, 6, 30))
    buyer = make_buyer(business)
    sign_in(client, buyer)
    make_cart(buyer, {soap: 12})
    text = read_text(client.get("/cart"))
    assert "Tax $0.00 Exempt: ME resale certificate R-1234567, valid until Jun 30, 2031" in text.replace(
        "About tax ", ""
    )


def test_without_an_address_the_tax_is_left_open(client, soap):
    buyer = make_buyer(make_business())
    sign_in(client, buyer)
    make_cart(buyer, {soap: 12})
    text = read_text(client.get("/cart"))
    assert "Tax At checkout" in text
    assert "Total so far" in text


def test_the_meter_says_how_much_is_missing_to_the_minimum(client, soap):
    group = make_group(first_order_minimum=Money(15000), reorder_minimum=Money(4000))
    buyer = make_buyer(make_business(group=group))
    sign_in(client, buyer)
    make_cart(buyer, {soap: 12})
    page = client.get("/cart")
    assert "Add $109.20 more to reach the $150.00 first-order minimum" in read_text(page)
    assert read_html(page).select_one("#check-out")["href"] == "#fixes"
    make_order(buyer, {soap: 12})
    page = client.get("/cart")
    assert "$40.00 order minimum reached" in read_text(page)
    assert read_html(page).select_one("#check-out")["href"] == "/checkout/"


def test_a_price_that_changed_is_said_on_the_line_until_it_was_seen(client, buyer, soap):
    client.post("/cart/items", data={"sku_id": soap.id, "quantity": "12"})
    assert "went up" not in read_text(client.get("/cart"))
    with transaction():
        db.session.get(type(soap), soap.id).price_cents = Money(360)
    page = client.get("/cart")
    assert "The price went up from $3.40 to $3.60 since you added it." in read_text(page)
    before = version_of(buyer)
    page = client.submit(page, "form[action='/cart/prices']")
    assert "went up" not in read_text(page)
    assert version_of(buyer) == before


def test_stock_that_went_since_is_said_on_the_line_with_its_fix(client, buyer, soap):
    make_cart(buyer, {soap: 48})
    with transaction():
        stock = db.session.get(Stock, soap.id)
        stock.available, stock.shipped = 40, 60
    page = client.get("/cart")
    assert "Only 40 of Lavender soap are left; you can order up to 36." in read_text(page)
    line = read_html(page).select_one(".cart-line")["id"]
    assert [each["href"] for each in read_html(page).select(".fixes a")] == [f"#{line}"]


def test_what_is_no_longer_sold_stays_as_a_line_that_counts_nothing(client, buyer, soap, mug):
    make_cart(buyer, {soap: 12, mug: 1})
    with transaction():
        db.session.get(type(soap), soap.id).is_active = False
    text = read_text(client.get("/cart"))
    assert "Lavender soap (HP-1204) is no longer sold." in text
    assert "Goods $8.50" in text


def test_the_page_takes_at_most_ten_queries_however_long_the_cart(client, buyer, soap, mug, count_queries):
    make_shipping_method()
    make_tax_rate("CA")
    make_cart(buyer, {soap: 12, mug: 2})
    with count_queries() as short:
        client.get("/cart")
    client.post("/cart/items", data={"sku_id": make_sku().id, "quantity": "2"})
    for _ in range(8):
        client.post("/cart/items", data={"sku_id": make_sku().id, "quantity": "2"})
    with count_queries() as long:
        client.get("/cart")
    assert short.count <= 10, short
    assert long.count <= short.count
    assert not short.writes + long.writes


# --- Changing ----------------------------------------------------------------------------------------------------


def line_id(user):
    query = db.select(CartLine.id).join(Cart).where(Cart.open_user_id == user.id)
    return db.session.scalars(query.order_by(CartLine.id)).first()


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


# --- People who see no prices ------------------------------------------------------------------------------------

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
    assert "Goods $40.80" in text
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


# --- Merging and closing -----------------------------------------------------------------------------------------


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


def client_session(client):
    with client.session_transaction() as session:
        return dict(session)


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
    assert "Goods $40.80" in read_text(client.get("/cart"))
