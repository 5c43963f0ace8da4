"""Who has an account is told by no word, no status, no cookie and no work done: counted, never timed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask

from app.accounts import passwords
from app.accounts.models import UserStatus
from tests.client import ShopClient
from tests.factories import PASSWORD, make_buyer, make_user

pytestmark = pytest.mark.usefixtures("facts")
NOBODY = "nobody@example.com"
_ADDRESS = re.compile(r"[\w.]+@[\w.]+")
_ONCE = re.compile(r'(nonce|value|content)="[^"]*"|X-CSRFToken[^}]*')


class CountingHasher:
    """The shop's own hasher; remembers what it was asked to do."""

    def __init__(self, real: Any):
        self.real, self.done = real, []

    def hash(self, password: str) -> str:
        self.done.append("hash")
        return self.real.hash(password)

    def verify(self, stored: str, password: str) -> bool:
        self.done.append("verify")
        return self.real.verify(stored, password)

    def check_needs_rehash(self, stored: str) -> bool:
        return self.real.check_needs_rehash(stored)


@pytest.fixture
def hasher(monkeypatch: pytest.MonkeyPatch) -> Iterator[CountingHasher]:
    counting = CountingHasher(passwords._hasher)
    monkeypatch.setattr(passwords, "_hasher", counting)
    return counting


def ask(app: Flask, path: str, **data: str) -> tuple[int, str, str]:
    """Status, where it leads, and the page without what differs each time; in a browser of its own."""
    browser = app.test_client()
    assert isinstance(browser, ShopClient)
    answer = browser.post(path, data=data)
    text = _ONCE.sub("", _ADDRESS.sub("@", answer.get_data(as_text=True)))
    return answer.status_code, answer.headers.get("Location", ""), text


def work_of(step: Callable[[], object], hasher: CountingHasher) -> list[str]:
    hasher.done.clear()
    step()
    return list(hasher.done)


def test_a_wrong_password_costs_as_much_work_for_nobody_as_for_somebody(app: Flask, hasher: CountingHasher):
    buyer, gone = make_buyer(), make_user(status=UserStatus.DEACTIVATED)
    work = [
        work_of(lambda email=email: ask(app, "/login", email=email, password="not it at all"), hasher)
        for email in (buyer.email, gone.email, NOBODY)
    ]
    assert work == [["verify"]] * 3


def test_a_wrong_password_is_answered_alike_for_nobody_and_somebody(app: Flask):
    buyer, gone = make_buyer(), make_user(status=UserStatus.DEACTIVATED)
    answers = {
        ask(app, "/login", email=email, password="not it at all")
        for email in (buyer.email, gone.email, NOBODY)
    }
    assert len(answers) == 1


def test_registering_costs_as_much_work_for_a_known_address(
    app: Flask, hasher: CountingHasher, count_queries
):
    buyer = make_buyer()
    facts = {"name": "Ada Palmer", "password": "a long enough sentence"}
    work, writes, answers = [], [], set()
    for email in (buyer.email, NOBODY):
        with count_queries() as queries:
            work.append(
                work_of(lambda email=email: answers.add(ask(app, "/register", email=email, **facts)), hasher)
            )
        writes.append(bool(queries.writes))
    assert work == [["hash"]] * 2
    assert writes == [True, True]
    assert len(answers) == 1


def test_a_forgotten_password_is_answered_alike_and_always_waits_for_the_disk(app: Flask, count_queries):
    buyer, gone = make_buyer(), make_user(status=UserStatus.DEACTIVATED)
    writes, answers = [], set()
    for email in (buyer.email, buyer.email, gone.email, NOBODY):  # the second time within a minute
        with count_queries() as queries:
            answers.add(ask(app, "/password/forgot", email=email))
        writes.append(sum("outbox" in statement.lower() for statement in queries.writes))
    assert writes == [1, 1, 1, 1]
    assert len(answers) == 1


def test_the_right_password_of_nobody_does_not_exist(app: Flask, hasher: CountingHasher):
    """What a missing person is compared with opens nothing either."""
    status, where, _ = ask(app, "/login", email=NOBODY, password="nobody has this password")
    assert (status, where) == (422, "")
    assert PASSWORD not in hasher.done
