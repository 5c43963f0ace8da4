"""The ground the other tests stand on: what a test commits is gone afterwards, on both databases."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import IntegrityError

from app.accounts.models import User
from app.extensions import db
from app.shared import clock
from app.shared.transaction import transaction
from tests import factories


def _emails() -> list[str]:
    return sorted(db.session.scalars(db.select(User.email)))


def _add(email: str) -> None:
    with transaction():
        db.session.add(User(email=email, name="Ada", password_hash="x", created_at=clock.now()))


def _add_and_fail(email: str) -> None:
    with transaction():
        db.session.add(User(email=email, name="B", password_hash="x", created_at=clock.now()))
        db.session.flush()
        raise LookupError


@pytest.mark.parametrize("turn", [1, 2])
def test_what_a_test_commits_is_gone_for_the_next(app, turn):
    assert _emails() == []
    _add("ada@example.com")
    assert _emails() == ["ada@example.com"]


def test_a_failed_transaction_takes_back_only_itself(app):
    _add("ada@example.com")
    with pytest.raises(IntegrityError):
        _add("ada@example.com")
    with pytest.raises(LookupError):
        _add_and_fail("b@example.com")
    assert _emails() == ["ada@example.com"]


def test_a_row_changed_outside_a_transaction_is_refused(app):
    user = factories.make_user()
    user.name = "Somebody else"
    with pytest.raises(RuntimeError, match="outside a transaction"):
        _add("late@example.com")
    db.session.rollback()


def test_queries_are_counted_and_writes_told_apart(app, count_queries):
    with count_queries() as queries:
        _emails()
        _add("ada@example.com")
    assert queries.count == 2
    assert [statement.split()[0] for statement in queries.writes] == ["INSERT"]
