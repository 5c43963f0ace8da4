"""Forms about accounts and messages take anything at all and never answer with a 500."""

from __future__ import annotations

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.accounts.models import User
from app.extensions import db
from tests.client import ShopClient, sign_in
from tests.factories import make_buyer, make_message, make_shop, make_staff

pytestmark = pytest.mark.usefixtures("shop")

FORMS = {
    "/login": ("email", "password"),
    "/password/forgot": ("email",),
    "/password/reset/x": ("password",),
    "/verify/x": (),
    "/register": ("name", "email", "password"),
    "/register/resend": (),
    "/register/correct": ("email",),
    "/contact": ("name", "email", "topic", "body", "opened", "fax"),
}
_NASTY = st.one_of(
    st.text(max_size=300),
    st.sampled_from(
        ["", " ", "\x00", "\r\nBcc: a@example.com", "a@example.com\x00", "💥" * 300, "'; DROP TABLE users; --", "{{ 7*7 }}",
         "x" * 100_000, "\ud7ff\u202e", "a@[127.0.0.1]", "0", "-1", "1e999", "null", "[]", "../../etc/passwd"]
    ),
)  # fmt: skip
_often = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture
def shop(app: Flask) -> None:
    make_shop()


@_often
@given(data=st.data(), path=st.sampled_from(sorted(FORMS)))
def test_whatever_is_typed_is_answered_kindly(client: ShopClient, data: st.DataObject, path: str):
    typed = {name: data.draw(_NASTY, name) for name in FORMS[path]}
    assert client.post(path, data=typed).status_code < 500
    assert client.get(path, query_string=typed).status_code < 500


@_often
@given(
    raw=st.binary(max_size=400),
    kind=st.sampled_from(
        [
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "application/json",
            "text/plain",
            "",
        ]
    ),
)
def test_whatever_bytes_are_sent_are_answered_kindly(client: ShopClient, raw: bytes, kind: str):
    for path in FORMS:
        assert client.post(path, data=raw, content_type=kind).status_code < 500


def test_more_than_a_form_can_hold_is_refused(client: ShopClient):
    head = b'--x\r\nContent-Disposition: form-data; name="body"\r\n\r\n'
    raw = head + b"x" * 600_000 + b"\r\n--x--\r\n"
    answer = client.post("/contact", data=raw, content_type="multipart/form-data; boundary=x")
    assert answer.status_code == 413


def test_fields_nobody_offered_change_nothing(client: ShopClient):
    hidden = {
        "role": "shop_owner",
        "business_id": "1",
        "email_verified_at": "2020-01-01",
        "status": "active",
        "user_id": "1",
    }
    typed = {"name": "Eve", "email": "eve@example.com", "password": "a brass lantern by the door"}
    assert client.post("/register", data=typed | hidden).status_code == 303
    eve = db.session.scalars(db.select(User).filter_by(email="eve@example.com")).one()
    assert not eve.is_staff
    assert not eve.is_verified
    assert eve.business_id is None


def test_a_message_cannot_be_written_in_somebody_elses_name(client: ShopClient):
    buyer = make_buyer()
    sign_in(client, make_staff())
    message = make_message()
    typed = {"body": "Yes", "author_id": str(buyer.id), "author_name": "Somebody else"}
    client.post(f"/admin/messages/{message.id}/answer", data=typed)
    assert "Somebody else" not in client.get(f"/admin/messages/{message.id}").get_data(as_text=True)
