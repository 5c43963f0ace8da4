"""Two reviewers at the same moment: one of them decides, the other is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.accounts.models import User
from app.businesses.models import Business
from app.businesses.review_application import approve, reject
from app.businesses.save_business_facts import SaveBusinessFacts, save_business_facts
from app.businesses.status import BusinessStatus
from app.extensions import db
from app.outbox.kinds import Kind
from app.outbox.models import OutboxRow
from app.shared import clock
from app.shared.errors import Conflict
from app.shared.history import Actor, list_history
from tests.factories import make_business, make_group, make_user

pytestmark = pytest.mark.usefixtures("app")


def test_one_of_approve_and_reject_wins_and_one_mail_goes(at_once: Callable[..., list[Any]]) -> None:
    for _ in range(5):
        business_id, group_id = make_business(BusinessStatus.SUBMITTED).id, make_group().id
        db.session.rollback()

        def say_yes(business_id: int = business_id, group_id: int = group_id) -> None:
            approve(
                business_id,
                group_id=group_id,
                certificate_ids=frozenset(),
                actor=Actor.system("one"),
                now=clock.now(),
            )

        def say_no(business_id: int = business_id) -> None:
            reject(business_id, reason="No.", actor=Actor.system("two"), now=clock.now())

        results = at_once(say_yes, say_no)
        assert [type(each) for each in results].count(Conflict) == 1, results
        db.session.rollback()
        business = db.session.get_one(Business, business_id)
        moves = [entry.to_status for entry in list_history("business", business_id)]
        assert moves == [business.status.value]
        assert business.status in {BusinessStatus.APPROVED, BusinessStatus.REJECTED}
        assert (business.review_note == "No.") is (business.status is BusinessStatus.REJECTED)
        decided = (Kind.MAIL_BUSINESS_APPROVED, Kind.MAIL_BUSINESS_REJECTED)
        rows = db.session.scalars(db.select(OutboxRow).where(OutboxRow.kind.in_(decided)))
        assert [row.ids["business_id"] for row in rows].count(business_id) == 1


def test_two_tabs_begin_one_business(at_once: Callable[..., list[Any]]) -> None:
    user_id = make_user().id
    db.session.rollback()

    def begin() -> None:
        command = SaveBusinessFacts(user_id=user_id, typed={"legal_name": "Fern & Finch LLC"})
        assert save_business_facts(command, now=clock.now()) == []

    results = at_once(*[begin] * 4)
    assert results == [None] * 4
    db.session.rollback()
    businesses = list(db.session.scalars(db.select(Business)))
    assert len(businesses) == 1
    assert db.session.get_one(User, user_id).business_id == businesses[0].id
