"""How a session begins, what its cookie is like, how long it lasts, and how it is ended from anywhere."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.accounts.change_role import change_role
from app.accounts.end_sessions import end_all_sessions, forget_ended_sessions
from app.accounts.models import User, UserSession
from app.accounts.open_session import digest_key
from app.accounts.permissions import Role
from app.accounts.sessions import KEY, SEEN
from app.extensions import db
from app.shared import clock
from app.shared.history import Actor, list_history
from app.shared.transaction import transaction
from tests.client import ShopClient, read_html, read_text, sign_in
from tests.factories import PASSWORD, make_buyer, make_sku, make_staff
from tests.walking.people import browser_of

pytestmark = pytest.mark.usefixtures("facts")

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Version/18.5 Mobile/15E148 Safari/604.1"
OWNER = Actor(None, "Grace Hill")


def log_in(browser: ShopClient, user: User, **more: object):
    answer = browser.post("/login", data={"email": user.email, "password": PASSWORD}, **more)
    assert answer.status_code == 303
    return answer


def is_in(browser: ShopClient) -> bool:
    return browser.get("/account").status_code == 200


def key_of(browser: ShopClient) -> str:
    with browser.session_transaction() as session:
        return str(session.get(KEY, ""))


def rows_of(user: User) -> list[UserSession]:
    return list(db.session.scalars(select(UserSession).filter_by(user_id=user.id).order_by(UserSession.id)))


def change_row(user: User, **values: object) -> None:
    with transaction():
        db.session.execute(update(UserSession).where(UserSession.user_id == user.id).values(**values))


def let_lie(browser: ShopClient, pause: timedelta) -> None:
    """As if the last page had been looked at so long ago."""
    with browser.session_transaction() as session:
        session[SEEN] -= int(pause.total_seconds())


# --- How it begins -----------------------------------------------------------------------------------------------


def test_each_sign_in_has_a_key_of_its_own_and_the_database_cannot_tell_it(app: Flask, client: ShopClient):
    buyer = make_buyer()
    log_in(client, buyer)
    other = browser_of(app, None)
    log_in(other, buyer)
    keys = {key_of(client), key_of(other)}
    assert len(keys) == 2
    assert all(len(key) >= 43 for key in keys)  # 32 random bytes
    assert {row.key_digest for row in rows_of(buyer)} == {digest_key(key) for key in keys}


def test_a_key_planted_before_signing_in_is_worth_nothing_afterwards(client: ShopClient):
    buyer, thief = make_buyer(), make_buyer()
    sign_in(client, thief)
    planted = key_of(client)
    client.post("/logout")
    with client.session_transaction() as session:
        session[KEY] = planted
    log_in(client, buyer)
    assert key_of(client) != planted
    assert not rows_of(thief)


def test_a_cookie_made_before_there_were_keys_signs_nobody_in(client: ShopClient):
    buyer = make_buyer()
    with client.session_transaction() as session:
        session["_user_id"] = buyer.get_id()
    assert not is_in(client)


def test_a_key_opens_no_other_account(client: ShopClient):
    buyer, other = make_buyer(), make_buyer()
    sign_in(client, buyer)
    with client.session_transaction() as session:
        session["_user_id"] = other.get_id()
    assert not is_in(client)


def test_a_new_password_renews_the_key_here_and_ends_every_other_device(app: Flask, client: ShopClient):
    buyer = make_buyer()
    phone = browser_of(app, buyer)
    log_in(client, buyer)
    before = key_of(client)
    client.post("/account/security", data={"current": PASSWORD, "new": "another horse battery staple"})
    assert is_in(client)
    assert key_of(client) != before
    assert not is_in(phone)
    assert digest_key(before) not in {row.key_digest for row in rows_of(buyer)}


def test_a_new_role_signs_a_person_out_so_that_the_next_session_has_a_new_key(client: ShopClient):
    staff = make_staff(Role.SUPPORT)
    sign_in(client, staff)
    change_role(staff.id, Role.FINANCE, actor=OWNER, now=clock.now())
    assert not is_in(client)


def test_signing_out_ends_the_session_on_the_server_so_that_a_copied_cookie_is_dead(
    app: Flask, client: ShopClient
):
    buyer = make_buyer()
    sign_in(client, buyer)
    with client.session_transaction() as session:
        copied = dict(session)
    client.post("/logout")
    thief = browser_of(app, None)
    with thief.session_transaction() as session:
        session.update(copied)
    assert not is_in(thief)
    assert not rows_of(buyer)


# --- The cookie --------------------------------------------------------------------------------------------------


def test_on_https_the_cookie_is_bound_to_this_very_host(on_https: Flask, client: ShopClient):
    answer = client.get("/login", base_url="https://localhost")
    [cookie] = answer.headers.getlist("Set-Cookie")
    name, *flags = (part.strip() for part in cookie.split(";"))
    assert name.startswith("__Host-tradepost=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(flags)
    assert not any(flag.lower().startswith("domain") for flag in flags)


def test_on_https_every_other_cookie_is_bound_to_it_too(on_https: Flask, client: ShopClient):
    make_sku()
    answer = client.get("/catalog?view=table", base_url="https://localhost")
    [cookie] = [each for each in answer.headers.getlist("Set-Cookie") if "listing_view" in each]
    name, *flags = (part.strip() for part in cookie.split(";"))
    assert name == "__Host-listing_view=table"
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(flags)
    assert not any(flag.lower().startswith("domain") for flag in flags)
    remembered = client.get("/catalog", base_url="https://localhost")
    assert read_html(remembered).select_one("#view-table[aria-current=true]")


def test_a_cookie_is_the_only_one_and_hidden_from_scripts_without_https_too(client: ShopClient):
    [cookie] = log_in(client, make_buyer()).headers.getlist("Set-Cookie")
    assert cookie.startswith("tradepost=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_files_carry_no_cookie_so_that_nobody_keeps_one_with_them(client: ShopClient):
    log_in(client, make_buyer())
    with client.get("/static/shop.css") as file:
        assert "Set-Cookie" not in file.headers


def test_the_cookie_holds_no_secret_and_nothing_about_the_person(client: ShopClient):
    buyer = make_buyer()
    log_in(client, buyer)
    client.get("/account")
    with client.session_transaction() as session:
        told = {name: value for name, value in session.items() if name not in {KEY, "csrf_token"}}
    assert set(told) <= {"_user_id", "_fresh", "_id", "_permanent", "_flashes", SEEN}
    assert buyer.email not in repr(told)


# --- How long it lasts -------------------------------------------------------------------------------------------


def test_a_buyers_session_ends_after_two_weeks_without_a_page(client: ShopClient):
    sign_in(client, make_buyer())
    let_lie(client, timedelta(days=13))
    assert is_in(client)
    let_lie(client, timedelta(days=14, minutes=1))
    assert not is_in(client)


def test_a_staff_session_ends_after_four_hours_without_a_page(client: ShopClient):
    sign_in(client, make_staff())
    let_lie(client, timedelta(hours=3, minutes=55))
    assert is_in(client)
    let_lie(client, timedelta(hours=4, minutes=1))
    assert not is_in(client)


@pytest.mark.parametrize(
    "make, lifetime", [(make_buyer, timedelta(days=30)), (make_staff, timedelta(hours=12))]
)
def test_a_session_has_an_end_however_busy_it_is(client: ShopClient, make, lifetime: timedelta):
    user = make()
    log_in(client, user)
    [row] = rows_of(user)
    assert row.ends_at - row.began_at == lifetime
    assert is_in(client)
    change_row(user, ends_at=clock.now())
    assert not is_in(client)


def test_each_page_counts_as_use_and_a_cookie_says_so_anew_at_most_every_five_minutes(client: ShopClient):
    sign_in(client, make_buyer())
    client.get("/account")  # the first page with a form adds its token
    assert "Set-Cookie" not in client.get("/account").headers
    let_lie(client, timedelta(minutes=6))
    assert "Set-Cookie" in client.get("/account").headers
    assert "Set-Cookie" not in client.get("/account").headers


def test_looking_at_pages_writes_nothing_and_sending_something_notes_the_device_was_seen(
    client: ShopClient, count_queries
):
    buyer = make_buyer()
    sign_in(client, buyer)
    long_ago = clock.now() - timedelta(hours=3)
    change_row(buyer, seen_at=long_ago)
    with count_queries() as queries:
        client.get("/account")
    assert not queries.writes
    client.post("/cart/prices")
    [row] = rows_of(buyer)
    assert row.seen_at > long_ago


def test_the_time_a_device_was_seen_is_written_at_most_every_ten_minutes(client: ShopClient, count_queries):
    buyer = make_buyer()
    sign_in(client, buyer)
    with count_queries() as queries:
        client.post("/cart/prices")
    assert not [query for query in queries.writes if "user_sessions" in query]


def test_sessions_whose_time_is_up_are_forgotten(app: Flask, client: ShopClient):
    old, new = make_buyer(), make_buyer()
    sign_in(client, old)
    change_row(old, ends_at=clock.now() - timedelta(seconds=1))
    sign_in(browser_of(app, None), new)
    forget_ended_sessions(clock.now())
    assert not rows_of(old)
    assert rows_of(new)


# --- Seen and ended by the person -----------------------------------------------------------------------------------


def test_a_person_sees_where_they_are_signed_in(app: Flask, client: ShopClient):
    buyer = make_buyer()
    log_in(client, buyer, headers={"User-Agent": FIREFOX})
    log_in(
        browser_of(app, None),
        buyer,
        headers={"User-Agent": IPHONE},
        environ_base={"REMOTE_ADDR": "203.0.113.77"},
    )
    text = read_text(client.get("/account/security"))
    assert "Firefox on Linux (this device)" in text
    assert "Safari on iPhone" in text
    assert "203.0.113.x" in text
    assert "203.0.113.77" not in text


def test_one_device_is_signed_out_and_the_others_stay(app: Flask, client: ShopClient):
    buyer = make_buyer()
    sign_in(client, buyer)
    phone, tablet = browser_of(app, buyer), browser_of(app, buyer)
    lost = next(row.id for row in rows_of(buyer) if row.key_digest == digest_key(key_of(phone)))
    page = client.submit(client.get("/account/security"), f"#session-{lost} form")
    assert "That device is signed out." in read_text(page)
    assert [is_in(each) for each in (client, phone, tablet)] == [True, False, True]
    assert "device_signed_out" in {entry.event for entry in list_history("user", buyer.id)}


def test_signing_out_ones_own_line_is_signing_out(client: ShopClient):
    buyer = make_buyer()
    sign_in(client, buyer)
    [row] = rows_of(buyer)
    answer = client.post(f"/account/security/sessions/{row.id}/end")
    assert answer.location == "/login"
    assert not is_in(client)


def test_nobody_ends_a_session_of_somebody_else(app: Flask, client: ShopClient):
    buyer, other = make_buyer(), make_buyer()
    victim = browser_of(app, other)
    sign_in(client, buyer)
    [row] = rows_of(other)
    assert client.post(f"/account/security/sessions/{row.id}/end").status_code == 404
    assert is_in(victim)


def test_every_device_at_once(app: Flask, client: ShopClient):
    buyer = make_buyer()
    sign_in(client, buyer)
    phone = browser_of(app, buyer)
    client.post("/account/security/sign-out-everywhere")
    assert not is_in(client)
    assert not is_in(phone)


def test_the_list_leaves_out_sessions_that_a_new_password_ended(app: Flask, client: ShopClient):
    buyer = make_buyer()
    log_in(browser_of(app, None), buyer, headers={"User-Agent": IPHONE})
    log_in(client, buyer, headers={"User-Agent": FIREFOX})
    client.post("/account/security", data={"current": PASSWORD, "new": "another horse battery staple"})
    assert "iPhone" not in read_text(client.get("/account/security"))


def test_everybody_can_be_signed_out_at_once(app: Flask, client: ShopClient):
    sign_in(client, make_buyer())
    staff = browser_of(app, make_staff())
    assert end_all_sessions(actor=OWNER, now=clock.now()) == 2
    assert not is_in(client)
    assert not is_in(staff)
