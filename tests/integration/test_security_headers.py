"""Headers as they arrive with pages, files and refusals."""

from __future__ import annotations

import re

import pytest

from tests.client import sign_in
from tests.factories import make_buyer, make_shop, make_staff


@pytest.fixture(autouse=True)
def shop(app):
    return make_shop()


@pytest.mark.parametrize(
    "address", ["/", "/login", "/catalog", "/no/such/page", "/admin/", "/static/shop.css"]
)
def test_every_answer_carries_the_policy_and_its_companions(client, address):
    with client.get(address) as answer:
        headers = answer.headers
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "geolocation=()" in headers["Permissions-Policy"]


def test_each_request_has_its_own_nonce_and_every_script_carries_it(client):
    seen = set()
    for _ in range(2):
        answer = client.get("/login")
        nonce = re.search(r"'nonce-([^']+)'", answer.headers["Content-Security-Policy"])[1]
        scripts = re.findall(r"<script[^>]*>", answer.get_data(as_text=True))
        assert scripts
        assert all(f'nonce="{nonce}"' in script for script in scripts)
        seen.add(nonce)
    assert len(seen) == 2


@pytest.mark.parametrize("address", ["/login", "/password/forgot", "/cart", "/register"])
def test_pages_about_a_person_are_never_kept(client, address):
    assert client.get(address).headers["Cache-Control"] == "no-store"


def test_whatever_somebody_signed_in_sees_is_never_kept_but_files_are(client):
    sign_in(client, make_buyer())
    assert client.get("/").headers["Cache-Control"] == "no-store"
    with client.get("/static/shop.css") as file:
        assert "no-store" not in file.headers["Cache-Control"]


def test_the_back_office_is_never_kept(client):
    sign_in(client, make_staff())
    assert client.get("/admin/").headers["Cache-Control"] == "no-store"


def test_the_browser_is_bound_to_https_only_where_the_shop_is_on_https(app, client):
    assert "Strict-Transport-Security" not in client.get("/login").headers
