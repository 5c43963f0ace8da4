"""From the registration form to a confirmed address, and what strangers cannot learn on the way."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask

from app.accounts.models import TokenPurpose, User, UserToken
from app.accounts.permissions import Role
from app.accounts.tokens import sign_token
from app.extensions import db
from app.registration.pending import open_pending
from app.registration.register import Register, register
from app.shared import clock
from app.shared.history import list_history
from app.shared.transaction import transaction
from tests.client import ShopClient, read_html, read_text, sign_in
from tests.factories import make_shop, make_user
from tests.mailbox import Mails

GOOD = "a brass lantern by the door"

pytestmark = pytest.mark.usefixtures("shop")


@pytest.fixture
def shop(app: Flask) -> None:
    make_shop()


def fill_in(
    client: ShopClient, email: str = "ada@example.com", name: str = "Ada Palmer", password: str = GOOD
):
    return client.submit(client.get("/register"), "#register-form", name=name, email=email, password=password)


def find_user(email: str) -> User | None:
    db.session.expire_all()
    return db.session.scalars(db.select(User).filter_by(email=email)).one_or_none()


def link_to(mails: Mails, email: str) -> str:
    found = re.search(r"http://localhost(/verify/\S+)", mails.last_to(email).text)
    assert found
    return found.group(1)


def make_time_pass(seconds: int) -> None:
    """Make every link as old as if it had been sent so long ago."""
    with transaction():
        for token in db.session.scalars(db.select(UserToken)):
            token.created_at -= timedelta(seconds=seconds)
            token.expires_at -= timedelta(seconds=seconds)


def test_the_page_before_says_who_what_how_long_and_what_next(client: ShopClient):
    words = read_text(client.get("/register"))
    for promised in (
        "Who can apply",
        "What you need",
        "EIN",
        "about 3 minutes",
        "What happens next",
        "business day",
    ):
        assert promised in words


def test_the_form_asks_for_no_more_than_four_things(client: ShopClient):
    fields = read_html(client.get("/register")).select("#register-form .field input")
    assert len(fields) <= 4
    assert all(field.get("autocomplete") for field in fields)


def test_a_stranger_becomes_a_confirmed_user(
    client: ShopClient, mails: Mails, run_jobs: Callable[..., object]
):
    sent = fill_in(client, email=" Ada@Example.com ")
    assert "ada@example.com" in read_text(sent)
    user = find_user("ada@example.com")
    assert user is not None
    assert (user.name, user.role, user.is_verified) == ("Ada Palmer", Role.BUSINESS_OWNER, False)
    run_jobs()
    page = client.get(link_to(mails, "ada@example.com"))
    assert page.status_code == 200
    assert not find_user("ada@example.com").is_verified
    confirmed = client.submit(page, "#verify-form")
    assert "is confirmed" in read_text(confirmed)
    assert find_user("ada@example.com").is_verified
    run_jobs()
    assert "Welcome" in mails.last_to("ada@example.com").subject
    assert [entry.event for entry in list_history("user", user.id)] == ["registered", "address_confirmed"]


def test_the_link_works_in_another_browser(
    app: Flask, client: ShopClient, mails: Mails, run_jobs: Callable[..., object]
):
    fill_in(client)
    run_jobs()
    other = app.test_client()
    page = other.submit(other.get(link_to(mails, "ada@example.com")), "#verify-form")
    assert page.request.path == "/login"
    assert find_user("ada@example.com").is_verified
    assert client.get("/register/check-mail").location == "/login"


def test_a_program_that_opens_links_confirms_nothing(
    client: ShopClient, mails: Mails, run_jobs: Callable[..., object]
):
    fill_in(client)
    run_jobs()
    link = link_to(mails, "ada@example.com")
    for _ in range(3):
        assert client.get(link).status_code == 200
        assert client.head(link).status_code == 200
    assert not find_user("ada@example.com").is_verified


def test_somebody_signed_in_goes_straight_on_after_confirming(
    client: ShopClient, mails: Mails, run_jobs: Callable[..., object]
):
    fill_in(client)
    run_jobs()
    sign_in(client, find_user("ada@example.com"))
    answer = client.post(link_to(mails, "ada@example.com"))
    assert answer.location.startswith("/account/business")


def test_a_link_confirms_once_and_says_so_kindly_the_second_time(
    client: ShopClient, mails: Mails, run_jobs: Callable[..., object]
):
    fill_in(client)
    run_jobs()
    link = link_to(mails, "ada@example.com")
    assert client.post(link).status_code == 303
    again = client.post(link)
    assert again.status_code == 410
    assert "all is well" in read_text(again)


def test_a_link_expires(client: ShopClient, mails: Mails, run_jobs: Callable[..., object]):
    fill_in(client)
    run_jobs()
    make_time_pass(49 * 3600)
    assert "expired" in read_text(client.get(link_to(mails, "ada@example.com")))


def test_the_answer_is_the_same_for_known_and_unknown_addresses(app: Flask, client: ShopClient):
    make_user(email="known@example.com")
    stranger = app.test_client()
    known, unknown = fill_in(client, "known@example.com"), fill_in(stranger, "other@example.com")
    assert known.request.path == unknown.request.path == "/register/check-mail"
    assert known.status_code == unknown.status_code == 200
    said = [read_text(page) for page in (known, unknown)]
    assert said[0].replace("known@", "…@") == said[1].replace("other@", "…@")


def test_the_browser_is_told_nothing_in_its_cookie_either(app: Flask):
    make_user(email="known@example.com")
    sealed = []
    for email in ("known@example.com", "other@example.com"):
        browser = app.test_client()
        fill_in(browser, email)
        with browser.session_transaction() as session:
            sealed.append(session["registration"])
            assert email not in str(dict(session))
    assert len(sealed[0]) == len(sealed[1])


def test_a_known_address_gets_a_mail_and_keeps_its_password(
    app: Flask, client: ShopClient, mails: Mails, run_jobs: Callable[..., object]
):
    known = make_user(email="known@example.com")
    before = known.password_hash
    fill_in(client, "known@example.com", name="Eve")
    run_jobs()
    assert "already" in mails.last_to("known@example.com").subject
    db.session.refresh(known)
    assert (known.name, known.password_hash) == ("Ada Palmer", before)


def test_nobody_can_slip_a_password_under_an_address_that_waits_for_confirmation(
    app: Flask, client: ShopClient, mails: Mails, run_jobs: Callable[..., object]
):
    fill_in(client, password=GOOD)
    fill_in(app.test_client(), password="the password of a stranger")
    run_jobs()
    owner = app.test_client()
    owner.post(link_to_first(mails), data={})
    owner.post("/login", data={"email": "ada@example.com", "password": "the password of a stranger"})
    assert owner.get("/account").status_code == 303
    owner.post("/login", data={"email": "ada@example.com", "password": GOOD})
    assert owner.get("/account").status_code == 200


def link_to_first(mails: Mails) -> str:
    [found] = {
        link for mail in mails.all() for link in re.findall(r"http://localhost(/verify/\S+)", mail.text)
    }
    return found


def test_two_registrations_of_one_address_at_once_leave_one_user(app: Flask):
    for _ in range(2):
        command = Register(email="ada@example.com", name="Ada", password=GOOD)
        register(command, now=clock.now(), lifetime=timedelta(hours=48))
    assert len(list(db.session.scalars(db.select(User)))) == 1


@pytest.mark.parametrize(
    "facts, field, words",
    [
        ({"email": "ada@"}, "email", "name@example.com"),
        ({"email": ""}, "email", "Enter your e-mail address"),
        ({"name": "  "}, "name", "Enter your name"),
        ({"name": "Buy at https://x.example"}, "name", "without web addresses"),
        ({"name": "x" * 121}, "name", "at most 120"),
        ({"password": "short"}, "password", "at least 10"),
        ({"password": "ada@example.com"}, "password", "easy to guess"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_the_rest_is_kept(
    client: ShopClient, facts: dict[str, str], field: str, words: str
):
    page = fill_in(client, **facts)
    html = read_html(page)
    assert page.status_code == 422
    assert words in html.select_one(f"#{field}-error").get_text()
    assert html.select_one(f".error-summary a[href='#{field}']") is not None
    typed = {"email": "ada@example.com", "name": "Ada Palmer"} | facts
    if field != "name":
        assert html.select_one("#name")["value"] == typed["name"]
    assert html.select_one("#email")["value"] == typed["email"]
    assert db.session.scalars(db.select(User)).all() == []


def test_another_mail_can_be_asked_for_after_half_a_minute(
    client: ShopClient, mails: Mails, run_jobs: Callable[..., object]
):
    fill_in(client)
    run_jobs()
    first = link_to(mails, "ada@example.com")
    soon = client.submit(client.get("/register/check-mail"), "#resend-form")
    assert soon.status_code == 422
    assert re.search(r"in \d+ seconds", read_text(soon))
    age_the_pending_registration(client, 31)
    make_time_pass(31)
    later = client.submit(client.get("/register/check-mail"), "#resend-form")
    assert "Another mail is on its way" in read_text(later)
    run_jobs()
    second = link_to(mails, "ada@example.com")
    assert second != first
    assert client.get(first).status_code == 410
    assert client.post(second).status_code == 303


def age_the_pending_registration(client: ShopClient, seconds: int) -> None:
    with client.session_transaction() as session:
        pending = open_pending(session["registration"])
        session["registration"] = replace(
            pending, sent_at=pending.sent_at - timedelta(seconds=seconds)
        ).seal()


def test_a_wrong_address_is_corrected_without_typing_anything_again(
    client: ShopClient, mails: Mails, run_jobs: Callable[..., object]
):
    fill_in(client, "ada@exmaple.com")
    run_jobs()
    wrong = link_to(mails, "ada@exmaple.com")
    page = client.submit(client.get("/register/check-mail"), "#correct-form", email="ada@example.com")
    assert "on its way to ada@example.com" in read_text(page)
    run_jobs()
    assert client.get(wrong).status_code == 410
    assert client.post(link_to(mails, "ada@example.com")).status_code == 303
    client.post("/login", data={"email": "ada@example.com", "password": GOOD})
    assert client.get("/account").status_code == 200
    assert find_user("ada@exmaple.com") is None


def test_correcting_to_somebody_elses_address_changes_nothing_and_says_nothing(
    client: ShopClient, mails: Mails, run_jobs: Callable[..., object]
):
    make_user(email="known@example.com")
    fill_in(client, "ada@example.com")
    page = client.submit(client.get("/register/check-mail"), "#correct-form", email="known@example.com")
    assert "on its way to known@example.com" in read_text(page)
    run_jobs()
    assert "already" in mails.last_to("known@example.com").subject
    assert find_user("ada@example.com") is not None


def test_after_mistyping_a_known_address_the_right_one_still_gets_its_account(
    client: ShopClient, mails: Mails, run_jobs: Callable[..., object]
):
    make_user(email="known@example.com")
    fill_in(client, "known@example.com")
    client.submit(client.get("/register/check-mail"), "#correct-form", email="ada@example.com")
    run_jobs()
    client.post(link_to(mails, "ada@example.com"))
    client.post("/login", data={"email": "ada@example.com", "password": GOOD})
    assert client.get("/account").status_code == 200


def test_a_confirmed_address_cannot_be_changed_from_an_old_page(
    app: Flask, client: ShopClient, mails: Mails, run_jobs: Callable[..., object]
):
    fill_in(client)
    run_jobs()
    page = client.get("/register/check-mail")
    app.test_client().post(link_to(mails, "ada@example.com"))
    client.submit(page, "#correct-form", email="eve@example.com")
    assert find_user("eve@example.com") is None
    assert find_user("ada@example.com").is_verified


def test_somebody_signed_in_but_unconfirmed_can_resend_and_correct(
    client: ShopClient, mails: Mails, run_jobs: Callable[..., object]
):
    user = make_user(verified=False, email="old@example.com")
    sign_in(client, user)
    age = timedelta(minutes=5)
    with transaction():
        db.session.get_one(User, user.id).created_at = clock.now() - age
    resent = client.submit(client.get("/register/check-mail"), "#resend-form")
    assert "Another mail is on its way to old@example.com" in read_text(resent)
    client.submit(client.get("/register/check-mail"), "#correct-form", email="new@example.com")
    run_jobs()
    client.post(link_to(mails, "new@example.com"))
    assert find_user("new@example.com").is_verified


def test_strangers_without_a_registration_are_led_to_the_form(client: ShopClient):
    assert client.get("/register/check-mail").location == "/register"
    assert client.post("/register/resend").location == "/login"
    assert client.post("/register/correct", data={"email": "a@example.com"}).location == "/login"


def test_a_made_up_registration_in_the_session_is_ignored(client: ShopClient):
    with client.session_transaction() as session:
        session["registration"] = "made up"
    assert client.get("/register/check-mail").location == "/register"


def test_asking_again_looks_the_same_for_a_known_address(
    client: ShopClient, mails: Mails, run_jobs: Callable[..., object]
):
    make_user(email="known@example.com")
    fill_in(client, "known@example.com")
    assert client.submit(client.get("/register/check-mail"), "#resend-form").status_code == 422
    age_the_pending_registration(client, 31)
    page = client.submit(client.get("/register/check-mail"), "#resend-form")
    assert "Another mail is on its way to known@example.com" in read_text(page)
    run_jobs()
    assert [mail.subject.endswith("already") for mail in mails.to("known@example.com")] == [True, True]


def test_nothing_more_is_sent_to_someone_who_has_confirmed_meanwhile(
    app: Flask, client: ShopClient, mails: Mails, run_jobs: Callable[..., object]
):
    fill_in(client)
    run_jobs()
    age_the_pending_registration(client, 31)
    page = client.get("/register/check-mail")
    app.test_client().post(link_to(mails, "ada@example.com"))
    run_jobs()
    before = len(mails.all())
    client.submit(page, "#resend-form")
    run_jobs()
    assert len(mails.all()) == before


def test_a_signed_link_to_nothing_is_explained(app: Flask, client: ShopClient):
    nothing = UserToken(id=10**9, purpose=TokenPurpose.VERIFY_EMAIL)
    page = client.get(f"/verify/{sign_token(nothing, app.config['SECRET_KEY'])}")
    assert page.status_code == 410
    assert "not known" in read_text(page)


def test_a_link_dies_with_the_address_it_was_sent_to(
    client: ShopClient, mails: Mails, run_jobs: Callable[..., object]
):
    fill_in(client)
    run_jobs()
    with transaction():
        find_user("ada@example.com").email = "changed@example.com"
    assert client.post(link_to(mails, "ada@example.com")).status_code == 410
    assert not find_user("changed@example.com").is_verified
