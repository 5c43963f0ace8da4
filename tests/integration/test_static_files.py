"""Static files are kept for a year under the address that names their content, and asked for again under any other."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from app.layout import asset
from app.shared.file_digest import file_digest
from tests.client import ShopClient, read_html, sign_in
from tests.factories import make_shop, make_staff
from tests.source import ROOT

YEAR = "public, max-age=31536000, immutable"


def kept(client: ShopClient, address: str) -> str:
    with client.get(address) as answer:
        assert answer.status_code == 200
        return answer.headers["Cache-Control"]


def test_the_same_content_has_the_same_digest_on_every_machine_whatever_its_date(tmp_path: Path):
    one, other = tmp_path / "one.css", tmp_path / "other.css"
    one.write_text("a { color: red }")
    other.write_text("a { color: red }")
    os.utime(other, (0, 0))
    assert file_digest(one) == file_digest(other)
    other.write_text("a { color: tan }")
    os.utime(other, (1, 1))
    assert file_digest(one) != file_digest(other)


def test_a_file_is_kept_for_a_year_only_under_the_digest_of_what_is_sent(app, client: ShopClient):
    with app.test_request_context():
        address = asset("shop.css")
    assert kept(client, address) == YEAR
    assert kept(client, "/static/shop.css") == "no-cache"
    assert kept(client, "/static/shop.css?v=of-another-release") == "no-cache"


@pytest.mark.parametrize(("named", "says"), [(True, YEAR), (False, "no-cache")])
def test_the_desks_own_files_are_kept_in_the_same_way(client: ShopClient, named: bool, says: str):
    digest = file_digest(ROOT / "app/static/desk/desk.css") if named else "old"
    assert kept(client, f"/static/desk/desk.css?v={digest}") == says


def test_all_files_of_a_page_of_the_back_office_lie_where_web_servers_look(client: ShopClient):
    make_shop()
    sign_in(client, make_staff())
    page = read_html(client.get("/admin/"))
    named = [str(each["href"]) for each in page.select("link[rel=stylesheet], link[rel=icon]")]
    named += [str(each["src"]) for each in page.select("script[src]")]
    assert len(named) >= 4
    for address in named:
        path, _, digest = address.partition("?v=")
        assert digest, address
        assert file_digest(ROOT / "app" / path.lstrip("/")) == digest, address


def test_a_file_that_did_not_change_is_not_sent_again(app, client: ShopClient):
    with app.test_request_context():
        address = asset("shop.css")
    with client.get(address) as first:
        tag = first.headers["ETag"]
    with client.get(address, headers={"If-None-Match": tag}) as again:
        assert again.status_code == 304
        assert again.headers["Cache-Control"] == YEAR
