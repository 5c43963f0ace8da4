"""Signatures and bodies of the payment provider's events."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.payments.webhook_event import is_signed, read_notice
from sandbox.square.webhooks import sign

KEY, URL = "key", "https://shop.example/webhooks/square"
BODY = b'{"event_id": "e-1", "type": "payment.updated", "data": {"id": "p-1"}}'


def signed(body: bytes = BODY, signature: str = "", key: str = KEY, url: str = URL) -> bool:
    return is_signed(body, signature or sign(KEY, URL, BODY.decode()), key=key, url=url)


def test_what_the_provider_signed_is_taken():
    assert signed()


@pytest.mark.parametrize(
    "changed",
    [
        {"body": BODY.replace(b"p-1", b"p-2")},
        {"body": BODY + b" "},
        {"body": b""},
        {"key": "another key"},
        {"url": "https://shop.example/webhooks/square/"},
        {"signature": sign("another key", URL, BODY.decode())},
        {"signature": sign(KEY, URL, BODY.decode()).lower()},
        {"signature": "é"},
    ],
)
def test_anything_else_is_not(changed):
    assert not signed(**changed)


@given(signature=st.text())
def test_no_made_up_signature_is_taken_and_none_breaks_the_check(signature):
    assert not is_signed(BODY, signature or "x", key=KEY, url=URL)


def test_an_event_says_what_it_is_about():
    notice = read_notice(BODY)
    assert notice is not None
    assert (notice.event_id, notice.provider_payment_id, notice.provider_refund_id) == ("e-1", "p-1", "")
    assert notice.is_about_money
    refund = read_notice(BODY.replace(b"payment.updated", b"refund.created"))
    assert refund is not None
    assert (refund.provider_payment_id, refund.provider_refund_id) == ("", "p-1")


@pytest.mark.parametrize("kind", ["dispute.created", "payout.sent", "payment.somethingnew", "x"])
def test_types_the_shop_does_nothing_with_are_known_as_such(kind):
    notice = read_notice(json.dumps({"event_id": "e", "type": kind, "data": {"id": "p"}}).encode())
    assert notice is not None
    assert not notice.is_about_money


@pytest.mark.parametrize(
    "data",
    [None, [], "p", {}, {"id": None}, {"id": 7}, {"id": "../../v2/x"}, {"id": "x" * 200}, {"id": "a b"}],
)
def test_an_id_that_could_not_be_one_is_not_asked_for(data):
    notice = read_notice(json.dumps({"event_id": "e", "type": "payment.updated", "data": data}).encode())
    assert notice is not None
    assert not notice.is_about_money


@given(
    body=st.one_of(
        st.binary(), st.sampled_from([b"[]", b"1", b"{}", b'{"event_id": 1, "type": "x"}', b"[" * 99_999])
    )
)
def test_a_body_that_is_no_event_is_none(body):
    assert read_notice(body) is None
