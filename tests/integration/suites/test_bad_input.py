"""Whatever is sent, the shop answers like a shop: never a 500, nothing unescaped, nobody sent elsewhere, nothing believed.

The shop under test passes on what it does not catch, so an exception fails a test with its trace.
"""

from __future__ import annotations

import io
import re
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from app.accounts.models import User
from app.accounts.permissions import Role
from app.businesses.models import Business
from app.catalog.models import Product, Sku
from app.extensions import db
from app.orders.models import Order
from app.pricing.models import PriceBreak
from tests.walking.again import taken_back
from tests.walking.forms import Form
from tests.walking.nasty import BODIES, FILES, encoded, names, query_names, values
from tests.walking.places import UNSAFE
from tests.walking.small_shop import SmallShop
from tests.walking.stage import Stage, check

pytestmark = [pytest.mark.usefixtures("square"), pytest.mark.slow, pytest.mark.either_database]

URLENCODED = "application/x-www-form-urlencoded"
_ENDS_THE_SESSION = ("/logout", "/account/security/sign-out-everywhere")


def tries(number: int) -> Any:
    """The same tries on every machine and every day; what fails is printed with the line that repeats it."""
    return settings(
        max_examples=number,
        derandomize=True,
        deadline=None,
        database=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )


def as_typed(form: Form) -> list[tuple[bytes, bytes]]:
    return [(name.encode(), value.encode()) for name, value in form.fields]


def spoil(data: st.DataObject, form: Form) -> list[tuple[bytes, bytes]]:
    """The form as a person would send it, but for one to three fields: strange, missing, twice, or of another form."""
    pairs = as_typed(form)
    if form.buttons and data.draw(st.booleans()):
        name, value = data.draw(st.sampled_from(form.buttons))
        pairs.append((name.encode(), value.encode()))
    for _ in range(data.draw(st.integers(1, 3))):
        how = data.draw(
            st.sampled_from(("strange", "strange", "strange", "strange", "missing", "twice", "more"))
        )
        if how == "more" or not pairs:
            pairs.append((data.draw(names), data.draw(values)))
            continue
        at = data.draw(st.integers(0, len(pairs) - 1))
        if how == "strange":
            pairs[at] = (pairs[at][0], data.draw(values))
        elif how == "missing":
            del pairs[at]
        else:
            pairs.append((pairs[at][0], data.draw(values)))
    return pairs


def test_the_walk_finds_the_forms_of_the_shop_and_of_the_desk(stage: Stage) -> None:
    found = {(form.who, urlsplit(form.action).path) for form in stage.forms}
    for who, action in (
        ("guest", "/login"), ("guest", "/register"), ("guest", "/contact"), ("unverified", "/register/correct"),
        ("applicant", "/account/business/application"), ("asked", "/account/business/application"), ("buyer", "/cart/items"),
        ("buyer", "/checkout/"), ("buyer", "/checkout/place"), ("buyer", "/account/addresses"), ("staff", "/admin/products/new/"),
        ("staff", "/admin/orders/refund"),
    ):  # fmt: skip
        assert (who, action) in found
    assert len(stage.forms) > 70
    assert {name for form in stage.forms for name in form.files} >= {"certificate_file"}


@tries(250)
@given(data=st.data())
def test_no_form_breaks_whatever_is_typed(stage: Stage, data: st.DataObject) -> None:
    form = data.draw(st.sampled_from(stage.forms))
    body = encoded(spoil(data, form))
    headers = {"HX-Request": "true"} if data.draw(st.booleans()) else {}
    with taken_back():
        browser = stage.browser(form.who)
        answer = browser.post(form.action, data=body, content_type=URLENCODED, headers=headers)
        check(answer, f"{form} with {body[:300]!r}")


@tries(250)
@given(data=st.data())
def test_no_address_breaks_whatever_is_asked(stage: Stage, data: st.DataObject) -> None:
    place = data.draw(st.sampled_from(stage.places))
    who = "staff" if place.is_desk else data.draw(st.sampled_from(["guest", "buyer"]))
    address = place.address
    for gap in data.draw(st.sampled_from([(), (-1,), (-2,)])):
        parts = address.split("/")
        if len(parts) > 2 - gap:
            parts[gap] = data.draw(st.one_of(values, st.just(b"x" * 3000))).decode("latin-1").replace("?", "")
            address = "/".join(parts)
    query = encoded(data.draw(st.lists(st.tuples(query_names, values), max_size=4))).decode()
    with taken_back():
        answer = stage.browser(who).open(
            address if address.startswith("/") else "/", method=place.method, query_string=query
        )
        check(answer, f"{place.method} {address[:200]!r}?{query[:300]}")


HUGE = ("9" * 18, "9223372036854775808", "9" * 5000)


def test_no_number_is_too_large_for_an_address(stage: Stage) -> None:
    """In the path, as `id` after the question mark, and as the id a form sends."""
    known = {str(place): place for place in stage.places if place.is_desk or "<int" in place.rule}
    browsers = {who: stage.browser(who) for who in ("staff", "buyer")}
    for turn, place in enumerate(known.values()):
        # Every size in a path; in turns where the number is only sent along, for there are many such tables.
        for number in HUGE if "<int" in place.rule else (HUGE[turn % len(HUGE)],):
            address = re.sub(r"<int[^>]*>", number, place.rule)
            part = "data" if place.method in UNSAFE else "query_string"
            with taken_back():
                answer = browsers["staff" if place.is_desk else "buyer"].open(
                    address.replace("<export_type>", "csv"),
                    method=place.method,
                    **{part: {"id": number, "page": number}},
                )
                check(answer, f"{place} with {number[:20]}")


def test_no_body_breaks_a_door(stage: Stage) -> None:
    """Every body at every unsafe address, one person who is let in at each."""
    doors = {str(place): place for place in stage.places if place.method in UNSAFE}
    for turn, place in enumerate(doors.values()):
        if place.address.startswith(_ENDS_THE_SESSION):
            continue
        browser = stage.browser("staff" if place.is_desk else "buyer")
        # What a request is made of is read before any view sees it, so the doors take turns.
        for kind, body in BODIES[turn % 6 :: 6] if place.is_desk else BODIES[turn % 2 :: 2]:
            with taken_back():
                answer = browser.open(place.address, method=place.method, data=body, content_type=kind)
                check(answer, f"{place} with {kind} {body[:60]!r}")


def test_no_file_breaks_an_upload(stage: Stage) -> None:
    forms = [form for form in stage.forms if form.files]
    assert {form.who for form in forms} >= {"applicant", "buyer", "staff"}
    for form in forms:
        for name, (content, called) in FILES.items():
            files = {field: (io.BytesIO(content), called) for field in form.files}
            with taken_back():
                answer = stage.browser(form.who).post(
                    form.action, data={**dict(form.fields), **files}, content_type="multipart/form-data"
                )
                check(answer, f"{form} with {name}")


# --- What is sent along is not believed ---------------------------------------------------------------------------


def facts(shop: SmallShop) -> dict[str, Any]:
    """What no form of a buyer, an applicant or a guest may change."""
    db.session.rollback()
    db.session.expire_all()

    def rows(*columns: Any) -> list[Any]:
        return [tuple(row) for row in db.session.execute(db.select(*columns).order_by(columns[0]))]

    own_business = (Business.id == shop.business.id, Business.status, Business.group_id, Business.staff_note)
    order = (
        Order.id == shop.order.id,
        Order.total_cents,
        Order.subtotal_cents,
        Order.business_id,
        Order.user_id,
    )
    return {
        "prices": rows(Sku.id, Sku.price_cents, Sku.is_active, Sku.case_pack, Sku.minimum_quantity),
        "breaks": rows(PriceBreak.id, PriceBreak.unit_price_cents, PriceBreak.price_list_id),
        "products": rows(Product.id, Product.name, Product.is_active),
        "rights": rows(User.id, User.role, User.business_id, User.status),
        "business": [row for row in rows(*own_business) if row[0]],
        "groups": {row[1:] for row in rows(Business.id, Business.group_id) if row[1]},
        "order": [row for row in rows(*order) if row[0]],
    }


def planted(shop: SmallShop) -> list[tuple[bytes, bytes]]:
    """Fields no form has, under every name a careless shop would read them by."""
    sneaked = {
        "price": "1", "price_cents": "1", "unit_price": "0.01", "unit_price_cents": "1", "seen_price_cents": "1", "subtotal_cents": "1",
        "total": "1", "total_cents": "1", "amount": "1", "amount_cents": "1", "tax_cents": "0", "discount": "99", "shipping_cents": "0",
        "business_id": str(shop.business.id), "business": str(shop.business.id), "user_id": str(shop.buyer.id), "user": str(shop.buyer.id),
        "group_id": "1", "group": "1", "price_list_id": "1", "status": "approved", "role": "shop_owner", "is_staff": "1", "is_admin": "y",
        "is_active": "", "email_verified_at": "2026-01-01", "approved": "y", "cart_id": "1", "order_id": str(shop.order.id),
        "session_epoch": "9", "staff_note": "approved", "verified_by_id": "1",
    }  # fmt: skip
    return [(name.encode(), value.encode()) for name, value in sneaked.items()]


def test_planted_prices_totals_and_owners_change_nothing(stage: Stage) -> None:
    before = facts(stage.shop)
    old_users = {row[0] for row in before["rights"]}
    for form in (each for each in stage.forms if each.who != "staff"):
        own = {name for name, _ in form.fields}
        pairs = as_typed(form)
        pairs += [(name, value) for name, value in planted(stage.shop) if name.decode() not in own]
        with taken_back():
            answer = stage.browser(form.who).post(form.action, data=encoded(pairs), content_type=URLENCODED)
            check(answer, form)
            now = facts(stage.shop)
            added = [row for row in now["rights"] if row[0] not in old_users]
            assert all(row[1:3] == (Role.BUSINESS_OWNER, None) for row in added), f"{form} let somebody in"
            now["rights"] = [row for row in now["rights"] if row[0] in old_users]
            assert now == before, f"{form} believed what was planted"


# --- Sent once more -----------------------------------------------------------------------------------------------


def send(stage: Stage, form: Form) -> TestResponse:
    answer = stage.browser(form.who).post(form.action, data=encoded(as_typed(form)), content_type=URLENCODED)
    check(answer, form)
    return answer


def test_every_form_may_be_sent_again(stage: Stage) -> None:
    """The same bytes a second time, as after Back or a press too many: answered, and no bug."""
    for form in stage.forms:
        with taken_back():
            send(stage, form)
            send(stage, form)


def test_a_link_from_a_mail_works_once(stage: Stage) -> None:
    [verify, reset] = [
        next(place.address for place in stage.places if place.endpoint == endpoint)
        for endpoint in ("registration.verify", "accounts.reset")
    ]
    for address, typed in ((verify, {}), (reset, {"password": "another horse battery staple"})):
        with taken_back():
            answers = [stage.browser("guest").post(address, data=typed).status_code for _ in range(2)]
            assert answers == [303, 410], address


def test_a_checkout_sent_again_makes_no_second_order(stage: Stage) -> None:
    [form] = [form for form in stage.forms if form.action == "/checkout/place"]
    before = len(db.session.scalars(db.select(Order.id)).all())
    with taken_back():
        first, second = send(stage, form), send(stage, form)
        assert first.location == second.location
        assert first.location.startswith("/checkout/done/")
        db.session.rollback()
        assert len(db.session.scalars(db.select(Order.id)).all()) == before + 1
