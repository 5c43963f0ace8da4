"""Signing in and out, and who is let through where."""

from __future__ import annotations

import pytest
from flask import Flask

from app.accounts.change_role import change_role
from app.accounts.deactivate_user import deactivate_user
from app.accounts.models import User, UserStatus
from app.accounts.passwords import needs_rehash
from app.accounts.permissions import Role
from app.accounts.reactivate_user import reactivate_user
from app.businesses.status import BusinessStatus
from app.carts.models import Cart, CartLine
from app.extensions import db
from app.shared import clock
from app.shared.errors import AppError, Conflict
from app.shared.history import list_history
from tests.client import ShopClient, read_html, read_text, sign_in
from tests.factories import PASSWORD, make_business, make_buyer, make_shop, make_sku, make_staff, make_user

pytestmark = pytest.mark.usefixtures("shop")


@pytest.fixture
def shop(app: Flask) -> None:
    make_shop()


def log_in(client: ShopClient, email: str, password: str = PASSWORD, address: str = "/login"):
    return client.submit(client.get(address), "#sign-in-form", email=email, password=password)


def is_signed_in(client: ShopClient) -> bool:
    return client.get("/account").status_code == 200


def test_the_right_password_opens_the_account(client: ShopClient):
    buyer = make_buyer()
    log_in(client, buyer.email)
    page = client.get("/account")
    assert buyer.name in read_text(page)
    db.session.refresh(buyer)
    assert buyer.last_sign_in_at is not None


def test_an_address_may_be_typed_with_capitals_and_spaces(client: ShopClient):
    buyer = make_buyer()
    log_in(client, f"  {buyer.email.upper()} ")
    assert is_signed_in(client)


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(client: ShopClient):
    buyer = make_buyer()
    wrong = log_in(client, buyer.email, "not the password at all")
    unknown = log_in(client, "nobody@example.com", "not the password at all")
    assert wrong.status_code == unknown.status_code == 422
    said = [read_html(page).select_one(".error-summary").get_text() for page in (wrong, unknown)]
    assert said[0] == said[1]
    assert "do not belong together" in said[0]
    assert not is_signed_in(client)


def test_what_was_typed_stays_except_the_password(client: ShopClient):
    page = read_html(log_in(client, "ada@example.com", "not the password at all"))
    assert page.select_one("#email")["value"] == "ada@example.com"
    assert not page.select_one("#password").get("value")
    assert page.title.get_text().startswith("Error:")


def test_empty_fields_are_named_beside_them(client: ShopClient):
    page = log_in(client, "", "")
    assert page.status_code == 422
    assert read_html(page).select_one("#email-error") is not None
    assert read_html(page).select_one("#password")["aria-invalid"] == "true"


def test_signing_in_leads_back_to_where_one_wanted_to_go(client: ShopClient):
    buyer = make_buyer()
    first = client.get("/orders/?status=paid")
    assert first.status_code == 303
    page = log_in(client, buyer.email, address=first.location)
    assert page.request.path == "/orders/"
    assert page.request.query_string == b"status=paid"


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "\t//evil.example",
    ],
)
def test_nobody_is_sent_to_another_site_after_signing_in(client: ShopClient, wanted: str):
    buyer = make_buyer()
    answer = client.post(
        "/login", query_string={"next": wanted}, data={"email": buyer.email, "password": PASSWORD}
    )
    assert answer.status_code == 303
    assert answer.location == "/"


def test_htmx_is_told_to_load_the_sign_in_page_and_come_back_to_its_own(client: ShopClient):
    answer = client.hx("/orders/", headers={"HX-Current-URL": "http://localhost/catalog?sort=name"})
    assert answer.headers["HX-Redirect"] == "/login?next=/catalog?sort%3Dname"


def test_whoever_has_told_nothing_about_the_business_is_asked_for_it(client: ShopClient):
    user = make_user()
    answer = client.post("/login", data={"email": user.email, "password": PASSWORD})
    assert answer.location.startswith("/account/business")


def test_whoever_has_not_confirmed_the_address_is_told_how(client: ShopClient):
    user = make_user(verified=False)
    page = log_in(client, user.email)
    assert page.request.path == "/register/check-mail"
    assert user.email in read_text(page)


def test_staff_come_to_the_back_office(client: ShopClient):
    answer = client.post("/login", data={"email": make_staff().email, "password": PASSWORD})
    assert answer.location == "/admin/"


def test_a_guests_list_is_in_the_cart_after_signing_in(client: ShopClient):
    buyer, sku = make_buyer(), make_sku()
    with client.session_transaction() as session:
        session["wanted"] = [[sku.id, 4]]
    log_in(client, buyer.email)
    cart = db.session.scalars(db.select(Cart).filter_by(open_user_id=buyer.id)).one()
    [line] = db.session.scalars(db.select(CartLine).filter_by(cart_id=cart.id))
    assert (line.sku_id, line.quantity) == (sku.id, 4)
    with client.session_transaction() as session:
        assert "wanted" not in session


def test_what_was_planted_in_the_session_is_gone_after_signing_in(client: ShopClient):
    buyer = make_buyer()
    with client.session_transaction() as session:
        session["planted"] = "by a stranger"
        session["csrf_token"] = "known to a stranger"
    client.post("/login", data={"email": buyer.email, "password": PASSWORD})
    with client.session_transaction() as session:
        assert "planted" not in session
        assert session.get("csrf_token") != "known to a stranger"
        assert session["_user_id"] == buyer.get_id()


def test_signing_out_leaves_nothing_behind(client: ShopClient):
    buyer = make_buyer()
    log_in(client, buyer.email)
    answer = client.post("/logout")
    assert answer.status_code == 303
    with client.session_transaction() as session:
        assert set(session) <= {"_flashes", "csrf_token"}
    assert not is_signed_in(client)


def test_signing_out_is_never_a_link(client: ShopClient):
    assert client.get("/logout").status_code == 405


def test_an_old_hash_is_renewed_at_sign_in(client: ShopClient):
    buyer = make_buyer()
    assert needs_rehash(buyer.password_hash)
    log_in(client, buyer.email)
    db.session.refresh(buyer)
    assert not needs_rehash(buyer.password_hash)
    client.post("/logout")
    log_in(client, buyer.email)
    assert is_signed_in(client)


def test_a_deactivated_person_is_out_at_the_next_request_on_every_device(app: Flask, client: ShopClient):
    buyer, owner = make_buyer(), make_staff()
    phone = app.test_client()
    for device in (client, phone):
        sign_in(device, buyer)
        assert is_signed_in(device)
    deactivate_user(buyer.id, actor=owner.as_actor, now=clock.now(), reason="Left the company")
    assert not is_signed_in(client)
    assert not is_signed_in(phone)
    assert "deactivated" in read_text(log_in(client, buyer.email))
    entry = list_history("user", buyer.id)[-1]
    assert (entry.event, entry.reason, entry.actor_id) == ("deactivated", "Left the company", owner.id)


def test_a_wrong_password_does_not_tell_that_an_account_is_deactivated(client: ShopClient):
    user = make_user(status=UserStatus.DEACTIVATED)
    assert "deactivated" not in read_text(log_in(client, user.email, "not the password at all"))


def test_a_reactivated_person_signs_in_afresh(client: ShopClient):
    buyer, owner = make_buyer(), make_staff()
    sign_in(client, buyer)
    deactivate_user(buyer.id, actor=owner.as_actor, now=clock.now())
    reactivate_user(buyer.id, actor=owner.as_actor, now=clock.now())
    assert not is_signed_in(client)
    log_in(client, buyer.email)
    assert is_signed_in(client)
    with pytest.raises(Conflict):
        reactivate_user(buyer.id, actor=owner.as_actor, now=clock.now())


def test_the_last_shop_owner_can_neither_be_shut_out_nor_lose_the_role():
    only, helper = make_staff(Role.SHOP_OWNER), make_staff(Role.SUPPORT)
    with pytest.raises(AppError, match="only shop owner"):
        deactivate_user(only.id, actor=helper.as_actor, now=clock.now())
    with pytest.raises(AppError, match="only shop owner"):
        change_role(only.id, Role.SUPPORT, actor=helper.as_actor, now=clock.now())
    make_staff(Role.SHOP_OWNER)
    deactivate_user(only.id, actor=helper.as_actor, now=clock.now())
    assert db.session.get_one(User, only.id).status is UserStatus.DEACTIVATED


def test_nobody_changes_their_own_rights_or_shuts_themselves_out():
    owner = make_staff()
    make_staff()
    with pytest.raises(AppError, match="your own"):
        deactivate_user(owner.id, actor=owner.as_actor, now=clock.now())
    with pytest.raises(AppError, match="your own"):
        change_role(owner.id, Role.SUPPORT, actor=owner.as_actor, now=clock.now())


def test_a_new_role_holds_at_once_and_is_written_down(client: ShopClient):
    owner, helper = make_staff(), make_staff(Role.SUPPORT)
    sign_in(client, helper)
    change_role(helper.id, Role.FINANCE, actor=owner.as_actor, now=clock.now())
    assert not is_signed_in(client)
    assert db.session.get_one(User, helper.id).role is Role.FINANCE
    entry = list_history("user", helper.id)[-1]
    assert entry.details == {"before": "support", "after": "finance"}


def test_giving_somebody_the_role_they_have_changes_nothing(client: ShopClient):
    owner, helper = make_staff(), make_staff(Role.SUPPORT)
    sign_in(client, helper)
    change_role(helper.id, Role.SUPPORT, actor=owner.as_actor, now=clock.now())
    assert is_signed_in(client)
    assert list_history("user", helper.id) == []


def test_someone_who_buys_for_a_business_cannot_become_staff():
    owner, buyer = make_staff(), make_buyer()
    with pytest.raises(AppError, match="separate account"):
        change_role(buyer.id, Role.SUPPORT, actor=owner.as_actor, now=clock.now())


def test_the_account_page_says_where_the_business_stands(client: ShopClient):
    sign_in(client, make_buyer(make_business(BusinessStatus.SUBMITTED)))
    assert "Waiting for review" in read_text(client.get("/account"))
