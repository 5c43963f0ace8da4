"""The back office of a small shop, and people of every role to walk into it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from app.accounts.models import User
from app.accounts.permissions import Role
from tests.client import ShopClient, sign_in
from tests.factories import make_shop, make_staff


@pytest.fixture(autouse=True)
def shop(app):
    return make_shop()


@pytest.fixture
def browser_of(app: Flask) -> Callable[[User], ShopClient]:
    """`browser_of(user)` is a browser in which that person is signed in."""

    def open_browser(user: User) -> ShopClient:
        browser = app.test_client()
        assert isinstance(browser, ShopClient)
        sign_in(browser, user)
        return browser

    return open_browser


@pytest.fixture
def owner(app) -> User:
    return make_staff(Role.SHOP_OWNER)


@pytest.fixture
def desk(owner, browser_of) -> ShopClient:
    """The back office as the shop owner sees it."""
    return browser_of(owner)


@pytest.fixture
def desk_of(app, browser_of) -> Callable[[Role], ShopClient]:
    """`desk_of(Role.FINANCE)` is the back office as that role sees it."""
    return lambda role: browser_of(make_staff(role))
