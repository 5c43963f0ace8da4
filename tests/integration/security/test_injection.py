"""What people type, send and name stays what it is: never markup, code, a header, a path, a formula or an address."""

from __future__ import annotations

import pytest
from flask import Flask

from admin.formatters import safe_for_spreadsheets
from app.extensions import db
from app.web import safe_next
from tests.client import ShopClient, read_text, sign_in
from tests.factories import (
    PASSWORD,
    make_business,
    make_buyer,
    make_message,
    make_product,
    make_sku,
    make_staff,
    make_text_page,
    make_user,
)

pytestmark = [pytest.mark.usefixtures("facts"), pytest.mark.either_database]

TEMPLATE_CODE = ("{{ 7*191 }}", "{% for x in [1] %}1337{% endfor %}", "${7*191}", "#{7*191}", "<%= 7*191 %>")
ELSEWHERE = (
    "https://evil.example/",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\/evil.example",
    "/\t/evil.example",
    "\x01//evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "/account\r\nSet-Cookie: stolen=1",
    "http:evil.example",
    "@evil.example",
)


@pytest.mark.parametrize("wanted", ELSEWHERE)
def test_the_way_back_is_a_path_of_this_shop_or_none(wanted: str):
    assert safe_next(wanted, "/home") == "/home"


def test_a_path_of_the_shop_is_a_way_back():
    assert safe_next("/orders/?status=paid", "/") == "/orders/?status=paid"


@pytest.mark.parametrize("wanted", ELSEWHERE)
def test_no_sign_in_page_offers_a_way_elsewhere(client: ShopClient, wanted: str):
    page = client.get("/login", query_string={"next": wanted})
    assert "evil.example" not in page.get_data(as_text=True)
    sent = client.post(
        "/login", query_string={"next": wanted}, data={"email": make_buyer().email, "password": PASSWORD}
    )
    assert sent.location == "/"
    assert not [cookie for cookie in sent.headers.getlist("Set-Cookie") if "stolen" in cookie]


@pytest.mark.parametrize("referrer", ["https://evil.example/x", "//evil.example/", "javascript:alert(1)"])
def test_a_forged_referrer_leads_to_no_other_site(client: ShopClient, referrer: str):
    for headers in ({"Referer": referrer}, {"HX-Request": "true", "HX-Current-URL": referrer}):
        answer = client.post("/account/security", headers=headers)
        said = " ".join(value for _, value in answer.headers)
        assert "evil.example" not in said
        assert "javascript" not in said


@pytest.mark.parametrize("code", TEMPLATE_CODE)
def test_what_looks_like_a_template_is_shown_as_it_was_typed(client: ShopClient, code: str):
    product = make_product(name=f"Soap {code}", description=f"Fine soap {code}")
    make_sku(product)
    make_text_page("shipping", f"Shipping {code}", f"We ship {code}.")
    for address in (f"/products/{product.slug}", "/pages/shipping"):
        text = read_text(client.get(address))
        assert code in text
        assert "1337" not in text.replace(code, "")


@pytest.mark.parametrize("code", TEMPLATE_CODE)
def test_staff_read_it_as_it_was_typed_too(client: ShopClient, code: str):
    message = make_message(name=f"Ada {code}", body=f"Hello {code}", topic=f"About {code}")
    sign_in(client, make_staff())
    text = read_text(client.get(f"/admin/messages/{message.id}"))
    assert code in text
    assert "1337" not in text.replace(code, "")


@pytest.mark.parametrize(
    "path",
    [
        "/static/../settings.py",
        "/static/%2e%2e/settings.py",
        "/static/..%2f..%2fwsgi.py",
        "/static/....//settings.py",
        "/media/..%2fshop.db",
        "/media/%2e%2e%2fsettings.toml",
        "/media/0000000000000000000000000000000000-160.webp%00.txt",
        "/static/desk/..%2f..%2fsettings.py",
        "/admin/static/..%2f..%2fsettings.py",
        "/instance/settings.toml",
        "/.git/config",
        "/.env",
        "/settings.toml",
    ],
)
def test_no_path_leads_out_of_the_public_folders(client: ShopClient, path: str):
    with client.get(path) as answer:
        assert answer.status_code in {303, 404}
        assert "SECRET_KEY" not in answer.get_data(as_text=True)


def test_no_header_can_be_begun_by_what_is_typed(client: ShopClient):
    forged = "x\r\nSet-Cookie: stolen=1"
    for answer in (
        client.get("/search", query_string={"q": forged}),
        client.get("/login", query_string={"next": f"/{forged}"}),
        client.get("/", headers={"X-Request-ID": "abc%0d%0aSet-Cookie:stolen=1"}),
        client.hx("/catalog", query_string={"sort": forged}),
    ):
        assert "stolen" not in " ".join(value for _, value in answer.headers)


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r", "\n", "\0", "\uff1d", "\uff0b"])
def test_no_cell_of_an_export_begins_a_formula(first: str):
    cell = safe_for_spreadsheets(f"{first}cmd|' /C calc'!A0")
    assert cell.startswith("'")


def test_fields_a_form_does_not_have_are_ignored_for_people_and_their_businesses(
    app: Flask, client: ShopClient
):
    user = make_user(business=make_business())
    sign_in(client, user)
    grabbed = {
        "role": "shop_owner",
        "status": "active",
        "business_id": "1",
        "email_verified_at": "2026-01-01",
    }
    client.post(
        "/account/security", data={"current": PASSWORD, "new": "another horse battery staple"} | grabbed
    )
    before = (user.role, user.business_id)
    db.session.refresh(user)
    assert (user.role, user.business_id) == before
