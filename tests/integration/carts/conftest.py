"""A shop with two things to buy, and somebody who may."""

from __future__ import annotations

import pytest

from app.shared.money import Money
from tests.client import sign_in
from tests.factories import (
    make_buyer,
    make_product,
    make_shop,
    make_sku,
)


@pytest.fixture(autouse=True)
def shop(app):
    return make_shop()


@pytest.fixture
def soap(app):
    return make_sku(
        make_product("Lavender soap"), price=Money(340), stock=100, case_pack=12, minimum=12, code="HP-1204"
    )


@pytest.fixture
def mug(app):
    return make_sku(make_product("Harbor mug"), price=Money(850), stock=40, code="HP-77")


@pytest.fixture
def buyer(app, client):
    person = make_buyer()
    sign_in(client, person)
    return person
