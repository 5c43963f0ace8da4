"""What machines ask: alive, ready, and what of the shop robots may read."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from app.extensions import db
from app.outbox.kinds import Kind
from app.outbox.models import OutboxRow
from app.shared import clock
from app.shared.transaction import transaction
from tests.client import ShopClient
from tests.servers import Redis

pytestmark = pytest.mark.usefixtures("app")


def post_due(minutes_ago: int, **values: Any) -> None:
    due = clock.now() - timedelta(minutes=minutes_ago)
    with transaction():
        db.session.add(OutboxRow(kind=Kind.OUTBOX_PRUNE, ids={}, due_at=due, created_at=due, **values))


def test_alive_is_said_without_asking_anyone(client: ShopClient, count_queries: Any) -> None:
    with count_queries() as queries:
        response = client.get("/healthz")
    assert (response.status_code, response.json) == (200, {"status": "alive"})
    assert queries.count == 0, queries
    assert response.headers["Cache-Control"] == "no-store"


def test_ready_names_each_part_with_its_time(client: ShopClient) -> None:
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json is not None
    assert response.json["status"] == "ready"
    assert list(response.json["checks"]) == ["database", "migrations", "outbox"]
    for check in response.json["checks"].values():
        assert check["ok"] is True
        assert isinstance(check["ms"], int)


def test_work_nobody_does_makes_the_shop_not_ready(client: ShopClient) -> None:
    post_due(minutes_ago=6)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json is not None
    assert response.json["checks"]["outbox"]["ok"] is False
    assert "is a worker running?" in response.json["checks"]["outbox"]["says"]
    assert response.json["checks"]["database"]["ok"] is True


def test_work_that_waits_for_others_is_told_and_takes_nobody_out_of_service(client: ShopClient) -> None:
    """A mail server that is away for an hour must not take the web processes away, too."""
    now = clock.now()
    post_due(minutes_ago=-20, first_due_at=now - timedelta(minutes=40), attempts=4)
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json is not None
    says = response.json["checks"]["outbox"]["says"]
    assert 2400 <= int(says.split()[0]) < 2460, says


def test_cron_may_come_round_more_seldom(client: ShopClient, app: Flask) -> None:
    post_due(minutes_ago=20)
    before = app.extensions["settings"]
    app.extensions["settings"] = replace(before, jobs="drain")
    try:
        assert client.get("/readyz").status_code == 200
        post_due(minutes_ago=50)
        assert client.get("/readyz").status_code == 503
    finally:
        app.extensions["settings"] = before


def test_work_that_is_done_waits_for_a_person_or_is_due_later_is_no_lag(client: ShopClient) -> None:
    post_due(minutes_ago=60, closed_at=clock.now())
    post_due(minutes_ago=60, needs_person_at=clock.now())
    post_due(minutes_ago=-60)
    assert client.get("/readyz").status_code == 200


def test_a_database_behind_the_code_is_not_ready(client: ShopClient) -> None:
    with transaction():
        db.session.execute(text("UPDATE alembic_version SET version_num = 'add_user_sessions'"))
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json is not None
    assert "flask db upgrade" in response.json["checks"]["migrations"]["says"]


def test_the_release_before_stays_ready_while_another_machine_has_changed_the_tables(
    client: ShopClient,
) -> None:
    with transaction():
        db.session.execute(text("UPDATE alembic_version SET version_num = 'of_the_next_release'"))
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json is not None
    assert response.json["checks"]["migrations"]["says"] == "the tables are of a newer release"


def test_redis_is_asked_where_there_is_one(client: ShopClient, app: Flask, redis_server: Redis) -> None:
    before = app.extensions["settings"]
    try:
        app.extensions["settings"] = replace(before, redis_url=redis_server.url)
        response = client.get("/readyz")
        assert response.json is not None
        assert response.json["checks"]["redis"]["ok"] is True
        app.extensions["settings"] = replace(before, redis_url="unix:///nowhere/redis.sock")
        response = client.get("/readyz")
        assert response.status_code == 503
        assert response.json is not None
        assert response.json["checks"]["redis"]["says"].startswith("no answer")
        assert "nowhere" not in response.get_data(as_text=True)
    finally:
        app.extensions["settings"] = before


def test_robots_are_kept_out_of_carts_and_accounts(client: ShopClient) -> None:
    response = client.get("/robots.txt")
    assert response.mimetype == "text/plain"
    lines = response.get_data(as_text=True).splitlines()
    assert "Disallow: /cart" in lines
    assert "Disallow: /catalog" not in lines


def test_browsers_that_ask_for_an_icon_get_one(client: ShopClient) -> None:
    with client.get("/favicon.ico") as response:
        assert response.mimetype == "image/svg+xml"
