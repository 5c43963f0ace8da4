"""Forgotten, new and changed passwords."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from app.accounts.models import TokenPurpose, UserStatus, UserToken
from app.extensions import db
from app.shared import clock
from app.shared.transaction import transaction
from tests.client import ShopClient, read_text, sign_in
from tests.factories import PASSWORD, make_buyer, make_shop, make_user
from tests.mailbox import Mails

NEW = "a brass lantern by the door"

pytestmark = pytest.mark.usefixtures("shop")


@pytest.fixture
def shop(app: Flask) -> None:
    make_shop()


def ask(client: ShopClient, email: str):
    return client.submit(client.get("/password/forgot"), "#forgot-form", email=email)


def link_to(mails: Mails, email: str) -> str:
    found = re.search(r"http://localhost(/password/reset/\S+)", mails.last_to(email).text)
    assert found
    return found.group(1)


def can_sign_in(app: Flask, email: str, password: str) -> bool:
    device = app.test_client()
    device.post("/login", data={"email": email, "password": password})
    return device.get("/account").status_code == 200


def test_a_forgotten_password_is_replaced_through_the_mail(
    app: Flask, client: ShopClient, mails: Mails, run_jobs: Callable[..., object]
):
    buyer = make_buyer()
    tablet = app.test_client()
    sign_in(tablet, buyer)
    ask(client, buyer.email)
    run_jobs()
    done = client.submit(client.get(link_to(mails, buyer.email)), "#reset-form", password=NEW)
    assert "Sign in with the new one" in read_text(done)
    assert can_sign_in(app, buyer.email, NEW)
    assert not can_sign_in(app, buyer.email, PASSWORD)
    assert tablet.get("/account").status_code == 303
    run_jobs()
    assert "was changed" in mails.last_to(buyer.email).subject


def test_the_answer_does_not_tell_whether_an_address_is_known(client: ShopClient):
    known = read_text(ask(client, make_buyer(email="known@example.com").email))
    unknown = read_text(ask(client, "other@example.com"))
    assert known.replace("known@", "…@") == unknown.replace("other@", "…@")


def test_no_mail_goes_to_strangers_or_to_the_deactivated(
    client: ShopClient, mails: Mails, run_jobs: Callable[..., object]
):
    gone = make_user(status=UserStatus.DEACTIVATED)
    ask(client, "nobody@example.com")
    ask(client, gone.email)
    run_jobs()
    assert mails.all() == []


def test_asking_twice_within_a_minute_sends_one_mail(
    client: ShopClient, mails: Mails, run_jobs: Callable[..., object]
):
    buyer = make_buyer()
    ask(client, buyer.email)
    ask(client, buyer.email)
    run_jobs()
    assert len(mails.to(buyer.email)) == 1


def test_a_reset_link_works_once(client: ShopClient, mails: Mails, run_jobs: Callable[..., object]):
    buyer = make_buyer()
    ask(client, buyer.email)
    run_jobs()
    link = link_to(mails, buyer.email)
    client.submit(client.get(link), "#reset-form", password=NEW)
    again = client.post(link, data={"password": "another long password"})
    assert again.status_code == 410
    assert "used already" in read_text(again)


def test_a_reset_link_expires(client: ShopClient, mails: Mails, run_jobs: Callable[..., object]):
    buyer = make_buyer()
    ask(client, buyer.email)
    run_jobs()
    with transaction():
        db.session.execute(db.update(UserToken).values(expires_at=clock.now() - timedelta(seconds=1)))
    page = client.get(link_to(mails, buyer.email))
    assert page.status_code == 410
    assert "expired" in read_text(page)


def test_a_newer_link_ends_the_older_one_once_it_is_used(
    client: ShopClient, mails: Mails, run_jobs: Callable[..., object]
):
    buyer = make_buyer()
    ask(client, buyer.email)
    run_jobs()
    older = link_to(mails, buyer.email)
    with transaction():
        db.session.execute(db.update(UserToken).values(created_at=clock.now() - timedelta(minutes=5)))
    ask(client, buyer.email)
    run_jobs()
    client.submit(client.get(link_to(mails, buyer.email)), "#reset-form", password=NEW)
    assert client.get(older).status_code == 410


@pytest.mark.parametrize("token", ["x", "MQ.x", "1", "....", "a" * 3000, "%00", "é"])
def test_a_link_nobody_signed_is_explained(client: ShopClient, token: str):
    page = client.get(f"/password/reset/{token}")
    assert page.status_code == 410
    assert "no longer works" in read_text(page)


def test_a_link_for_one_purpose_is_no_good_for_another(
    client: ShopClient, mails: Mails, run_jobs: Callable[..., object]
):
    buyer = make_buyer()
    ask(client, buyer.email)
    run_jobs()
    signed = link_to(mails, buyer.email).rpartition("/")[2]
    assert client.get(f"/verify/{signed}").status_code == 410
    token = db.session.scalars(db.select(UserToken)).one()
    assert (token.purpose, token.used_at) == (TokenPurpose.RESET_PASSWORD, None)


def test_a_weak_new_password_is_refused_and_the_link_still_works(
    client: ShopClient, mails: Mails, run_jobs: Callable[..., object]
):
    buyer = make_buyer()
    ask(client, buyer.email)
    run_jobs()
    link = link_to(mails, buyer.email)
    refused = client.submit(client.get(link), "#reset-form", password="password123")
    assert refused.status_code == 422
    assert "first passwords" in read_text(refused)
    assert client.get(link).status_code == 200


def test_resetting_proves_the_address_of_someone_who_had_not_confirmed_it(
    client: ShopClient, mails: Mails, run_jobs: Callable[..., object]
):
    user = make_user(verified=False)
    ask(client, user.email)
    run_jobs()
    client.submit(client.get(link_to(mails, user.email)), "#reset-form", password=NEW)
    db.session.refresh(user)
    assert user.is_verified


def test_changing_the_password_ends_every_other_session_and_keeps_this_one(
    app: Flask, client: ShopClient, mails: Mails, run_jobs: Callable[..., object]
):
    buyer = make_buyer()
    tablet = app.test_client()
    sign_in(client, buyer)
    sign_in(tablet, buyer)
    page = client.submit(client.get("/account/security"), "#password-form", current=PASSWORD, new=NEW)
    assert "Your password is changed" in read_text(page)
    assert client.get("/account").status_code == 200
    assert tablet.get("/account").status_code == 303
    assert can_sign_in(app, buyer.email, NEW)
    run_jobs()
    assert "was changed" in mails.last_to(buyer.email).subject


def test_the_present_password_is_asked_for(client: ShopClient):
    sign_in(client, make_buyer())
    page = client.submit(client.get("/account/security"), "#password-form", current="something else", new=NEW)
    assert page.status_code == 422
    assert "not your present password" in read_text(page)


def test_a_weak_replacement_is_refused_beside_its_field(client: ShopClient):
    buyer = make_buyer()
    sign_in(client, buyer)
    page = client.submit(client.get("/account/security"), "#password-form", current=PASSWORD, new=buyer.email)
    assert page.status_code == 422
    assert "easy to guess" in read_text(page)


def test_signing_out_everywhere_means_this_device_too(app: Flask, client: ShopClient):
    buyer = make_buyer()
    tablet = app.test_client()
    sign_in(client, buyer)
    sign_in(tablet, buyer)
    page = client.submit(client.get("/account/security"), "form[action$=everywhere]")
    assert "every device" in read_text(page)
    assert client.get("/account").status_code == 303
    assert tablet.get("/account").status_code == 303
