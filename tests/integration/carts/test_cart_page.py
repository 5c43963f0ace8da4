"""The cart as a page: lines, sum, tax, what blocks it."""

from __future__ import annotations

from datetime import date

import pytest

from app.extensions import db
from app.inventory.models import Stock
from app.pricing.queries import load_buyer
from app.shared.errors import NotFound
from app.shared.money import Money
from app.shared.transaction import transaction
from app.shop.models import ShopFacts
from tests.carts import version_of
from tests.client import read_html, read_text, sign_in
from tests.factories import (
    make_address,
    make_business,
    make_buyer,
    make_cart,
    make_certificate,
    make_group,
    make_order,
    make_pickup,
    make_price_list,
    make_shipping_method,
    make_sku,
    make_tax_rate,
)


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
        "Subtotal $165.80",
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


def test_a_pickup_is_taxed_at_the_shop(client, soap, app):
    with transaction():
        facts = db.session.get(ShopFacts, 1)
        facts.state, facts.postal_code = "ME", "04101"
    make_tax_rate("ME", "0.055")
    pickup = make_pickup()
    business = make_business()
    make_address(business, state="NH", postal_code="03801")
    buyer = make_buyer(business)
    sign_in(client, buyer)
    make_cart(buyer, {soap: 12}, shipping_method_id=pickup.id)
    text = read_text(client.get("/cart"))
    assert "Taxed: ME 5.5 %" in text
    assert "Estimated total $43.04" in text


def test_local_tax_is_found_by_the_zip_code(client, soap):
    make_tax_rate("CO", "0.029", taxes_shipping=True)
    make_tax_rate("CO", "0.0525", postal_prefix="802")
    make_tax_rate("CO", "0.01", postal_prefix="8")
    make_shipping_method("Ground", price=Money(1000))
    business = make_business()
    make_address(business, state="CO", postal_code="80202-1234")
    buyer = make_buyer(business)
    sign_in(client, buyer)
    make_cart(buyer, {soap: 12})
    text = read_text(client.get("/cart"))
    assert "Taxed: CO 2.9 % + CO 802 5.25 %" in text
    assert "Tax $4.15" in text


def test_nobody_quotes_for_a_business_that_does_not_exist(app):
    with pytest.raises(NotFound):
        load_buyer(999_999, True)


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
    assert "Subtotal $8.50" in text


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
