"""Every address, every method, everybody: what is answered to whom (tests/walking/rights.py has the table)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.accounts.models import User
from app.settings import Settings
from tests.client import ShopClient
from tests.factories import make_cart
from tests.papers import pdf
from tests.walking.again import taken_back
from tests.walking.people import BUYERS, EVERYBODY, STAFF, browsers_of
from tests.walking.places import UNSAFE, Place, list_places, values_for
from tests.walking.rights import ABSENT, PUBLIC_FILES, REFUSED, SHOP, SIGN_IN, desk_endpoints, has_forms
from tests.walking.small_shop import SmallShop, make_small_shop

# Doors for machines that sign what they send, or show a token: the only ones a form of another site could reach.
pytestmark = pytest.mark.either_database
FREE_OF_CSRF = ("webhooks.", "api.")


@pytest.fixture
def shop(app: Flask) -> SmallShop:
    """The small shop; its buyer has a cart with delivery chosen, and the paper they sent lies in the folder."""
    shop = make_small_shop()
    make_cart(
        shop.buyer,
        {shop.skus[0]: 2},
        shipping_address_id=shop.address.id,
        shipping_method_id=shop.shipping.id,
    )
    settings: Settings = app.extensions["settings"]
    Path(settings.uploads_path).mkdir(parents=True, exist_ok=True)
    (Path(settings.uploads_path) / shop.upload.stored_name).write_bytes(pdf())
    return shop


def ask(new_browser: Callable[[], ShopClient], place: Place, *, csrf: bool = True) -> str:
    with taken_back():
        answer = new_browser().open(place.address, method=place.method, csrf=csrf)
        said = outcome(answer, place)
        answer.close()
    return said


def outcome(answer: TestResponse, place: Place) -> str:
    """ "200", "404" or "to /login"; the place's own address reads like its rule."""
    if answer.status_code not in {301, 302, 303, 307, 308}:
        return str(answer.status_code)
    path = urlsplit(answer.location).path
    parent, _, last = path.rpartition("/")
    if "<" in place.rule and last == place.address.rpartition("/")[2]:
        return f"to {parent}/{place.plain_rule.rpartition('/')[2]}"
    own = place.address.rpartition("/")[0]
    return f"to {place.plain_rule.rpartition('/')[0]}" if "<" in place.rule and path == own else f"to {path}"


def places_of(app: Flask, shop: SmallShop) -> list[Place]:
    """One address for each rule and method is enough: what differs between products is no matter of rights."""
    found: dict[str, Place] = {}
    for place in list_places(app, values_for(shop, shop.buyer)):
        found.setdefault(str(place), place)
    return list(found.values())


def test_no_address_is_missing_from_the_tables_and_none_of_theirs_is_gone(
    app: Flask, shop: SmallShop
) -> None:
    places = places_of(app, shop)
    shops = {str(place) for place in places if not place.is_desk}
    desks = {place.endpoint for place in places if place.is_desk} - PUBLIC_FILES
    assert (shops - set(SHOP), set(SHOP) - shops) == (set(), set())
    known = {endpoint for endpoint, _ in desk_endpoints()}
    assert (desks - known, known - desks) == (set(), set())


@pytest.mark.parametrize("who", EVERYBODY)
def test_each_address_of_the_shop_answers_everybody_as_the_table_says(
    app: Flask, shop: SmallShop, who: str
) -> None:
    new_browser = browsers_of(app, EVERYBODY[who](shop))
    wrong = []
    for place in places_of(app, shop):
        if str(place) in SHOP:
            expected, said = SHOP[str(place)][who], ask(new_browser, place)
            if said != expected:
                wrong.append(f"{place} answers {said} to {who}, not {expected}")
    assert not wrong, "\n".join(wrong)


# One gate stands before the desk; who has which business makes no difference there.
AT_THE_DESK = ("guest", "unverified", "draft", "deactivated", *BUYERS, *STAFF)


@pytest.mark.parametrize("who", AT_THE_DESK)
def test_the_back_office_lets_in_the_roles_of_the_table_and_nobody_else(
    app: Flask, shop: SmallShop, who: str
) -> None:
    user = EVERYBODY[who](shop)
    new_browser = browsers_of(app, user)
    roles = dict(desk_endpoints())
    wrong = []
    for place in places_of(app, shop):
        if place.endpoint in roles:
            said, expected = ask(new_browser, place), expected_at_desk(who, user, place, roles)
            if not fits(said, expected):
                wrong.append(f"{place} answers {said} to {who}, not {expected}")
    assert not wrong, "\n".join(wrong)


def expected_at_desk(who: str, user: User | None, place: Place, roles: dict[str, frozenset]) -> str:
    """What must be answered; "in" is any answer of the view itself."""
    if who in {"guest", "deactivated"}:
        return SIGN_IN
    if who not in STAFF or user is None or user.role not in roles[place.endpoint]:
        return REFUSED
    return "in" if has_forms(place.endpoint) else ABSENT


def fits(said: str, expected: str) -> bool:
    return said == expected or (
        expected == "in" and said not in {SIGN_IN, REFUSED} and not said.startswith("5")
    )


def test_a_form_without_its_token_is_refused_everywhere_but_at_the_doors_for_machines(
    app: Flask, shop: SmallShop
) -> None:
    people = [browsers_of(app, user) for user in (None, shop.buyer, EVERYBODY["shop_owner"](shop))]
    taken, refused = set(), set()
    for place in places_of(app, shop):
        if place.method in UNSAFE:
            answers = {ask(new_browser, place, csrf=False) for new_browser in people}
            (refused if answers == {"400"} else taken).add(place.endpoint)
    assert len(refused) > 50
    assert not [endpoint for endpoint in taken if not endpoint.startswith(FREE_OF_CSRF)]
    assert not [endpoint for endpoint in refused if endpoint.startswith(FREE_OF_CSRF)]
