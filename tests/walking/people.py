"""Everybody who may come to the shop, by where they stand."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask

from app.accounts.models import User, UserStatus
from app.accounts.permissions import Role
from app.businesses.models import Business
from app.businesses.status import BusinessStatus
from tests.client import ShopClient, sign_in
from tests.factories import make_address, make_business, make_group, make_staff, make_user
from tests.walking.small_shop import SmallShop

Maker = Callable[[SmallShop], User | None]


def _of(status: BusinessStatus) -> Maker:
    return lambda shop: make_user(business=business_in(status, shop))


def business_in(status: BusinessStatus, shop: SmallShop) -> Business:
    """A business that has, or would have, prices of its own."""
    asked = {"requested_fields": ["ein"], "review_note": "Which name is on the letter?"}
    more = asked if status is BusinessStatus.NEEDS_INFORMATION else {}
    business = make_business(status, group=make_group(price_list=shop.own_list), **more)
    make_address(business)
    return business


# Nobody of these may read a price; only the suspended have orders they may go on reading.
UNAPPROVED: dict[str, Maker] = {
    "guest": lambda shop: None,
    "unverified": lambda shop: make_user(verified=False),
    "unverified of an approved business": lambda shop: make_user(verified=False, business=shop.business),
    "without a business": lambda shop: make_user(),
    **{status.value: _of(status) for status in BusinessStatus if status is not BusinessStatus.APPROVED},
    "deactivated": lambda shop: make_user(business=shop.business, status=UserStatus.DEACTIVATED),
}
BUYERS: dict[str, Maker] = {
    "approved": lambda shop: shop.buyer,
    "of another business": _of(BusinessStatus.APPROVED),
}
STAFF: dict[str, Maker] = {
    role.value: (lambda shop, role=role: make_staff(role))
    for role in Role
    if role not in {Role.BUYER, Role.BUSINESS_OWNER}
}
EVERYBODY = UNAPPROVED | BUYERS | STAFF


def browser_of(app: Flask, user: User | None) -> ShopClient:
    """A new browser in which that person is signed in, or nobody."""
    browser = app.test_client()
    assert isinstance(browser, ShopClient)
    if user is not None:
        sign_in(browser, user)
    return browser


def browsers_of(app: Flask, user: User | None) -> Callable[[], ShopClient]:
    """New browsers of one person, as many as are asked for: each comes with the cookie of one and the same sign-in."""
    name = app.config["SESSION_COOKIE_NAME"]
    cookie = browser_of(app, user).get_cookie(name)

    def another() -> ShopClient:
        browser = browser_of(app, None)
        if cookie is not None:
            browser.set_cookie(name, cookie.value)
        return browser

    return another
