"""The small shop with everybody who fills in its forms, and what any answer of it must be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import Flask
from werkzeug.test import TestResponse

from app.accounts.models import User
from app.accounts.permissions import Role
from app.businesses.status import BusinessStatus
from tests.client import ShopClient
from tests.factories import make_cart, make_staff, make_user
from tests.walking.forms import Form, desk_addresses, find_forms
from tests.walking.nasty import MARK
from tests.walking.people import browsers_of, business_in
from tests.walking.places import Place, list_places, values_for
from tests.walking.small_shop import SmallShop, make_small_shop


@dataclass
class Stage:
    """The small shop, people who fill in its forms, and the forms."""

    app: Flask
    shop: SmallShop
    new_browsers: dict[str, Callable[[], ShopClient]]
    forms: list[Form]
    places: list[Place]

    def browser(self, who: str) -> ShopClient:
        """A new browser of that person, signed in."""
        return self.new_browsers[who]()


def set_stage(app: Flask) -> Stage:
    """People of every kind who fills in forms, a cart ready to be ordered, and every form the pages show."""
    shop = make_small_shop()
    cart = {shop.skus[0]: 2, shop.skus[3]: 24}
    make_cart(shop.buyer, cart, shipping_address_id=shop.address.id, shipping_method_id=shop.shipping.id)
    people: dict[str, User | None] = {
        "guest": None,
        "unverified": make_user(verified=False),
        "applicant": make_user(business=business_in(BusinessStatus.DRAFT, shop)),
        "asked": make_user(business=business_in(BusinessStatus.NEEDS_INFORMATION, shop)),
        "buyer": shop.buyer,
        "staff": make_staff(Role.SHOP_OWNER),
    }
    places = list(list_places(app, values_for(shop, shop.buyer)))
    new_browsers = {who: browsers_of(app, user) for who, user in people.items()}
    stage = Stage(app, shop, new_browsers, [], places)
    pages = {place.rule: place.address for place in places if place.method == "GET" and not place.is_desk}
    steps = [
        f"/account/business/application?step={step}" for step in ("facts", "address", "certificate", "check")
    ]
    for who in people:
        addresses = [*pages.values(), *steps]
        browser = stage.browser(who)
        if who == "staff":
            addresses = list(desk_addresses(browser, desk_indexes(places)))
            addresses += [f"/admin/orders/{name}?id={shop.order.id}" for name in ("refund", "shorten")]
        stage.forms += find_forms(who, browser, addresses)
    return stage


def desk_indexes(places: list[Place]) -> list[str]:
    reads = [place for place in places if place.is_desk and place.method == "GET"]
    return [
        place.address for place in reads if place.endpoint.endswith((".index", ".index_view", ".create_view"))
    ]


def check(answer: TestResponse, what: object) -> int:
    """The answer is one a shop gives."""
    try:
        assert answer.status_code < 500, f"{what}: {answer.status_code}"
        place = urlsplit(answer.headers.get("Location", "")).netloc
        assert place in {"", "localhost"}, f"{what} sends people to {answer.location}"
        if answer.mimetype == "text/html":
            assert MARK not in answer.get_data(as_text=True), f"{what} shows what was typed unescaped"
    finally:
        answer.close()
    return answer.status_code
