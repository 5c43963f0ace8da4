"""The commands with which a shop is set up."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from click.testing import Result
from flask import Flask

from app.accounts.models import User
from app.accounts.permissions import Role
from app.extensions import db
from app.settings import ROOT
from app.shop.models import ShippingMethod, ShopFacts
from tests.client import ShopClient, read_text
from tests.factories import make_shop, make_user

pytestmark = pytest.mark.usefixtures("app")


def run(app: Flask, *args: str, **options: Any) -> Result:
    result = app.test_cli_runner().invoke(args=list(args), **options)
    db.session.rollback()
    return result


def find(email: str) -> User | None:
    user: User | None = db.session.scalars(db.select(User).filter_by(email=email)).one_or_none()
    return user


def test_a_new_owner_gets_a_link_that_sets_the_first_password_once(app: Flask, client: ShopClient) -> None:
    make_shop()
    result = run(app, "create-staff", "Owner@Shop.Example", "--role", "shop_owner", "--name", "Ida Berg")

    assert result.exit_code == 0, result.output
    assert "Ida Berg <owner@shop.example> is now: Shop owner." in result.output
    link = result.output.split()[-1]
    address = link.removeprefix("http://localhost")
    page = client.get(address)
    client.submit(page, "main form", password="a good long sentence for a lock")
    user = find("owner@shop.example")
    assert user is not None
    assert user.role is Role.SHOP_OWNER
    assert user.is_verified
    assert "used already" in read_text(client.get(address))


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("taken@shop.example", "--role", "support"), "has an account already"),
        (("not an address", "--role", "support"), "Enter an e-mail address"),
        (("new@shop.example", "--role", "buyer"), "Invalid value for '--role'"),
    ],
)
def test_what_cannot_be_a_staff_account_is_refused_in_words(
    app: Flask, args: tuple[str, ...], says: str
) -> None:
    make_user(email="taken@shop.example")
    result = run(app, "create-staff", *args)
    assert result.exit_code != 0
    assert says in result.output
    assert "Traceback" not in result.output
    assert find("new@shop.example") is None


def test_a_shop_is_set_up_once(app: Flask) -> None:
    answers = "Corner Goods\nhello@corner.example\n(503) 555-0100\nor\n97201\nAmerica/Los_Angeles\n"
    result = run(app, "set-up-shop", input=answers)

    assert result.exit_code == 0, result.output
    shop = db.session.get_one(ShopFacts, 1)
    assert (shop.name, shop.state, shop.time_zone) == ("Corner Goods", "OR", "America/Los_Angeles")
    assert shop.staff_email == "hello@corner.example"
    assert [method.code for method in db.session.scalars(db.select(ShippingMethod))] == ["pickup"]

    again = run(app, "set-up-shop", input=answers)
    assert again.exit_code == 1
    assert "set up already" in again.output


@pytest.mark.parametrize(
    ("state", "zone", "says"), [("XX", "America/New_York", "no US state"), ("OR", "Mars/One", "no time zone")]
)
def test_a_wrong_fact_is_named_and_nothing_is_written(app: Flask, state: str, zone: str, says: str) -> None:
    result = run(app, "set-up-shop", input=f"Goods\na@b.example\n\n{state}\n\n{zone}\n")
    assert result.exit_code == 1
    assert says in result.output
    assert db.session.get(ShopFacts, 1) is None


def test_keys_are_long_and_never_the_same(app: Flask) -> None:
    first, second = (run(app, "make-key").output.strip() for _ in range(2))
    assert len(first) >= 64
    assert first != second


def test_keys_can_be_made_before_there_is_a_shop() -> None:
    command = [sys.executable, "-m", "app.make_key"]
    done = subprocess.run(command, cwd=ROOT, env={"PATH": ""}, capture_output=True, text=True, check=True)
    lines = done.stdout.splitlines()
    assert [line.partition(" = ")[0] for line in lines] == ["SECRET_KEY", "DATA_KEY"]
