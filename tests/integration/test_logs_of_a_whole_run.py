"""A stranger registers, a buyer is declined, pays, forgets the password, and things fail: then every log line is read."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from app.accounts.models import UserToken
from app.accounts.tokens import sign_token
from app.extensions import db
from app.orders.models import Order
from app.outbox.kinds import Kind
from app.request_log import _OURS, scrubbed
from app.settings import Settings
from sandbox.mail.smtp import Refusal
from sandbox.square import SquareServer
from tests.client import ShopClient
from tests.factories import PASSWORD
from tests.mailbox import Mails
from tests.placing import CARD_DECLINED, CARD_OK, Ready, break_next, make_ready

NEW_PASSWORD = "a brass lantern by the door"
STRANGER = "ada.stranger@whole-run.example"
TYPED_WRONG = "what somebody typed into the wrong field"
RunJobs = Callable[..., list[Kind]]


@pytest.fixture
def written(capsys: pytest.CaptureFixture[str]) -> Iterator[Callable[[], str]]:
    """All that was logged so far: our own loggers say everything, the libraries what they would say aloud."""
    names = [*_OURS, "httpx"]
    before = {name: logging.getLogger(name).level for name in names}
    for name in names:
        logging.getLogger(name).setLevel(logging.DEBUG if name in _OURS else logging.INFO)
    yield lambda: capsys.readouterr().err
    for name, level in before.items():
        logging.getLogger(name).setLevel(level)


def register(client: ShopClient, mails: Mails, run_jobs: RunJobs) -> str:
    page = client.get("/register")
    client.submit(page, "#register-form", name="Ada", email=STRANGER, password=NEW_PASSWORD)
    run_jobs()
    found = re.search(r"http://localhost(/verify/\S+)", mails.last_to(STRANGER).text)
    assert found
    client.submit(client.get(found[1]), "main form")
    return found[1]


def buy(client: ShopClient, ready: Ready, square: SquareServer) -> Order:
    page = client.get("/login")
    for password in (TYPED_WRONG, PASSWORD):
        page = client.submit(page, "main form", email=ready.buyer.email, password=password)
    page = client.submit(client.get("/checkout/"), "#delivery-form")
    page = client.submit(page, "#review", source_token=CARD_DECLINED, accept_terms="y")
    break_next(square, "payments.create", "503")
    client.submit(page, "#review", source_token=CARD_OK)
    return db.session.scalars(db.select(Order).order_by(Order.id.desc())).first()  # type: ignore[return-value]


def forget_password(client: ShopClient, app: Flask, email: str) -> str:
    client.post("/password/forgot", data={"email": email})
    token = db.session.scalars(db.select(UserToken).order_by(UserToken.id.desc())).first()
    assert token is not None
    signed = sign_token(token, app.config["SECRET_KEY"])
    client.get(f"/password/reset/{signed}?from={email}")
    return signed


def lines_of(log: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.splitlines()]


def test_a_whole_run_with_its_failures_writes_lines_of_json_and_nothing_secret(
    app: Flask,
    client: ShopClient,
    square: SquareServer,
    mails: Mails,
    run_jobs: RunJobs,
    written: Callable[[], str],
) -> None:
    ready = make_ready()
    buyer_email = ready.buyer.email
    verify_link = register(client, mails, run_jobs)
    shopper = app.test_client()
    assert isinstance(shopper, ShopClient)
    order = buy(shopper, ready, square)
    number = order.number
    csrf = shopper.csrf_token()
    signed = forget_password(shopper, app, buyer_email)
    mails.catcher.mood.refuse(Refusal(code=550))
    run_jobs(may_fail=True)
    mails.catcher.mood.refuse(None)
    run_jobs(ahead=timedelta(minutes=3))
    shopper.get(f"/orders/{number}")
    shopper.get(f"/search?q={TYPED_WRONG}")

    log = written()
    lines = lines_of(log)
    settings: Settings = app.extensions["settings"]
    secrets = [
        CARD_OK, CARD_DECLINED, PASSWORD, NEW_PASSWORD, TYPED_WRONG, TYPED_WRONG.replace(" ", "%20"), STRANGER, buyer_email,
        verify_link.rpartition("/")[2], signed, csrf, settings.secret_key, settings.data_key, settings.square_access_token,
    ]  # fmt: skip
    for secret in secrets:
        assert secret not in log, secret
    assert not re.search(r"[\w.+-]+@[\w-]+\.\w+", log)
    assert not re.search(r"\$argon2|gAAAAA|Bearer |\b4\d{15}\b", log)

    events = {line["event"] for line in lines}
    assert {"request", "job_done", "job_failed", "mail_sent", "sign_in_refused", "signed_in"} <= events
    requests = [line for line in lines if line["event"] == "request"]
    assert all(re.fullmatch(r"[0-9a-f]{32}", line["request_id"]) for line in requests)
    placing = [line for line in requests if line["route"] == "/checkout/place"]
    assert placing[-1]["order"] == number
    assert [line["order"] for line in requests if line["route"] == "/orders/<number>"] == [number]
    jobs = [line for line in lines if line["event"] in {"job_done", "job_failed", "job_too_early"}]
    assert all(isinstance(line["job"], int) for line in jobs)
    assert number in {line["order"] for line in jobs if line["kind"].startswith("payment.")}
    sent = [line for line in lines if line["event"] == "mail_sent"]
    assert all(line["job"] for line in sent)
    assert "job" not in requests[-1]


def test_an_order_number_in_an_address_that_is_none_is_not_written(
    app: Flask, client: ShopClient, written: Callable[[], str]
) -> None:
    make_ready()
    client.get(f"/orders/{STRANGER}")
    [line] = [each for each in lines_of(written()) if each["event"] == "request"]
    assert "order" not in line


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("no such user: ada@example.com", "no such user: [removed]"),
        ("mysql://shop:pass@db.example.com/shop", "[removed]"),
        ("sent to a***@example.com", "sent to a***@example.com"),
    ],
)
def test_addresses_of_people_and_passwords_of_databases_are_taken_out(text: str, left: str) -> None:
    assert "pass" not in scrubbed(text)
    assert left in scrubbed(text)
