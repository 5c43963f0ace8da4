"""Who gets through to what only approved buyers may do, and where everybody else is led."""

from __future__ import annotations

import pytest
from flask import Flask

from app.businesses.status import BusinessStatus
from tests.client import ShopClient, read_text, sign_in
from tests.factories import make_business, make_buyer, make_shop, make_staff, make_user

pytestmark = pytest.mark.usefixtures("shop")


@pytest.fixture
def shop(app: Flask) -> None:
    make_shop()


def test_a_stranger_signs_in_and_comes_back(client: ShopClient):
    assert client.get("/checkout/").location == "/login?next=/checkout/"


def test_an_unconfirmed_person_is_led_to_the_mailbox(client: ShopClient):
    sign_in(client, make_user(verified=False))
    assert client.get("/checkout/").location == "/register/check-mail"


@pytest.mark.parametrize(
    "status, words",
    [
        (BusinessStatus.DRAFT, "Tell us about your business first"),
        (BusinessStatus.SUBMITTED, "still looking at your application"),
        (BusinessStatus.NEEDS_INFORMATION, "a little more about your business"),
        (BusinessStatus.REJECTED, "was not approved"),
        (BusinessStatus.SUSPENDED, "closed for your business"),
    ],
)
def test_a_business_on_its_way_is_told_what_is_missing(
    client: ShopClient, status: BusinessStatus, words: str
):
    sign_in(client, make_buyer(make_business(status)))
    page = client.get("/checkout/", follow_redirects=True)
    assert page.status_code == 200
    assert page.request.path.startswith("/account/business")
    assert words in read_text(page)


def test_htmx_is_led_there_by_a_header(client: ShopClient):
    sign_in(client, make_buyer(make_business(BusinessStatus.SUBMITTED)))
    answer = client.hx("/checkout/")
    assert answer.headers["HX-Redirect"].startswith("/account/business")


def test_staff_who_buy_for_nobody_are_told_so(client: ShopClient):
    sign_in(client, make_staff())
    page = client.get("/checkout/")
    assert page.status_code == 403
    assert "Staff accounts do not order" in read_text(page)


def test_an_approved_buyer_gets_through(client: ShopClient):
    sign_in(client, make_buyer())
    assert "/account/business" not in str(client.get("/checkout/").location)
    assert "/login" not in str(client.get("/checkout/").location)
