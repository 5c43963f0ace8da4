"""What holds for every address of the shop, whoever asks and whatever comes of it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.accounts.models import User
from app.accounts.permissions import Role
from app.settings import Settings
from tests.factories import make_cart, make_staff
from tests.walking.again import taken_back
from tests.walking.people import browser_of
from tests.walking.places import Place, list_places, values_for
from tests.walking.small_shop import SmallShop, make_small_shop

HTTPS = "https://localhost"
# Their own policies: a paper and a mail are shown in a frame of ours, where they may do nothing.
FRAMED = {"businesses.document", "mails.preview"}
CHARSET = re.compile(r"(text/|application/(json|xml|javascript))")
STRANGE_HOST = "evil.example"


@pytest.fixture
def shop(app: Flask) -> SmallShop:
    shop = make_small_shop()
    make_cart(
        shop.buyer,
        {shop.skus[0]: 2},
        shipping_address_id=shop.address.id,
        shipping_method_id=shop.shipping.id,
    )
    return shop


def places_of(app: Flask, shop: SmallShop) -> list[Place]:
    found: dict[str, Place] = {}
    for place in list_places(app, values_for(shop, shop.buyer)):
        found.setdefault(str(place), place)
    return list(found.values())


def everybody(shop: SmallShop) -> list[User | None]:
    return [None, shop.buyer, make_staff(Role.SHOP_OWNER)]


def every_answer(app: Flask, shop: SmallShop, **request: object) -> Iterator[tuple[Place, TestResponse]]:
    """Each address with each method, asked under the strange host by a stranger, a buyer and the owner."""
    places = places_of(app, shop)
    name = app.config["SESSION_COOKIE_NAME"]
    for user in everybody(shop):
        browser = browser_of(app, user)
        browser.csrf_token()
        browser.set_cookie(name, browser.get_cookie(name).value, domain=STRANGE_HOST)
        for place in places:
            with taken_back():
                answer = browser.open(place.address, method=place.method, **request)
                yield place, answer
                answer.close()


EXPECTED = {
    "X-Content-Type-Options": re.compile("nosniff"),
    "Strict-Transport-Security": re.compile(r"max-age=31536000(; includeSubDomains)?"),
    "Referrer-Policy": re.compile("same-origin|no-referrer"),
    "Cross-Origin-Opener-Policy": re.compile("same-origin"),
    "Cross-Origin-Resource-Policy": re.compile("same-origin"),
    "Permissions-Policy": re.compile(
        r"camera=\(\), geolocation=\(\), microphone=\(\), usb=\(\), payment=\(self\)"
    ),
}
# Would share what is answered, or name what the shop is made with.
ABSENT = ("Access-Control-Allow-Origin", "Server", "X-Powered-By")


def trouble_with(place: Place, answer: TestResponse) -> Iterator[str]:
    headers = answer.headers
    yield from policy_trouble(
        headers["Content-Security-Policy"], place.endpoint in FRAMED and answer.status_code == 200
    )
    for name, pattern in EXPECTED.items():
        if not pattern.fullmatch(headers.get(name, "")):
            yield f"{name}: {headers.get(name)}"
    yield from (f"has {name}" for name in ABSENT if name in headers)
    # JSON is always UTF-8 (RFC 8259).
    is_text = CHARSET.match(answer.mimetype) and answer.mimetype != "application/json"
    if is_text and answer.get_data() and "charset" not in answer.mimetype_params:
        yield f"{answer.mimetype} without a charset"


def policy_trouble(text: str, is_framed: bool) -> Iterator[str]:
    policy = {name: sources for name, *sources in (part.split() for part in text.split(";"))}
    closed = ["default-src"] if is_framed else ["default-src", "object-src", "base-uri", "frame-ancestors"]
    yield from (f"{name} {policy.get(name)}" for name in closed if policy.get(name) != ["'none'"])
    if is_framed and policy.get("frame-ancestors") != ["'self'"]:
        yield "may be framed by others"
    if "unsafe" in " ".join(policy.get("script-src", [])):
        yield "lets in scripts of the page"


def hosts_told(answer: TestResponse) -> Iterator[str]:
    if STRANGE_HOST in answer.get_data(as_text=True):
        yield "writes the host it was asked under into its page"
    yield from (f"writes that host into {name}" for name, value in answer.headers if STRANGE_HOST in value)


def test_every_answer_has_all_headers_and_never_repeats_a_made_up_host(
    on_https: Flask, shop: SmallShop
) -> None:
    """One walk for both: it is long. The referrer is what a form under that host would send."""
    strange = f"https://{STRANGE_HOST}"
    forged = {"X-Forwarded-Host": STRANGE_HOST, "Forwarded": f"host={STRANGE_HOST}", "Referer": f"{strange}/"}
    wrong, statuses = set(), set()
    for place, answer in every_answer(on_https, shop, base_url=strange, headers=forged):
        statuses.add(answer.status_code)
        trouble = [*trouble_with(place, answer), *hosts_told(answer)]
        wrong |= {f"{place} {answer.status_code} {words}" for words in trouble}
    assert not wrong, "\n".join(sorted(wrong))
    assert {200, 303, 403, 404, 422} <= statuses


@pytest.mark.parametrize(
    "method, path, status",
    [
        ("GET", "/no/such/page", 404),
        ("GET", "/static/no-such-file.css", 404),
        ("GET", "/static/../app/settings.py", 404),
        ("GET", "/static/shop.css", 200),
        ("DELETE", "/catalog", 405),
        ("TRACE", "/", 405),
        ("POST", "/login", 400),
        ("GET", "/admin/static/desk.css", 404),
    ],
)
def test_errors_and_files_carry_them_too(
    on_https: Flask, shop: SmallShop, method: str, path: str, status: int
) -> None:
    answer = browser_of(on_https, None).open(path, method=method, base_url=HTTPS, csrf=False)
    assert answer.status_code == status
    place = Place(path, "", method, path)
    assert not list(trouble_with(place, answer))
    answer.close()


def test_a_bug_carries_them_too_and_shows_nothing_of_itself(on_https: Flask, shop: SmallShop) -> None:
    def fail() -> None:
        raise RuntimeError("the password is hunter2")

    on_https.testing = False
    on_https.view_functions["pages.robots"], view = fail, on_https.view_functions["pages.robots"]
    try:
        answer = browser_of(on_https, None).get("/robots.txt", base_url=HTTPS)
    finally:
        on_https.view_functions["pages.robots"] = view
        on_https.testing = True
    assert answer.status_code == 500
    assert "hunter2" not in answer.get_data(as_text=True)
    assert not list(trouble_with(Place("/robots.txt", "", "GET", "/robots.txt"), answer))


def test_names_under_the_shops_are_bound_to_https_where_its_owner_says_so(
    on_https: Flask, shop: SmallShop
) -> None:
    settings: Settings = on_https.extensions["settings"]
    browser = browser_of(on_https, None)
    assert "includeSubDomains" not in browser.get("/login").headers["Strict-Transport-Security"]
    object.__setattr__(settings, "hsts_subdomains", True)
    assert browser.get("/login").headers["Strict-Transport-Security"].endswith("; includeSubDomains")
