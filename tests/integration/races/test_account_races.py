"""Two people, or one person twice, at the same moment: what may happen once happens once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.accounts.change_password import ChangePassword, change_password
from app.accounts.deactivate_user import deactivate_user
from app.accounts.models import TokenPurpose, User, UserStatus
from app.accounts.permissions import Role
from app.accounts.tokens import LinkNotGood, add_token
from app.extensions import db
from app.registration.register import Register, register
from app.registration.verify_email import verify_email
from app.shared import clock
from app.shared.errors import AppError
from app.shared.transaction import retry_lost_races, transaction
from sandbox.mail import MailCatcher
from sandbox.square import SquareServer
from tests.factories import PASSWORD, make_staff, make_user
from tests.worlds import build_app, settings_for_tests


@pytest.fixture
def shop(
    empty_database: str, tmp_path: Path, square_server: SquareServer, mail_catcher: MailCatcher
) -> Iterator[Flask]:
    """A shop of this test's own, where everything is really committed."""
    app = build_app(settings_for_tests(empty_database, tmp_path, square_server, mail_catcher))
    with app.app_context():
        db.create_all()
        yield app
        db.session.remove()
        db.engine.dispose()


def at_once(app: Flask, *steps: Callable[[], Any]) -> list[Any]:
    """Run each step in a thread of its own, all starting together; an AppError is a result, any other error fails."""
    start = threading.Barrier(len(steps))
    results: list[Any] = [None] * len(steps)

    def run(place: int, step: Callable[[], Any]) -> None:
        with app.app_context():
            start.wait(10)
            try:
                results[place] = step()
            except AppError as refused:
                results[place] = refused
            except BaseException as broken:  # noqa: BLE001 - raised again below, in the test's own thread
                results[place] = broken

    threads = [threading.Thread(target=run, args=(place, step)) for place, step in enumerate(steps)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    for result in results:
        if isinstance(result, BaseException) and not isinstance(result, AppError):
            raise result
    db.session.rollback()
    db.session.expire_all()
    return results


def test_one_address_registered_by_many_at_once_is_one_user(shop: Flask):
    command = Register(email="ada@example.com", name="Ada Palmer", password="a brass lantern by the door")

    def press() -> int | None:
        return register(command, now=clock.now(), lifetime=timedelta(hours=48)).user_id

    made = at_once(shop, *[press] * 4)
    [user] = db.session.scalars(db.select(User))
    assert sorted(made, key=str) == sorted([user.id, None, None, None], key=str)


def test_a_link_pressed_twice_at_once_confirms_once(shop: Flask):
    user = make_user(verified=False)
    with transaction():
        token_id = add_token(user, TokenPurpose.VERIFY_EMAIL, now=clock.now(), lifetime=timedelta(hours=1)).id

    def press() -> User:
        return retry_lost_races(verify_email)(token_id, now=clock.now())

    results = at_once(shop, *[press] * 3)
    assert len([result for result in results if isinstance(result, User)]) == 1
    assert len([result for result in results if isinstance(result, LinkNotGood)]) == 2


def test_of_two_new_passwords_at_once_one_is_kept_and_the_other_refused(shop: Flask):
    user = make_user()
    user_id = user.id

    def change(new: str) -> Callable[[], User]:
        return lambda: change_password(ChangePassword(user_id, PASSWORD, new), now=clock.now())

    results = at_once(shop, change("a brass lantern by the door"), change("seven herons on the pier"))
    assert len([result for result in results if isinstance(result, AppError)]) == 1
    assert db.session.get_one(User, user_id).session_epoch == 2


def test_two_shop_owners_who_shut_each_other_out_leave_one(shop: Flask):
    one, two = make_staff(Role.SHOP_OWNER), make_staff(Role.SHOP_OWNER)
    pairs = [(one.id, two.as_actor), (two.id, one.as_actor)]

    def shut_out(user_id: int, actor: Any) -> Callable[[], User]:
        return lambda: deactivate_user(user_id, actor=actor, now=clock.now())

    results = at_once(shop, *[shut_out(*pair) for pair in pairs])
    assert len([result for result in results if isinstance(result, AppError)]) == 1
    active = db.session.scalars(db.select(User).filter_by(status=UserStatus.ACTIVE)).all()
    assert len(active) == 1
