"""What DATABASE_CLUSTER changes, on one MariaDB that knows Galera's words: which statements go out, and when.

That it helps is shown where there are three nodes: `make cluster-test`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from app.accounts.models import User
from app.businesses.make_default_address import make_default_shipping
from app.businesses.models import Business
from app.error_pages import is_database_away
from app.extensions import db
from app.health_check.check_here import check_here
from app.shared.cluster import NodeIsBehind, catch_up
from app.shared.transaction import is_lost_race, lock, transaction
from tests.client import ShopClient, sign_in
from tests.factories import make_address, make_business, make_buyer, make_shop, make_sku
from tests.queries import Queries, counting_queries

MARK = "tradepost-wrote"
Counting = Callable[[], Any]


@pytest.fixture
def client(app: Flask) -> ShopClient:
    make_shop()
    browser = app.test_client()
    assert isinstance(browser, ShopClient)
    return browser


@pytest.fixture
def cluster(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "DATABASE_CLUSTER", "galera")


def waits(queries: Queries) -> list[int]:
    """Which of the statements waited until the node had caught up, counted from 0."""
    return [number for number, each in enumerate(queries.statements) if "wsrep_sync_wait" in each]


def put_into_the_cart(client: ShopClient, buyer: User) -> None:
    sign_in(client, buyer)
    answer = client.post("/cart/items", data={"sku_id": str(make_sku().id), "quantity": "1"})
    assert answer.status_code == 303


def guards(queries: Queries) -> int:
    return sum("guard" in each and each.startswith("UPDATE") for each in queries.statements)


def test_on_one_database_nothing_is_added(app: Flask, client: ShopClient) -> None:
    buyer = make_buyer()
    with counting_queries(app) as queries:
        put_into_the_cart(client, buyer)
        client.get("/cart")
        catch_up()
        with transaction():
            lock(Business, buyer.business_id)
    assert waits(queries) == []
    assert guards(queries) == 0
    assert client.get_cookie(MARK) is None


@pytest.mark.usefixtures("cluster")
def test_whoever_wrote_reads_on_a_node_that_caught_up(app: Flask, client: ShopClient) -> None:
    client.get("/cart")  # what is kept for all visitors is read now
    with counting_queries(app) as queries:
        client.get("/cart")
    assert waits(queries) == [], "a stranger who only looks waits for nothing"
    put_into_the_cart(client, make_buyer())
    client.get("/cart")
    mark = client.get_cookie(MARK)
    assert mark is not None
    assert (mark.http_only, mark.same_site, mark.max_age) == (True, "Lax", 15)
    with counting_queries(app) as queries:
        client.get("/cart")
    assert waits(queries) == [0], "before anything else is read, and once"
    client.delete_cookie(MARK)
    with counting_queries(app) as queries:
        client.get("/cart")
    assert waits(queries) == []


@pytest.mark.usefixtures("cluster")
def test_what_is_sent_is_decided_on_what_any_node_confirmed(app: Flask, client: ShopClient) -> None:
    with counting_queries(app) as queries:
        client.post("/login", data={"email": "nobody@example.com", "password": "x"})
    assert waits(queries)[:1] == [0]


@pytest.mark.usefixtures("cluster")
def test_a_row_under_whose_lock_others_are_decided_is_written(app: Flask) -> None:
    business = make_business()
    first, second = make_address(business), make_address(business)
    before = guard_of(business)
    with counting_queries(app) as queries:
        make_default_shipping(second.id, business_id=business.id)
        make_default_shipping(first.id, business_id=business.id)
    assert guards(queries) == 2
    assert guard_of(business) == before + 2


def guard_of(business: Business) -> int:
    db.session.rollback()
    return int(db.session.scalars(db.select(Business.guard).filter_by(id=business.id)).one())


@pytest.mark.usefixtures("cluster")
def test_a_node_out_of_service_is_not_ready(client: ShopClient) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert (
        answer.json["checks"]["database"]["says"] == "this node of the cluster is not in service: no Galera"
    )


def test_a_transaction_undone_below_a_savepoint_is_a_lost_race(app: Flask) -> None:
    """A deadlock inside one takes the savepoint along; going back to it is refused, and the words for that hide the 1213."""

    def fall_into_a_deadlock() -> None:
        with transaction(), db.session.begin_nested():
            db.session.connection().exec_driver_sql("ROLLBACK")
            raise LookupError

    with pytest.raises(OperationalError) as gone:
        fall_into_a_deadlock()
    assert is_lost_race(gone.value)


def test_every_table_is_of_the_kind_that_lasts_and_has_a_key(app: Flask) -> None:
    """On a cluster others stay on one node; anywhere they lose rows when the server is killed."""
    make_shop()
    settings = app.extensions["settings"]
    assert [line for line in check_here(settings) if line.name == "Kind of tables"] == []
    connection = db.session.connection()
    connection.exec_driver_sql("CREATE TABLE strange (words TEXT) ENGINE=MyISAM")
    connection.exec_driver_sql("CREATE TABLE keyless (words TEXT) ENGINE=InnoDB")
    try:
        [line] = [line for line in check_here(settings) if line.name == "Kind of tables"]
        assert "keyless, strange" in line.says
    finally:
        db.session.connection().exec_driver_sql("DROP TABLE strange, keyless")


def test_a_node_that_stays_behind_is_not_asked_again_and_again() -> None:
    """Galera ends the wait in the words of a lock that was not let go, which would be tried ten times."""
    words = Exception(1205, "Lock wait timeout exceeded; try restarting transaction")
    assert is_lost_race(OperationalError("UPDATE", {}, words))
    assert not is_lost_race(NodeIsBehind("SELECT 1", {}, words))
    assert is_database_away(NodeIsBehind("SELECT 1", {}, words))
