"""The address book: adding, changing, removing, and which one comes first."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.businesses.models import Address
from app.businesses.status import BusinessStatus
from app.extensions import db
from tests.client import read_html, read_text, sign_in
from tests.factories import make_address, make_business, make_buyer, make_shop, make_user

FORM = "#address-form"
PLACE = {
    "label": "Barn",
    "recipient": "Palmer Goods",
    "line1": "4 Mill Rd",
    "city": "Bath",
    "state": "ME",
    "postal_code": "04530",
}


@pytest.fixture(autouse=True)
def shop(app):
    return make_shop()


@pytest.fixture
def business(app):
    return make_business()


@pytest.fixture
def main(business):
    return make_address(business)


@pytest.fixture
def browser(client, business, main):
    sign_in(client, make_buyer(business))
    return client


def book() -> dict[str, Address]:
    db.session.expire_all()
    return {each.line1: each for each in db.session.scalars(select(Address).filter_by(archived_at=None))}


def add(browser, **changes):
    return browser.submit(browser.get("/account/addresses"), FORM, **PLACE | changes)


def test_an_address_is_added_once_however_often_it_is_sent(browser):
    for _ in range(2):
        assert "The address is in your book." in read_text(add(browser))
    assert sorted(book()) == ["4 Mill Rd", "500 Valencia St"]


def test_a_wrong_one_says_so_beside_its_field_and_keeps_what_was_typed(browser):
    page = add(browser, postal_code="123")
    assert page.status_code == 422
    html = read_html(page)
    assert html.select_one("#postal_code")["aria-invalid"] == "true"
    assert html.select_one("#line1")["value"] == "4 Mill Rd"
    assert html.select_one("#new-address").has_attr("open")


def test_another_address_can_come_first_and_exactly_one_does(browser, main):
    add(browser)
    barn = book()["4 Mill Rd"]
    page = browser.get("/account/addresses")
    browser.submit(page, f"#address-{barn.id} form:has([value=shipping])")
    held = book()
    assert [each.is_default_shipping for each in (held["4 Mill Rd"], held["500 Valencia St"])] == [
        True,
        False,
    ]
    assert held["500 Valencia St"].is_default_billing
    browser.submit(browser.get("/account/addresses"), f"#address-{barn.id} form:has([value=billing])")
    assert [each.is_default_billing for each in book().values()].count(True) == 1


def test_a_removed_default_passes_to_the_businesss_own_address(browser, main):
    add(browser)
    barn = book()["4 Mill Rd"]
    browser.post(f"/account/addresses/{barn.id}/default", data={"for": "shipping"})
    browser.post(f"/account/addresses/{barn.id}/archive")
    held = book()
    assert list(held) == ["500 Valencia St"]
    assert held["500 Valencia St"].is_default_shipping


def test_the_businesss_own_address_stays_in_the_book(browser, main):
    refused = browser.post(f"/account/addresses/{main.id}/archive")
    assert refused.status_code == 422
    assert "stays in the book" in read_text(refused)
    assert list(book()) == ["500 Valencia St"]


def test_an_address_is_changed_and_a_wrong_change_is_refused(browser, main):
    page = browser.get(f"/account/addresses/{main.id}")
    refused = browser.submit(page, FORM, city="")
    assert refused.status_code == 422
    assert "Enter the city." in read_text(refused)
    browser.submit(page, FORM, line1="501 Valencia St")
    assert list(book()) == ["501 Valencia St"]


def test_the_address_under_review_is_changed_in_the_application_alone(client):
    business = make_business(BusinessStatus.SUBMITTED)
    main = make_address(business)
    sign_in(client, make_user(business=business))
    assert read_html(client.get("/account/addresses")).select(f"#address-{main.id} a") == []
    refused = client.submit(client.get(f"/account/addresses/{main.id}"), FORM, line1="1 Elsewhere")
    assert "part of your application" in read_text(refused)
    assert list(book()) == ["500 Valencia St"]


def test_nobody_reaches_another_businesss_address(client, main):
    sign_in(client, make_buyer())
    assert client.get(f"/account/addresses/{main.id}").status_code == 404
    for step in ("archive", "default"):
        assert client.post(f"/account/addresses/{main.id}/{step}").status_code == 404
    changed = client.post(f"/account/addresses/{main.id}", data=PLACE)
    assert changed.status_code == 404
    assert main.line1 == "500 Valencia St"
