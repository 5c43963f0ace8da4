"""Who came in and who was turned away is in the log, with where from and nothing secret."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable

import pytest
from flask import Flask

from tests.client import ShopClient, sign_in
from tests.factories import PASSWORD, make_buyer

pytestmark = pytest.mark.usefixtures("facts")
Lines = Callable[[], list[dict[str, object]]]


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Lines:
    caplog.set_level(logging.DEBUG, logger="tradepost")
    return lambda: [
        json.loads(record.getMessage()) for record in caplog.records if record.name.startswith("tradepost")
    ]


def test_a_sign_in_is_written_down_with_who_when_and_where_from(client: ShopClient, lines: Lines):
    buyer = make_buyer()
    client.post("/login", data={"email": buyer.email, "password": PASSWORD})
    [line] = [each for each in lines() if each["event"] == "signed_in"]
    assert (line["user"], line["role"], line["address"]) == (buyer.id, "business_owner", "127.0.0.1")
    assert str(line["at"]).endswith("+00:00")
    assert line["request_id"]


def test_a_refused_one_too_without_what_was_typed(client: ShopClient, lines: Lines):
    client.post("/login", data={"email": "ada@example.com", "password": "not the password at all"})
    [line] = [each for each in lines() if each["event"] == "sign_in_refused"]
    assert (line["reason"], line["address"], line["level"]) == ("SignInRefused", "127.0.0.1", "warning")
    assert "ada@example.com" not in json.dumps(lines())
    assert "not the password" not in json.dumps(lines())


def test_whoever_is_refused_a_page_is_in_the_log_with_the_page(client: ShopClient, lines: Lines):
    buyer = make_buyer()
    sign_in(client, buyer)
    client.get("/admin/")
    [line] = [each for each in lines() if each["event"] == "request"]
    assert (line["status"], line["user_id"], line["route"]) == (403, buyer.id, "/admin/")


def test_a_form_without_its_token_and_a_line_break_in_an_address_make_one_line_each(
    app: Flask, client: ShopClient, lines: Lines
):
    client.post("/login", csrf=False, headers={"X-Request-ID": "abcdefgh\tx"})
    client.get("/catalog%0a%7b%22event%22:%22forged%22%7d")
    assert [each["status"] for each in lines()] == [400, 404]
    assert not [each for each in lines() if each["event"] == "forged"]
