"""How often forms may be sent; counted in the shop's own database, or in Redis."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from app.accounts.models import RateCount
from app.extensions import db
from app.rate_counts import DatabaseCounter
from app.second_factor.half_sign_in import KEY as HALF_SIGNED_IN
from app.shared import clock
from app.shared.transaction import transaction
from sandbox.mail import MailCatcher
from sandbox.square import SquareServer
from tests.client import ShopClient, read_text
from tests.factories import PASSWORD, make_buyer
from tests.limited_shop import from_address, limited_shop
from tests.second_factors import make_second_factor
from tests.servers import Redis
from tests.worlds import settings_for_tests


@pytest.fixture
def limited(
    empty_database: str, tmp_path: Path, square_server: SquareServer, mail_catcher: MailCatcher
) -> Iterator[Flask]:
    """A shop of this test's own, with limits on; what it writes is really written."""
    settings = settings_for_tests(empty_database, tmp_path, square_server, mail_catcher, rate_limits=True)
    with limited_shop(settings) as app:
        yield app


def try_to_sign_in(client: ShopClient, email: str, password: str = "not the password", **options):
    return client.post("/login", data={"email": email, "password": password}, **options)


def test_guessing_at_one_account_is_slowed_down_whoever_tries(limited: Flask):
    buyer = make_buyer()
    for number in range(10):
        assert try_to_sign_in(limited.test_client(), buyer.email, **from_address(number)).status_code == 422
    stopped = try_to_sign_in(limited.test_client(), buyer.email.upper(), PASSWORD, **from_address(99))
    assert stopped.status_code == 429
    assert 0 < int(stopped.headers["Retry-After"]) <= 601
    assert re.search(r"wait (a minute|\d+ minutes)", read_text(stopped))
    other = try_to_sign_in(limited.test_client(), make_buyer().email, PASSWORD, **from_address(99))
    assert other.status_code == 303


def test_guessing_codes_of_a_second_factor_is_slowed_down_however_often_the_password_is_given(limited: Flask):
    user, phone = make_second_factor()
    told = []
    for number in range(1, 12):
        client = limited.test_client()
        assert isinstance(client, ShopClient)
        with client.session_transaction() as session:  # as the right password leaves it
            until = int((clock.now() + timedelta(minutes=5)).timestamp())
            session[HALF_SIGNED_IN] = [user.id, user.session_epoch, until]
        wrong = {"code": f"bcd {number:03d}"}
        told.append(client.post("/login/code", data=wrong, **from_address(number)).status_code)
    assert told == [422] * 10 + [429]
    assert client.post("/login/code", data={"code": phone.code()}, **from_address(99)).status_code == 429


def test_guessing_from_one_address_is_slowed_down_whatever_account_is_tried(limited: Flask):
    client = limited.test_client()
    for number in range(20):
        assert (
            client.post("/password/forgot", data={"email": f"person{number}@example.com"}).status_code == 200
        )
    refused = client.post("/password/forgot", data={"email": "another@example.com"})
    assert refused.status_code == 429
    elsewhere = client.post("/password/forgot", data={"email": "another@example.com"}, **from_address(7))
    assert elsewhere.status_code == 200


def test_reading_is_never_counted_and_never_refused(limited: Flask):
    client = limited.test_client()
    for _ in range(45):
        assert client.get("/login").status_code == 200
    with limited.app_context():
        assert db.session.scalars(db.select(RateCount)).all() == []


def test_no_address_of_a_person_is_kept_in_the_counts(limited: Flask):
    try_to_sign_in(limited.test_client(), "ada@example.com")
    keys = list(db.session.scalars(db.select(RateCount.key)))
    assert keys
    assert not any("ada" in key for key in keys)


def test_parallel_tries_are_all_counted(limited: Flask):
    def count() -> None:
        with limited.app_context():
            for _ in range(5):
                DatabaseCounter("").incr("many at once", 60)

    crowd = [threading.Thread(target=count) for _ in range(4)]
    for each in crowd:
        each.start()
    for each in crowd:
        each.join()
    assert DatabaseCounter("").get("many at once") == 20


def test_a_window_that_is_over_begins_anew(limited: Flask):
    counter = DatabaseCounter("")
    assert [counter.incr("short", 60), counter.incr("short", 60)] == [1, 2]
    with transaction():
        row = db.session.get_one(RateCount, "short")
        row.expires_at -= timedelta(hours=1)
    assert counter.get("short") == 0
    assert counter.incr("short", 60) == 1
    counter.clear("short")
    assert counter.get("short") == 0


def test_counting_leaves_the_transaction_of_a_request_alone(limited: Flask):
    buyer = make_buyer()
    before = db.session.info.copy()
    db.session.execute(db.select(RateCount))
    connection = db.session.connection()
    DatabaseCounter("").incr("inside", 60)
    assert db.session.connection() is connection
    assert db.session.info == before
    assert buyer in db.session
    assert DatabaseCounter("").get("inside") == 1


def test_where_the_counter_is_out_of_reach_sign_in_works_and_is_still_limited(limited: Flask):
    buyer = make_buyer()
    with transaction():
        db.session.execute(text("DROP TABLE rate_counts"))
    for number in range(9):
        assert try_to_sign_in(limited.test_client(), buyer.email, **from_address(number)).status_code == 422
    assert try_to_sign_in(limited.test_client(), buyer.email, PASSWORD, **from_address(20)).status_code == 303
    assert try_to_sign_in(limited.test_client(), buyer.email, PASSWORD, **from_address(21)).status_code == 429


def test_counts_live_in_redis_where_there_is_one(
    tmp_path: Path, redis_server: Redis, square_server: SquareServer, mail_catcher: MailCatcher
):
    url = f"sqlite:///{tmp_path / 'shop.db'}"
    settings = settings_for_tests(
        url, tmp_path, square_server, mail_catcher, rate_limits=True, redis_url=redis_server.url
    )
    with limited_shop(settings) as app:
        for number in range(10):
            try_to_sign_in(app.test_client(), "ada@example.com", **from_address(number))
        assert try_to_sign_in(app.test_client(), "ada@example.com", **from_address(50)).status_code == 429
        assert db.session.scalars(db.select(RateCount)).all() == []
