"""New keys while the shop runs: nothing is lost, nobody is signed out, and nothing is left under the old ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.accounts.models import TokenPurpose
from app.accounts.tokens import add_token, sign_token
from app.businesses.duplicates import find_duplicates
from app.businesses.models import Business
from app.businesses.reveal_ein import reveal_ein
from app.businesses.rotate_data_key import BATCH, ENCRYPTED_COLUMNS, rotate_data_key
from app.businesses.save_business_facts import SaveBusinessFacts, save_business_facts
from app.businesses.status import BusinessStatus
from app.extensions import db
from app.flask_config import flask_config
from app.second_factor.answer_code import AnswerCode, answer_code
from app.settings import Settings
from app.shared import clock
from app.shared.history import Actor, list_history
from app.shared.secret_box import SecretBox, secret_box
from app.shared.transaction import transaction
from tests.client import ShopClient, sign_in
from tests.factories import make_business, make_buyer, make_user
from tests.second_factors import make_second_factor
from tests.walking.people import browser_of

NEW_KEY = "another data key that is long enough for tests"
pytestmark = pytest.mark.usefixtures("facts")


@pytest.fixture
def old_key(app: Flask) -> Iterator[str]:
    """The key until now; whatever a test makes of the box, it is the shop's own again afterwards."""
    settings: Settings = app.extensions["settings"]
    yield settings.data_key
    secret_box.init(settings.data_key)


@pytest.fixture
def new_secret_key(app: Flask) -> Iterator[Settings]:
    """The shop with a new SECRET_KEY, the one until now being the old one; put in force with `begin`."""
    settings: Settings = app.extensions["settings"]
    changed = replace(settings, secret_key="b" * 40, secret_key_old=settings.secret_key)
    yield changed
    put_in_force(app, settings)


def put_in_force(app: Flask, settings: Settings) -> None:
    names = ("SECRET_KEY", "SECRET_KEY_FALLBACKS", "WTF_CSRF_SECRET_KEY")
    app.extensions["settings"] = settings
    app.config.update({name: flask_config(settings)[name] for name in names})


def eins_of_all() -> list[str]:
    rows = db.session.execute(select(Business.ein_encrypted).where(Business.ein_encrypted != ""))
    return sorted(secret_box.decrypt(encrypted) for (encrypted,) in rows)


# --- DATA_KEY ----------------------------------------------------------------------------------------------------


def test_while_keys_change_what_the_old_one_closed_is_still_read(old_key: str):
    business = make_business(ein="123456789")
    secret_box.init(NEW_KEY, old_key)
    assert reveal_ein(business.id, actor=Actor(None, "Ruth"), now=clock.now()) == "12-3456789"


def test_rotating_leaves_nothing_that_needs_the_old_key(old_key: str):
    for number in range(3):
        make_business(ein=f"12345678{number}")
    make_business(BusinessStatus.DRAFT)
    before = eins_of_all()
    secret_box.init(NEW_KEY, old_key)
    done = rotate_data_key()
    assert (done.seen, done.renewed, done.lost) == (3, 3, ())
    secret_box.init(NEW_KEY)
    assert eins_of_all() == before
    rows = db.session.execute(select(Business.ein_encrypted, Business.ein_fingerprint)).all()
    told = {secret_box.fingerprint(secret_box.decrypt(row[0])) == row[1] for row in rows if row[0]}
    assert told == {True}


def test_rotating_again_changes_nothing(app: Flask, old_key: str, count_queries):
    make_business()
    secret_box.init(NEW_KEY, old_key)
    rotate_data_key()
    with count_queries() as queries:
        assert rotate_data_key().renewed == 0
    assert not queries.writes


def test_a_run_that_was_stopped_goes_on_with_the_rest(old_key: str):
    businesses = [make_business(ein=f"12345678{number}") for number in range(3)]
    secret_box.init(NEW_KEY, old_key)
    with transaction():  # as the stopped run left its first batch
        first = db.session.get_one(Business, businesses[0].id)
        first.ein_encrypted = secret_box.encrypt("123456780")
        first.ein_fingerprint = secret_box.fingerprint("123456780")
    assert rotate_data_key().renewed == 2


def test_many_are_moved_batch_by_batch(old_key: str):
    template = make_business()
    with transaction():
        db.session.add_all(
            Business(
                legal_name=f"Shop {number}",
                created_at=template.created_at,
                updated_at=template.updated_at,
                ein_encrypted=secret_box.encrypt(f"{number:09d}"),
                ein_fingerprint=secret_box.fingerprint(f"{number:09d}"),
            )
            for number in range(BATCH)
        )
    secret_box.init(NEW_KEY, old_key)
    batches: list[int] = []
    assert rotate_data_key(progress=batches.append).renewed == BATCH + 1
    assert batches == [BATCH, 1]


def test_only_looking_counts_and_changes_nothing(old_key: str):
    business = make_business()
    before = business.ein_encrypted
    secret_box.init(NEW_KEY, old_key)
    assert rotate_data_key(dry_run=True).renewed == 1
    db.session.refresh(business)
    assert business.ein_encrypted == before


def test_what_no_key_opens_is_named_and_left_as_it_is(old_key: str):
    lost = make_business()
    with transaction():
        stranger = SecretBox()
        stranger.init("a key nobody has any more, and long enough")
        closed = stranger.encrypt("123456789")
        db.session.execute(update(Business).where(Business.id == lost.id).values(ein_encrypted=closed))
    make_business()
    secret_box.init(NEW_KEY, old_key)
    done = rotate_data_key()
    assert (done.lost, done.renewed) == ((f"business {lost.id}",), 1)
    db.session.refresh(lost)
    assert lost.ein_encrypted == closed


def test_twins_are_found_while_one_is_under_each_key(old_key: str):
    one = make_business(ein="123456789")
    secret_box.init(NEW_KEY, old_key)
    other = make_business(ein="123456789")
    assert [hint.business_id for hint in find_duplicates([one.id])[one.id]] == [other.id]
    assert [hint.reason for hint in find_duplicates([other.id])[other.id]] == ["Same EIN"]


def test_typing_the_same_number_again_while_keys_change_is_no_change(old_key: str):
    business = make_business(BusinessStatus.NEEDS_INFORMATION, ein="123456789", requested_fields=["ein"])
    user = make_user(business=business)
    secret_box.init(NEW_KEY, old_key)
    save_business_facts(SaveBusinessFacts(user_id=user.id, typed={"ein": "12-3456789"}), now=clock.now())
    assert not [entry for entry in list_history("business", business.id) if "ein" in entry.details]


def test_every_encrypted_column_of_the_shop_is_rotated():
    columns = [column for table in db.metadata.tables.values() for column in table.columns]
    told = {f"{each.table.name}.{each.name}" for each in columns if each.name.endswith("_encrypted")}
    prints = {f"{each.table.name}.{each.name}" for each in columns if each.name.endswith("_fingerprint")}
    assert told == {name_of(each.closed) for each in ENCRYPTED_COLUMNS}
    assert prints == {name_of(each.fingerprint) for each in ENCRYPTED_COLUMNS if each.fingerprint}


def name_of(column) -> str:
    return f"{column.class_.__tablename__}.{column.key}"


def test_the_secret_of_a_second_factor_is_moved_and_its_codes_still_work(old_key: str):
    user, phone = make_second_factor()
    secret_box.init(NEW_KEY, old_key)
    assert rotate_data_key().renewed == 1
    secret_box.init(NEW_KEY)
    answered = answer_code(AnswerCode(user.id, user.session_epoch, phone.code()), now=clock.now())
    assert answered.user.id == user.id


def test_the_command_says_when_the_old_key_may_go(app: Flask, old_key: str):
    make_business()
    settings: Settings = app.extensions["settings"]
    secret_box.init(NEW_KEY, old_key)
    app.extensions["settings"] = replace(settings, data_key=NEW_KEY, data_key_old=old_key)
    try:
        looked = app.test_cli_runner().invoke(args=["rotate-keys", "--check"])
        done = app.test_cli_runner().invoke(args=["rotate-keys"])
    finally:
        app.extensions["settings"] = settings
    assert "1 still under the old key" in looked.output
    assert "take it out" not in looked.output
    assert "1 moved to the new key" in done.output
    assert "take it out of the settings" in done.output


# --- SECRET_KEY --------------------------------------------------------------------------------------------------


def test_a_new_secret_key_signs_nobody_out_while_the_old_one_is_named(
    app: Flask, client: ShopClient, new_secret_key: Settings
):
    absent = browser_of(app, make_buyer())
    sign_in(client, make_buyer())
    put_in_force(app, new_secret_key)
    assert client.get("/account").status_code == 200
    put_in_force(app, replace(new_secret_key, secret_key_old=""))
    assert client.get("/account").status_code == 200  # its cookie was signed anew on the way
    assert absent.get("/account").status_code == 303


def test_a_form_opened_under_the_old_key_is_taken_and_new_ones_carry_the_new(
    app: Flask, client: ShopClient, new_secret_key: Settings
):
    sign_in(client, make_buyer())
    opened = client.get("/account/security")
    put_in_force(app, new_secret_key)
    page = client.submit(
        opened, "#password-form", current="wrong password", new="another horse battery staple"
    )
    assert page.status_code == 422


def test_a_link_mailed_under_the_old_key_still_works(
    app: Flask, client: ShopClient, new_secret_key: Settings
):
    user = make_buyer()
    with transaction():
        token = add_token(user, TokenPurpose.RESET_PASSWORD, now=clock.now(), lifetime=timedelta(hours=1))
    signed = sign_token(token, app.extensions["settings"].signing_keys)
    put_in_force(app, new_secret_key)
    assert client.get(f"/password/reset/{signed}").status_code == 200
    put_in_force(app, replace(new_secret_key, secret_key_old=""))
    assert client.get(f"/password/reset/{signed}").status_code == 410


def test_the_command_says_what_an_old_secret_key_is_still_for(app: Flask, new_secret_key: Settings):
    put_in_force(app, new_secret_key)
    said = app.test_cli_runner().invoke(args=["rotate-keys"]).output
    assert "take SECRET_KEY_OLD out after 30 days" in said
    assert new_secret_key.secret_key not in said
