"""How often pages, carts, payments and the back office answer, who is counted as whom, and what it costs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.accounts.models import RateCount
from app.extensions import db
from app.rate_counts import DatabaseCounter, MemoryCounter
from app.settings import Settings, WrongSettings
from sandbox.mail import MailCatcher
from sandbox.square import SquareServer
from tests.client import read_html, read_text, sign_in
from tests.factories import make_buyer, make_sku, make_staff
from tests.limited_shop import from_address, limited_shop
from tests.queries import counting_queries
from tests.servers import Redis
from tests.worlds import settings_for_tests

OpenShop = Callable[..., Flask]


@pytest.fixture
def open_shop(
    empty_database: str, tmp_path: Path, square_server: SquareServer, mail_catcher: MailCatcher
) -> Iterator[OpenShop]:
    """`open_shop(cart_limit="3 per minute")` is a shop with limits on and these settings."""
    with ExitStack() as shops:

        def opened(**settings: Any) -> Flask:
            chosen = settings_for_tests(
                empty_database, tmp_path, square_server, mail_catcher, rate_limits=True, **settings
            )
            return shops.enter_context(limited_shop(chosen))

        yield opened


def list_counts() -> list[RateCount]:
    return list(db.session.scalars(db.select(RateCount)))


def client_of(app: Flask, user=None):
    client = app.test_client()
    if user is not None:
        sign_in(client, user)
    return client


def test_a_buyer_changes_a_cart_a_hundred_times_a_minute_from_wherever_they_are(open_shop: OpenShop):
    client = client_of(open_shop(), make_buyer())
    for number in range(100):
        assert client.post("/cart/prices", **from_address(number)).status_code == 303
    stopped = client.post("/cart/prices", **from_address(200))
    assert stopped.status_code == 429
    assert 0 < int(stopped.headers["Retry-After"]) <= 61
    assert "Your cart was changed very often" in read_text(stopped)
    assert client.get("/cart").status_code == 200


def test_all_changes_of_a_cart_are_counted_together_and_each_buyer_apart(open_shop: OpenShop):
    app = open_shop(cart_limit="2 per minute")
    client = client_of(app, make_buyer())
    sku = make_sku()
    client.post("/cart/items", data={"sku_id": sku.id, "quantity": 1})
    client.post("/cart/prices")
    assert client.post("/cart/items", data={"sku_id": sku.id, "quantity": 1}).status_code == 429
    assert client_of(app, make_buyer()).post("/cart/prices").status_code == 303


def test_a_refusal_of_a_fragment_is_a_notice_that_says_how_long_to_wait(open_shop: OpenShop):
    client = client_of(open_shop(cart_limit="1 per minute"), make_buyer())
    client.hx("/cart/prices", "POST")
    stopped = client.hx("/cart/prices", "POST")
    assert stopped.status_code == 429
    assert int(stopped.headers["Retry-After"]) > 0
    assert read_html(stopped).select_one("#error-notice") is not None
    assert read_html(stopped).select_one("header") is None
    assert "Please wait a minute" in read_text(stopped)


def test_the_button_that_pays_is_pressed_ten_times_a_minute_by_one_buyer(open_shop: OpenShop):
    app = open_shop()
    client = client_of(app, make_buyer())
    for number in range(10):
        assert client.post("/checkout/place", **from_address(number)).status_code != 429
    stopped = client.post("/checkout/place", **from_address(99))
    assert stopped.status_code == 429
    assert int(stopped.headers["Retry-After"]) <= 61
    assert client_of(app, make_buyer()).post("/checkout/place").status_code != 429


@pytest.mark.parametrize("path", ["/register", "/contact"])
def test_ten_forms_a_minute_from_one_stranger_whatever_name_they_give(open_shop: OpenShop, path: str):
    client = client_of(open_shop())
    for number in range(10):
        assert client.post(path, data={"email": f"person{number}@example.com"}).status_code == 422
    stopped = client.post(path, data={"email": "another@example.com"})
    assert stopped.status_code == 429
    assert int(stopped.headers["Retry-After"]) > 0
    assert client.get(path).status_code == 200
    assert client.post(path, data={"email": "a@example.com"}, **from_address(7)).status_code == 422


def test_one_person_makes_fifty_changes_a_minute_in_the_back_office(open_shop: OpenShop):
    app = open_shop()
    owner, colleague = client_of(app, make_staff()), client_of(app, make_staff())
    for number in range(50):
        answer = owner.post(f"/admin/{'users' if number % 2 else 'orders'}/", **from_address(number))
        assert answer.status_code != 429
    stopped = owner.post("/admin/users/")
    assert stopped.status_code == 429
    assert "this last one is not" in read_text(stopped)
    assert owner.get("/admin/").status_code == 200
    assert colleague.post("/admin/users/").status_code != 429


def test_pages_are_a_fair_share_for_each_address(open_shop: OpenShop):
    client = client_of(open_shop(public_limit="5 per minute"))
    for path in ("/", "/catalog", "/login", "/cart", "/nothing/here"):
        assert client.get(path).status_code != 429
    stopped = client.get("/")
    assert stopped.status_code == 429
    assert 0 < int(stopped.headers["Retry-After"]) <= 61
    assert "Content-Security-Policy" in stopped.headers
    assert "More pages were opened than one visitor needs" in read_text(stopped)
    assert client.get("/", **from_address(8)).status_code == 200


def test_people_who_are_signed_in_do_not_share_their_office_s_share(open_shop: OpenShop):
    app = open_shop(public_limit="1 per minute")
    for buyer in (make_buyer(), make_buyer()):
        client = client_of(app, buyer)
        assert client.get("/").status_code == 200
        assert client.get("/").status_code == 429


def test_looking_at_pages_writes_nothing_and_a_refusal_asks_nothing(open_shop: OpenShop):
    app = open_shop(public_limit="2 per minute")
    client = client_of(app)
    with counting_queries(app) as looking:
        assert [client.get("/").status_code for _ in range(2)] == [200, 200]
    assert looking.writes == []
    assert list_counts() == []
    with counting_queries(app) as refused:
        assert client.get("/").status_code == 429
    assert refused.count == 0, refused


def test_files_health_and_the_provider_s_news_are_never_refused(open_shop: OpenShop):
    client = client_of(open_shop(public_limit="1 per minute", site_limit="1 per minute"))
    for _ in range(3):
        for path in ("/static/shop.css", "/media/none.webp", "/healthz", "/readyz", "/robots.txt"):
            with client.get(path) as answer:
                assert answer.status_code != 429, path
        assert client.post("/webhooks/square", data=b"{}", csrf=False).status_code != 429


def test_a_forged_address_header_changes_nothing(open_shop: OpenShop):
    client = client_of(open_shop(public_limit="2 per minute"))
    seen = [client.get("/", headers={"X-Forwarded-For": f"203.0.113.{n}"}).status_code for n in range(3)]
    assert seen == [200, 200, 429]


def test_a_proxy_that_is_trusted_is_believed_about_the_last_address_alone(open_shop: OpenShop):
    client = client_of(open_shop(public_limit="1 per minute", trusted_proxies=1))
    for number in range(3):
        header = {"X-Forwarded-For": f"203.0.113.{number}"}
        assert client.get("/", headers=header).status_code == 200
    forged = {"X-Forwarded-For": "192.0.2.1, 203.0.113.0"}
    assert client.get("/", headers=forged).status_code == 429


def test_neighbours_in_one_network_of_the_new_addresses_are_one_visitor(open_shop: OpenShop):
    client = client_of(open_shop(public_limit="1 per minute"))
    assert client.get("/", **from_address("2001:db8:1:2::1")).status_code == 200
    assert client.get("/", **from_address("2001:db8:1:2:ffff::9")).status_code == 429
    assert client.get("/", **from_address("2001:db8:1:3::1")).status_code == 200


def test_there_is_no_ceiling_for_the_whole_site_until_one_is_set(open_shop: OpenShop):
    assert Settings.__dataclass_fields__["site_limit"].default == ""
    client = client_of(open_shop(site_limit="3 per minute"))
    for number in range(3):
        assert client.get("/", **from_address(number)).status_code == 200
    stopped = client.get("/", **from_address(100))
    assert stopped.status_code == 429
    assert 0 < int(stopped.headers["Retry-After"]) <= 61
    assert "The shop is very busy" in read_text(stopped)


def test_a_large_ceiling_is_written_down_in_handfuls_and_never_passed(open_shop: OpenShop):
    app = open_shop(site_limit="500 per minute")
    with app.app_context():
        processes = [DatabaseCounter(), DatabaseCounter()]
        key = "LIMITER/tradepost/all/whole site/500/1/minute"
        with counting_queries(app) as queries:
            numbers = [processes[turn % 2].incr(key, 60) for turn in range(100)]
    assert sorted(numbers) == list(range(1, 101))
    assert len(queries.statements) == 0, "counting has a connection of its own"
    assert [each.count for each in list_counts()] == [100]


def test_forged_forms_in_numbers_are_refused_like_all_others(open_shop: OpenShop):
    client = client_of(open_shop(public_limit="2 per minute"))
    seen = [client.post("/login", data={"email": "a@b.example"}, csrf=False).status_code for _ in range(3)]
    assert seen == [400, 400, 429]


def test_with_redis_pages_are_counted_there(open_shop: OpenShop, redis_server: Redis):
    client = client_of(open_shop(public_limit="2 per minute", redis_url=redis_server.url))
    assert [client.get("/").status_code for _ in range(3)] == [200, 200, 429]
    assert list_counts() == []


def test_memory_forgets_the_oldest_when_addresses_come_without_end():
    counter = MemoryCounter(most=10)
    for number in range(100):
        counter.incr(f"address {number}", 60)
    assert counter.read("address 99")[0] == 1
    assert counter.read("address 0")[0] == 0
    assert counter.incr("address 99", 60) == 2


def test_a_limit_that_cannot_be_read_stops_the_start(tmp_path: Path):
    environ = {"TRADEPOST_INSTANCE": str(tmp_path), "CART_LIMIT": "lots", "SITE_LIMIT": "0 per minute"}
    with pytest.raises(WrongSettings) as wrong:
        Settings.from_env(environ)
    named = [problem for problem in wrong.value.problems if "10 per minute; 60 per day" in problem]
    assert [problem.split()[0] for problem in named] == ["CART_LIMIT", "SITE_LIMIT"]
