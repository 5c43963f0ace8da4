"""Bugs of pages and jobs arrive at Sentry, over a real connection, and nothing private comes with them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.exc import IntegrityError

from app.bug_reports import init_bug_reports
from app.extensions import db
from app.outbox.kinds import Kind
from app.outbox.post import post
from app.settings import Settings
from app.shared import clock
from app.shared.errors import OutsideFault
from app.shared.transaction import transaction
from jobs.registry import HANDLERS
from jobs.relay import take_due
from jobs.runner import run
from tests.client import sign_in
from tests.factories import make_buyer, make_shop
from tests.ingest import Ingest, ingest_server

CARD = "4111 1111 1111 1111"
PRIVATE = (
    "jane@example.com",
    CARD,
    "cnon:card-nonce-ok",
    "hunter2-typed",
    "a-visitor's-cookie",
    "?next=",
    "Doe, Jane",
)


@pytest.fixture
def ingest() -> Iterator[Ingest]:
    with ingest_server() as server:
        yield server


@pytest.fixture
def reporting(app: Flask, ingest: Ingest) -> Iterator[Flask]:
    """The shop with SENTRY_DSN; errors become pages, as for visitors."""
    settings: Settings = app.extensions["settings"]
    app.extensions["settings"] = replace(settings, sentry_dsn=ingest.dsn)
    try:
        init_bug_reports(app)
        app.testing = False
        app.config["PROPAGATE_EXCEPTIONS"] = False
        yield app
    finally:
        app.extensions["settings"] = settings
        app.extensions.pop("bug_reporter", None)
        app.testing = True
        app.config["PROPAGATE_EXCEPTIONS"] = None


def break_with(words: str) -> None:
    password = PRIVATE[3]
    raise RuntimeError(words + password[:0])


def nothing_private(ingest: Ingest) -> None:
    assert [each for each in PRIVATE if each in ingest.raw] == []
    for event in ingest.events:
        assert (
            not {"request", "user", "breadcrumbs", "extra", "contexts", "server_name", "modules"}
            & event.keys()
        )
        assert '"vars"' not in json.dumps(event)


def the_error(event: dict[str, Any]) -> dict[str, Any]:
    error: dict[str, Any] = event["exception"]["values"][-1]
    return error


def test_a_bug_in_a_page_arrives_with_the_ids_it_is_found_by_and_nothing_else(
    reporting: Flask, ingest: Ingest, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_shop()
    words = f"jane@example.com paid with {CARD} cnon:card-nonce-ok at https://shop/login?next=/cart"
    monkeypatch.setitem(reporting.view_functions, "orders.show", lambda number: break_with(words))
    browser = reporting.test_client()
    sign_in(browser, make_buyer())
    browser.set_cookie("mine", PRIVATE[4])
    answer = browser.get(f"/orders/TP-1042?q={PRIVATE[3]}", headers={"X-Request-ID": "request-12345678"})
    assert answer.status_code == 500
    [event] = ingest.wait_for(1)
    tags = event["tags"]
    assert (tags["request_id"], tags["order"], tags["route"]) == (
        "request-12345678",
        "TP-1042",
        "/orders/<number>",
    )
    assert tags["reference"] in answer.text
    error = the_error(event)
    assert error["type"] == "RuntimeError"
    assert "paid with [removed]" in error["value"]
    assert error["stacktrace"]["frames"][-1]["function"] == "break_with"
    nothing_private(ingest)


def test_a_bug_in_a_job_arrives_before_its_process_may_end(
    reporting: Flask, ingest: Ingest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(HANDLERS, Kind.OUTBOX_PRUNE, lambda: break_with("Jane's jane@example.com"))
    row_id = run_failing_job()
    [event] = ingest.events  # it was seen off before the job's end
    assert event["tags"] == {"job": str(row_id), "kind": "outbox.prune"}
    nothing_private(ingest)


def test_what_a_database_says_of_rows_stays_here(
    reporting: Flask, ingest: Ingest, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise IntegrityError("INSERT", {}, ValueError(f"Duplicate entry {PRIVATE[-1]!r} for key 'name'"))

    monkeypatch.setitem(HANDLERS, Kind.OUTBOX_PRUNE, fail)
    run_failing_job()
    assert the_error(ingest.events[0])["type"] == "IntegrityError"
    assert the_error(ingest.events[0])["value"] == ""


def test_trouble_outside_the_shop_is_no_bug(
    reporting: Flask, ingest: Ingest, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise OutsideFault("the mail server is down")

    monkeypatch.setitem(HANDLERS, Kind.OUTBOX_PRUNE, fail)
    run_failing_job()
    assert ingest.events == []


def test_a_sentry_that_is_away_costs_nobody_a_page(
    reporting: Flask, ingest: Ingest, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_shop()
    ingest.stop()
    monkeypatch.setitem(reporting.view_functions, "pages.home", lambda: break_with("x"))
    assert "Something went wrong on our side" in reporting.test_client().get("/").text


def test_without_an_address_nothing_is_made(app: Flask, instance: Path) -> None:
    init_bug_reports(app)
    assert "bug_reporter" not in app.extensions


def run_failing_job() -> int:
    with transaction():
        row = post(Kind.OUTBOX_PRUNE)
        db.session.flush()
        row_id: int = row.id
    [ticket] = take_due(clock.now(), lease=timedelta(minutes=1), limit=1)
    assert run(ticket) is False
    return row_id
