"""A second factor: setting it up, signing in with it, and what becomes of a lost phone."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.accounts.log_out_everywhere import log_out_everywhere
from app.accounts.models import User
from app.accounts.permissions import Role
from app.extensions import db
from app.outbox.kinds import Kind
from app.outbox.models import OutboxRow
from app.second_factor.answer_code import AnswerCode, CodeRefused, HalfSignInOver, answer_code
from app.second_factor.models import RecoveryCode, SecondFactor
from app.shared import clock
from app.shared.history import list_history
from app.shared.secret_box import secret_box
from app.shared.transaction import transaction
from app.shop.models import ShopFacts
from tests.client import ShopClient, read_html, read_text, sign_in
from tests.factories import PASSWORD, make_buyer, make_shop, make_staff, make_user
from tests.second_factors import RECOVERY_CODES, Phone, make_second_factor

PAGE = "/account/second-factor"


@pytest.fixture(autouse=True)
def shop(app: Flask) -> None:
    make_shop()


def type_password(client: ShopClient, user: User, password: str = PASSWORD, address: str = "/login"):
    return client.submit(client.get(address), "#sign-in-form", email=user.email, password=password)


def type_code(client: ShopClient, page: TestResponse, code: str) -> TestResponse:
    return client.submit(page, "#code-form", code=code)


def is_signed_in(client: ShopClient) -> bool:
    return client.get("/account").status_code == 200


def begin(client: ShopClient) -> Phone:
    """Show the picture; the phone takes the secret from the words beside it."""
    page = client.submit(client.get(PAGE), "#begin-form", current=PASSWORD)
    return Phone(read_html(page).select_one("#scan code").get_text().replace(" ", ""))


def turn_on(client: ShopClient) -> tuple[Phone, list[str]]:
    phone = begin(client)
    page = client.submit(client.get(PAGE), "#confirm-form", code=phone.code())
    return phone, [each.get_text() for each in read_html(page).select("#codes li")]


def fresh(user: User) -> User:
    db.session.rollback()
    return db.session.get_one(User, user.id, populate_existing=True)


def mails_about(kind: Kind) -> int:
    return len(list(db.session.scalars(db.select(OutboxRow).filter_by(kind=kind))))


def events_of(user: User) -> list[tuple[str, str]]:
    return [(each.event, each.actor_name) for each in list_history("user", user.id)]


def demand_of_staff() -> None:
    with transaction():
        db.session.get_one(ShopFacts, 1).staff_need_second_factor = True


# --- Setting it up -------------------------------------------------------------------------------------------------


def test_it_is_on_once_a_code_of_the_phone_came_back(client: ShopClient):
    owner = make_staff()
    sign_in(client, owner)
    assert "It is off" in read_text(client.get(PAGE))
    _, codes = turn_on(client)
    assert len(codes) == 10
    assert fresh(owner).second_factor_since is not None
    page = read_text(client.get(PAGE))
    assert "It is on" in page
    assert not [each for each in codes if each in page]
    assert events_of(owner) == [("second_factor_on", owner.name)]
    assert mails_about(Kind.MAIL_SECOND_FACTOR_ON) == 1


def test_the_picture_holds_what_the_words_beside_it_say(client: ShopClient):
    sign_in(client, make_buyer())
    client.submit(client.get(PAGE), "#begin-form", current=PASSWORD)
    page = read_html(client.get(PAGE))
    assert page.select_one("#scan img")["src"].startswith("data:image/svg+xml")
    assert re.fullmatch(r"([A-Z2-7]{4} ){7}[A-Z2-7]{4}", page.select_one("#scan code").get_text())


def test_turning_it_on_signs_every_other_device_out_and_this_one_stays(app: Flask, client: ShopClient):
    buyer = make_buyer()
    other = app.test_client()
    assert isinstance(other, ShopClient)
    sign_in(other, buyer)
    sign_in(client, buyer)
    turn_on(client)
    assert is_signed_in(client)
    assert not is_signed_in(other)


def test_the_secret_is_closed_and_the_codes_are_digests_in_the_database(client: ShopClient):
    buyer = make_buyer()
    sign_in(client, buyer)
    phone, codes = turn_on(client)
    stored = db.session.scalars(db.select(SecondFactor).filter_by(user_id=buyer.id)).one()
    assert phone.secret not in stored.secret_encrypted
    assert secret_box.decrypt(stored.secret_encrypted) == phone.secret
    digests = list(db.session.scalars(db.select(RecoveryCode.digest).filter_by(user_id=buyer.id)))
    assert len(set(digests)) == 10
    assert not [each for each in codes if each in digests or each.replace("-", "") in digests]


def test_a_wrong_password_shows_no_picture(client: ShopClient):
    sign_in(client, make_buyer())
    page = client.submit(client.get(PAGE), "#begin-form", current="not the password at all")
    assert page.status_code == 422
    assert "not your present password" in read_html(page).select_one("#current-error").get_text()
    assert not read_html(page).select("#scan")


def test_a_wrong_code_leaves_it_off_and_the_picture_there(client: ShopClient):
    buyer = make_buyer()
    sign_in(client, buyer)
    phone = begin(client)
    page = client.submit(client.get(PAGE), "#confirm-form", code=phone.code(-5))
    assert page.status_code == 422
    assert phone.secret[:4] in read_text(page)
    assert fresh(buyer).second_factor_since is None


def test_a_picture_of_yesterday_turns_nothing_on(client: ShopClient):
    buyer = make_buyer()
    sign_in(client, buyer)
    phone = begin(client)
    page = client.get(PAGE)
    with transaction():
        factor = db.session.scalars(db.select(SecondFactor).filter_by(user_id=buyer.id)).one()
        factor.begun_at -= timedelta(minutes=31)
    answer = client.submit(page, "#confirm-form", code=phone.code())
    assert "more than half an hour ago" in read_text(answer)
    assert "It is off" in read_text(answer)


def test_turning_it_on_twice_changes_nothing(client: ShopClient):
    sign_in(client, make_buyer())
    turn_on(client)
    again = client.post(f"{PAGE}/begin", data={"current": PASSWORD}, follow_redirects=True)
    assert "is on already" in read_text(again)
    assert "It is on" in read_text(again)


# --- Signing in ----------------------------------------------------------------------------------------------------


def test_the_password_alone_opens_nothing(client: ShopClient):
    owner, _ = make_second_factor(make_staff())
    page = type_password(client, owner)
    assert page.request.path == "/login/code"
    assert not is_signed_in(client)
    assert client.get("/admin/").status_code == 303
    assert client.get("/account/security").status_code == 303
    assert fresh(owner).last_sign_in_at is None


def test_password_and_code_open_the_account_and_lead_where_one_was_going(client: ShopClient):
    owner, phone = make_second_factor(make_staff())
    page = type_password(client, owner, address="/login?next=/admin/orders/")
    assert type_code(client, page, phone.code()).request.path == "/admin/orders/"
    assert fresh(owner).last_sign_in_at is not None


def test_no_code_is_asked_of_who_has_none_on(client: ShopClient):
    buyer = make_buyer()
    sign_in(client, buyer)
    begin(client)  # begun is not on
    client.post("/logout")
    assert type_password(client, buyer).request.path == "/"
    assert is_signed_in(client)


def test_a_wrong_password_is_answered_alike_with_and_without_a_second_factor(client: ShopClient):
    user, _ = make_second_factor()
    answers = [type_password(client, each, "not the password at all") for each in (user, make_user())]
    assert {each.status_code for each in answers} == {422}
    said = {read_html(each).select_one(".error-summary").get_text() for each in answers}
    assert len(said) == 1


def test_a_code_works_once(app: Flask, client: ShopClient):
    user, phone = make_second_factor()
    code = phone.code()
    type_code(client, type_password(client, user), code)
    assert is_signed_in(client)
    thief = app.test_client()
    assert isinstance(thief, ShopClient)
    again = type_code(thief, type_password(thief, user), code)
    assert again.status_code == 422
    assert "Each code works once" in read_text(again)
    assert not is_signed_in(thief)


def test_of_a_later_code_and_the_one_before_it_the_one_before_is_refused(client: ShopClient):
    user, phone = make_second_factor()
    answer_code(AnswerCode(user.id, user.session_epoch, phone.code(1)), now=clock.now())
    with pytest.raises(CodeRefused):
        answer_code(AnswerCode(user.id, user.session_epoch, phone.code()), now=clock.now())


def test_a_clock_half_a_minute_off_is_forgiven_and_no_more(client: ShopClient):
    user, phone = make_second_factor()
    now = clock.now()
    for late in (-3, -2, 2, 3):
        with pytest.raises(CodeRefused):
            answer_code(AnswerCode(user.id, user.session_epoch, phone.code(late) if late else ""), now=now)
    assert answer_code(AnswerCode(user.id, user.session_epoch, phone.code(-1)), now=now).user.id == user.id


@pytest.mark.parametrize("typed", ["", "12345", "abcdef", "🙂🙂🙂🙂🙂🙂", "0" * 59])
def test_what_is_no_code_is_refused_kindly(client: ShopClient, typed: str):
    user, _ = make_second_factor()
    page = type_code(client, type_password(client, user), typed)
    assert page.status_code == 422
    assert read_html(page).select_one(".error-summary")


def test_the_half_way_ends_after_five_minutes(client: ShopClient, monkeypatch: pytest.MonkeyPatch):
    user, phone = make_second_factor()
    page = type_password(client, user)
    later = clock.now() + timedelta(minutes=6)
    monkeypatch.setattr(clock, "now", lambda: later)
    answer = type_code(client, page, phone.code())
    assert answer.request.path == "/login"
    assert not is_signed_in(client)


def test_the_half_way_ends_when_the_person_is_signed_out_everywhere(client: ShopClient):
    user, phone = make_second_factor()
    page = type_password(client, user)
    log_out_everywhere(user.id, actor=user.as_actor, now=clock.now())
    assert type_code(client, page, phone.code()).request.path == "/login"
    with pytest.raises(HalfSignInOver):
        answer_code(AnswerCode(user.id, 1, phone.code()), now=clock.now())


def test_nobody_reaches_the_second_page_without_the_first(client: ShopClient):
    assert client.get("/login/code").location == "/login"
    assert client.post("/login/code", data={"code": "123456"}).location == "/login"


def test_a_new_password_by_mail_does_not_open_the_account_without_the_code(client: ShopClient):
    user, _ = make_second_factor()
    client.submit(client.get("/password/forgot"), "#forgot-form", email=user.email)
    assert type_password(client, user).request.path == "/login/code"
    assert not is_signed_in(client)


# --- Lost phones -----------------------------------------------------------------------------------------------


def test_a_recovery_code_opens_the_account_once(client: ShopClient):
    user, _ = make_second_factor(make_staff())
    page = type_code(client, type_password(client, user), RECOVERY_CODES[0].upper())
    assert "You used a recovery code; 1 is left" in read_text(page)
    assert ("recovery_code_used", user.name) in events_of(user)
    client.post("/logout")
    again = type_code(client, type_password(client, user), RECOVERY_CODES[0])
    assert again.status_code == 422
    assert not is_signed_in(client)


def test_another_persons_recovery_code_opens_nothing(client: ShopClient):
    user, _ = make_second_factor()
    make_second_factor()
    with transaction():
        db.session.execute(db.delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    assert type_code(client, type_password(client, user), RECOVERY_CODES[0]).status_code == 422


def test_new_recovery_codes_end_the_old_ones(client: ShopClient):
    user, _ = make_second_factor()
    sign_in(client, user)
    page = client.submit(client.get(PAGE), "#password-form", current=PASSWORD)
    new = [each.get_text() for each in read_html(page).select("#codes li")]
    client.post("/logout")
    assert type_code(client, type_password(client, user), RECOVERY_CODES[1]).status_code == 422
    type_code(client, client.get("/login/code"), new[3])
    assert is_signed_in(client)


def test_turning_it_off_asks_for_the_password_ends_other_sessions_and_sends_a_mail(
    app: Flask, client: ShopClient
):
    user, _ = make_second_factor()
    other = app.test_client()
    assert isinstance(other, ShopClient)
    sign_in(other, user)
    sign_in(client, user)
    assert client.post(f"{PAGE}/off", data={"current": "not it at all"}).status_code == 422
    assert fresh(user).second_factor_since is not None
    client.post(f"{PAGE}/off", data={"current": PASSWORD})
    assert fresh(user).second_factor_since is None
    assert (is_signed_in(client), is_signed_in(other)) == (True, False)
    assert events_of(user) == [("second_factor_off", user.name)]
    assert mails_about(Kind.MAIL_SECOND_FACTOR_OFF) == 1
    assert not list(db.session.scalars(db.select(RecoveryCode).filter_by(user_id=user.id)))
    assert not list(db.session.scalars(db.select(SecondFactor).filter_by(user_id=user.id)))


def test_the_owner_turns_it_off_for_somebody_after_a_yes(client: ShopClient):
    owner = make_staff()
    packer, _ = make_second_factor(make_staff(Role.FULFILMENT))
    sign_in(client, owner)
    page = client.get(f"/admin/users/details/?id={packer.id}")
    asked = client.submit(page, "form[action$='/second-factor/off']")
    assert "Turn off the second factor of" in read_text(asked)
    assert fresh(packer).second_factor_since is not None
    client.submit(asked, "main form")
    assert fresh(packer).second_factor_since is None
    assert ("second_factor_off", owner.name) in events_of(packer)
    assert mails_about(Kind.MAIL_SECOND_FACTOR_OFF) == 1


def test_an_owner_who_lost_everything_is_let_in_from_the_command_line(app: Flask):
    owner, _ = make_second_factor(make_staff())
    told = app.test_cli_runner().invoke(args=["turn-off-second-factor", owner.email.upper()])
    assert "signs in with the password alone now" in told.output
    assert fresh(owner).second_factor_since is None
    again = app.test_cli_runner().invoke(args=["turn-off-second-factor", owner.email])
    assert again.exit_code != 0
    assert "No second factor is on" in again.output
    nobody = app.test_cli_runner().invoke(args=["turn-off-second-factor", "nobody@shop.example"])
    assert "Nobody has an account" in nobody.output


# --- Where staff must have one ---------------------------------------------------------------------------------------


def test_staff_without_one_set_it_up_before_they_may_do_anything(client: ShopClient):
    owner = make_staff()
    demand_of_staff()
    page = type_password(client, owner)
    assert page.request.path == PAGE
    assert "This shop asks everybody who works in its back office" in read_text(page)
    for address in ("/admin/", "/admin/orders/", "/admin/users/", "/admin/shop_facts/"):
        assert client.get(address).location == PAGE
    assert client.post("/admin/users/deactivate", data={"id": "1"}).location == PAGE
    turn_on(client)
    assert client.get("/admin/").status_code == 200


def test_who_is_at_work_when_it_is_demanded_sets_it_up_at_the_next_page(client: ShopClient):
    sign_in(client, make_staff())
    assert client.get("/admin/").status_code == 200
    demand_of_staff()
    assert client.get("/admin/").location == PAGE


def test_buyers_are_never_made_to(client: ShopClient):
    demand_of_staff()
    buyer = make_buyer()
    type_password(client, buyer)
    assert client.get("/orders/").status_code == 200


def test_only_the_owner_changes_what_is_demanded(client: ShopClient):
    sign_in(client, make_staff(Role.SUPPORT))
    assert client.get("/admin/shop_facts/edit/?id=1").status_code == 403
