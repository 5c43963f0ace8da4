"""One line a request, and nothing secret in any of them."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable

import pytest
import structlog
from flask import Flask

from app.accounts.models import UserToken
from app.accounts.tokens import sign_token
from app.extensions import db
from app.request_log import scrubbed
from tests.client import ShopClient, sign_in
from tests.factories import PASSWORD, make_buyer, make_shop

pytestmark = pytest.mark.usefixtures("shop")

SECRETS = [
    "4111 1111 1111 1111", "4111-1111-1111-1111", "4111111111111111", "378282246310005", "cnon:card-nonce-ok", "ccof:abc-DEF_1",
    "Bearer abc.def.ghi", "EAAAEOuLQObrVwJvCvoio3H13b8Ssqz1ighmTBKZvIENW9qxirHGHkqsGcPBC1uN", "sq0idp-abcdefghij",
    "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA", "gAAAAABnabcdefghijklmnopqrstuvwxyz0123456789==",
]  # fmt: skip


@pytest.fixture
def shop(app: Flask) -> None:
    make_shop()


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Callable[[], list[dict[str, object]]]:
    """The shop's own log lines so far, as they are written."""
    logger = logging.getLogger("tradepost")
    caplog.set_level(logging.DEBUG, logger=logger.name)

    def read() -> list[dict[str, object]]:
        return [
            json.loads(record.getMessage())
            for record in caplog.records
            if record.name.startswith("tradepost")
        ]

    return read


def test_a_request_leaves_one_line_with_what_an_operator_needs(
    client: ShopClient, lines: Callable[[], list[dict[str, object]]]
):
    buyer = make_buyer()
    sign_in(client, buyer)
    answer = client.get("/account?from=mail")
    [line] = lines()
    assert line["event"] == "request"
    assert (line["method"], line["route"], line["status"]) == ("GET", "/account", 200)
    assert line["user_id"] == buyer.id
    assert isinstance(line["ms"], float)
    assert int(str(line["queries"])) > 0
    assert line["request_id"] == answer.headers["X-Request-ID"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT.*\+00:00", str(line["at"]))


def test_a_strangers_request_has_no_user(client: ShopClient, lines: Callable[[], list[dict[str, object]]]):
    client.get("/login")
    assert lines()[0]["user_id"] is None


def test_a_sane_request_id_is_kept_and_any_other_replaced(
    client: ShopClient, lines: Callable[[], list[dict[str, object]]]
):
    kept = client.get("/login", headers={"X-Request-ID": "proxy-1234.abcd"})
    assert kept.headers["X-Request-ID"] == "proxy-1234.abcd"
    for bad in ("short", "x" * 65, 'a"quote-and-more', "spaces in it here", "<script>alert(1)</script>"):
        replaced = client.get("/login", headers={"X-Request-ID": bad})
        assert re.fullmatch(r"[0-9a-f]{32}", replaced.headers["X-Request-ID"])
    assert len({line["request_id"] for line in lines()}) == 6


def test_neither_passwords_nor_links_nor_searches_reach_the_log(
    app: Flask,
    client: ShopClient,
    lines: Callable[[], list[dict[str, object]]],
    caplog: pytest.LogCaptureFixture,
):
    buyer = make_buyer()
    client.post("/login", data={"email": buyer.email, "password": PASSWORD})
    client.post("/logout")
    client.post("/password/forgot", data={"email": buyer.email})
    signed = sign_token(db.session.scalars(db.select(UserToken)).one(), app.config["SECRET_KEY"])
    client.get(f"/password/reset/{signed}")
    client.get("/search?q=whatnobodyshouldread")
    client.get("/nowhere/whatnobodyshouldread?token=whatnobodyshouldread")
    client.get("/login?next=/whatnobodyshouldread", headers={"Authorization": "Bearer whatnobodyshouldread"})
    written = "\n".join(record.getMessage() for record in caplog.records)
    for secret in (PASSWORD, buyer.email, signed, "whatnobodyshouldread"):
        assert secret not in written
    assert len([line for line in lines() if line["event"] == "request"]) == 7


@pytest.mark.parametrize("secret", SECRETS)
def test_a_secret_in_any_text_is_taken_out_before_it_is_written(secret: str):
    for sentence in (f"it was {secret} then", f"'{secret}'", secret):
        assert secret not in scrubbed(sentence)


def test_a_bug_about_a_card_writes_no_card(
    app: Flask, lines: Callable[[], list[dict[str, object]]], caplog: pytest.LogCaptureFixture
):
    try:
        raise ValueError("could not charge cnon:card-nonce-ok for 4111 1111 1111 1111")
    except ValueError:
        structlog.stdlib.get_logger("tradepost.errors").exception("bug", card="4111111111111111")
    [line] = lines()
    assert "ValueError" in str(line["exception"])
    assert "4111" not in json.dumps(line)
    assert "cnon:" not in json.dumps(line)


@pytest.mark.parametrize(
    "kept",
    [
        "order HP-1042 for $143.88",
        "2026-11-20T15:04:05+00:00",
        "sku 850012345678",
        "row 12 of 5000",
        "reference 3F2A91BC",
    ],
)
def test_what_an_operator_needs_is_not_taken_out(kept: str):
    assert scrubbed(kept) == kept


@pytest.mark.parametrize(
    "text, left",
    [
        ("GET /verify/MQ.abc-DEF HTTP/1.1", "GET /verify/[removed] HTTP/1.1"),
        ("at http://localhost/pay/WzFd.abc-DEF", "at http://localhost/pay/[removed]"),
        ("at http://localhost/password/reset/MQ.abc?x=1", "at http://localhost/password/reset/[removed]"),
        ("GET /search?q=private HTTP/1.1", "GET /search?[removed] HTTP/1.1"),
        ("https://shop.example.com/a?b=c", "https://shop.example.com/a?[removed]"),
    ],
)
def test_addresses_lose_their_signed_links_and_query_strings(text: str, left: str):
    assert scrubbed(text) == left
