"""/metrics: who may read it, what it says, and that the dashboard asks for nothing that is not there."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import create_engine

from app.extensions import db
from app.mail.models import Mail
from app.metrics.business import collect_business
from app.metrics.counted import SECONDS
from app.metrics.recording import TALLY
from app.metrics.tally import ROOM, Tally
from app.orders.status import OrderStatus
from app.outbox.heartbeat import beat
from app.outbox.kinds import Kind
from app.outbox.models import OutboxRow
from app.payments.models import ProviderAnswer
from app.payments.status import PaymentStatus
from app.shared import clock
from app.shared.circuits import open_circuit
from app.shared.transaction import transaction
from sandbox.mail import MailCatcher
from sandbox.square import SquareServer
from tests.client import ShopClient
from tests.factories import make_buyer, make_order, make_payment, make_shop
from tests.source import ROOT
from tests.worlds import build_app, settings_for_tests

TOKEN = "scrape-me-0123456789abcdef"
NOW = clock.now()


@pytest.fixture(scope="module")
def watched(
    tmp_path_factory: pytest.TempPathFactory, square_server: SquareServer, mail_catcher: MailCatcher
) -> Iterator[Flask]:
    """A shop that counts, in a folder and a database of its own."""
    folder = tmp_path_factory.mktemp("watched")
    database = f"sqlite:///{folder / 'shop.db'}"
    settings = settings_for_tests(
        database, folder, square_server, mail_catcher, metrics_token=TOKEN, metrics_addresses="10.0.0.0/8"
    )
    app = build_app(settings)
    with app.app_context():
        db.create_all()
        make_shop()
    yield app
    app.extensions[TALLY].close()
    with app.app_context():
        db.engine.dispose()


def scrape(app: Flask) -> str:
    answer = app.test_client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    assert answer.mimetype == "text/plain"
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.get_data(as_text=True)


def read(text: str) -> dict[str, float]:
    """`name{label="value",…}` → value, for every sample; every name is looked at by Prometheus's own parser."""
    return {
        sample.name
        + "".join(f"[{label}={value}]" for label, value in sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_there_is_no_such_page_until_somebody_may_read_it(client: ShopClient) -> None:
    make_shop()
    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


def test_nothing_is_loaded_where_nobody_reads(tmp_path: Path) -> None:
    """In a process of its own: this one has loaded it."""
    values = {
        "SECRET_KEY": "s" * 40, "DATA_KEY": "d" * 40, "SITE_URL": "http://localhost", "MAIL_DEFAULT_SENDER": "a@example.com",
        "SQUARE_ACCESS_TOKEN": "t", "SQUARE_LOCATION_ID": "l", "TRADEPOST_INSTANCE": str(tmp_path), "PATH": os.environ["PATH"],
    }  # fmt: skip
    code = "import sys, app; app.create_app(); print('prometheus_client' in sys.modules)"
    told = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=values, capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == "False"
    assert not (tmp_path / "metrics").exists()


def test_a_stranger_is_told_to_show_the_token_and_reads_nothing(watched: Flask) -> None:
    for shown in ("", "Bearer wrong", f"Basic {TOKEN}"):
        answer = watched.test_client().get("/metrics", headers={"Authorization": shown})
        assert answer.status_code == 401
        assert "tradepost_" not in answer.get_data(as_text=True)
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_an_address_of_the_list_needs_no_token(watched: Flask) -> None:
    near = watched.test_client().get("/metrics", environ_base={"REMOTE_ADDR": "10.9.8.7"})
    assert near.status_code == 200


def test_requests_are_counted_by_rule_and_never_by_address(watched: Flask) -> None:
    client = watched.test_client()
    for address in ("/login", "/login", "/password/reset/SECRET.LINK", "/nowhere/SECRET", "/products/SECRET"):
        client.get(address)
    client.open("/login", method="BREW")
    text = scrape(watched)
    found = read(text)
    assert "SECRET" not in text
    assert found["tradepost_requests_total[method=GET][route=/login][status=200]"] == 2
    assert found["tradepost_requests_total[method=GET][route=none][status=404]"] == 1
    assert found["tradepost_requests_total[method=GET][route=/products/<slug>][status=404]"] == 1
    assert "[method=BREW]" not in text
    assert found["tradepost_request_seconds_count[route=/login][status_class=2xx]"] == 2
    assert found["tradepost_request_seconds_bucket[le=+Inf][route=/login][status_class=2xx]"] == 2
    assert found["tradepost_request_seconds_sum[route=/login][status_class=2xx]"] > 0


def test_the_time_of_errors_is_told_apart_from_that_of_answers(watched: Flask) -> None:
    client = watched.test_client()
    answers, errors = (
        f"tradepost_request_seconds_count[route=/products/<slug>][status_class={each}]"
        for each in ("2xx", "4xx")
    )
    before = read(scrape(watched))
    client.get("/products/no-such-thing")
    after = read(scrape(watched))
    assert after[errors] == before.get(errors, 0) + 1
    assert answers not in after


def test_the_figures_of_every_route_in_every_class_of_status_find_room(
    watched: Flask, tmp_path: Path
) -> None:
    tally = Tally(tmp_path / "all")
    for rule in {each.rule for each in watched.url_map.iter_rules()}:
        for status_class in ("2xx", "3xx", "4xx", "5xx"):
            tally.observe(SECONDS, 0.5, rule, status_class)
    tally.close()
    assert (tmp_path / "all/histogram_0.db").stat().st_size == ROOM["histogram"]


def test_looks_into_the_cache_are_counted(watched: Flask) -> None:
    for _ in range(3):
        watched.test_client().get("/")
    found = read(scrape(watched))
    assert found["tradepost_cache_looks_total[kind=category-tree][result=miss]"] >= 1
    assert found["tradepost_cache_looks_total[kind=category-tree][result=hit]"] >= 2


def test_every_name_the_dashboard_asks_for_is_there(watched: Flask) -> None:
    with watched.app_context():
        beat(clock.now(), standstill=timedelta(minutes=10), quiet=timedelta(hours=1))
    # The first page of a process makes the counters of the cache and of the requests; which test ran before is open.
    for _ in range(2):
        watched.test_client().get("/")
    text = scrape(watched)
    families = {family.name for family in text_string_to_metric_families(text)}
    known = families | {f"{name}_{end}" for name in families for end in ("total", "bucket", "sum", "count")}
    board = json.loads((ROOT / "deploy/grafana-dashboard.json").read_text())
    asked = {
        name
        for panel in board["panels"]
        for target in panel.get("targets", [])
        for name in re.findall(r"\btradepost_\w+", target["expr"])
    }
    assert asked - known == set()
    assert len(asked) >= 20
    assert {name for name in families if name.startswith("tradepost_")} - {
        re.sub(r"_(total|bucket|sum|count)$", "", name) for name in asked
    } == set()


def test_the_page_answers_without_its_database(watched: Flask) -> None:
    with watched.app_context():
        engine = db.engines[None]
        db.engines[None] = create_engine("sqlite:////nowhere/shop.db")
        try:
            found = {metric.name: metric for metric in collect_business(watched.extensions["settings"], NOW)}
        finally:
            db.session.remove()
            db.engines[None] = engine
    assert found["tradepost_database_up"].samples[0].value == 0
    assert "tradepost_disk_free_bytes" in found
    assert "tradepost_orders" not in found


def figures(app: Flask) -> dict[str, float]:
    return {
        sample.name + "".join(f"[{value}]" for value in sample.labels.values()): sample.value
        for metric in collect_business(app.extensions["settings"], NOW)
        for sample in metric.samples
    }


def test_the_figures_of_the_business_are_those_of_its_tables(app: Flask) -> None:
    make_shop()
    buyer = make_buyer()
    paid = make_order(buyer, status=OrderStatus.PAID)
    failed = make_order(buyer, status=OrderStatus.PAYMENT_FAILED)
    payment = make_payment(paid, status=PaymentStatus.CAPTURED, captured_at=NOW)
    make_payment(failed, status=PaymentStatus.DECLINED)
    with transaction():
        for outcome in ("captured", "unknown"):
            db.session.add(ProviderAnswer(payment_id=payment.id, call="capture", outcome=outcome, at=NOW))
        for kind, minutes, gave_up in (
            (Kind.MAIL_WELCOME, 3, None),
            (Kind.MAIL_WELCOME, 9, None),
            (Kind.PAYMENT_SETTLE, -60, None),
            (Kind.PAYMENT_CAPTURE, 60, NOW),
        ):
            due = NOW - timedelta(minutes=minutes)
            db.session.add(OutboxRow(kind=kind, ids={}, due_at=due, created_at=due, needs_person_at=gave_up))
        posted, next_try = NOW - timedelta(minutes=15), NOW + timedelta(minutes=30)
        tried = OutboxRow(
            kind=Kind.REFUND_SEND, ids={}, due_at=next_try, first_due_at=posted, created_at=posted
        )
        db.session.add(tried)
    beat(NOW - timedelta(seconds=90), standstill=timedelta(minutes=10), quiet=timedelta(hours=1))
    open_circuit("square", words="no answer", now=NOW)
    found = figures(app)
    expected = {
        "tradepost_database_up": 1,
        "tradepost_orders_placed_total": 2,
        "tradepost_orders[paid]": 1,
        "tradepost_captures_total": 1,
        "tradepost_declines_total": 1,
        "tradepost_payments[declined]": 1,
        "tradepost_provider_questions": 2,
        "tradepost_provider_errors": 1,
        "tradepost_outbox_rows[mail.welcome]": 2,
        "tradepost_outbox_oldest_seconds[mail.welcome]": 540,
        "tradepost_outbox_oldest_seconds[payment.settle]": 0,
        "tradepost_outbox_oldest_seconds[refund.send]": 900,
        "tradepost_dead_letters[payment.capture]": 1,
        "tradepost_background_silent_seconds": 90,
        "tradepost_circuit_open[square]": 1,
        "tradepost_circuit_trips_total[square]": 1,
    }
    assert {name: found.get(name) for name in expected} == expected
    assert not [name for name in found if name.startswith("tradepost_outbox_rows[payment.capture]")]
    assert db.session.scalar(db.select(db.func.count(Mail.id))) == 0
