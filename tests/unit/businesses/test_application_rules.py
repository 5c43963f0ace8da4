"""Steps, open fields, what is missing, and the way the applicant sees."""

from __future__ import annotations

import pytest

from app.businesses.completeness import (
    FIELDS,
    OPTIONAL,
    ApplicationFacts,
    check_complete,
    check_fields,
    missing_fields,
)
from app.businesses.progress import build_progress
from app.businesses.status import BusinessStatus
from app.businesses.steps import (
    FIELDS_OF,
    Step,
    first_unfinished,
    next_step,
    open_fields,
    open_steps,
    reachable_steps,
    step_of,
)

_S = BusinessStatus


def test_every_field_stands_on_exactly_one_screen_of_at_most_nine():
    placed = [name for names in FIELDS_OF.values() for name in names]
    assert sorted(placed) == sorted(FIELDS)
    assert all(len(names) <= 9 for names in FIELDS_OF.values())
    assert all(name in FIELDS_OF[step_of(name)] for name in FIELDS)


@pytest.mark.parametrize("status", [None, _S.DRAFT, _S.REJECTED])
def test_a_draft_and_a_refused_application_are_open_as_a_whole(status):
    assert open_fields(status, []) == set(FIELDS)


@pytest.mark.parametrize("status", [_S.SUBMITTED, _S.APPROVED, _S.SUSPENDED])
def test_what_is_with_staff_or_decided_is_closed(status):
    assert open_fields(status, ["ein"]) == frozenset()


def test_a_question_opens_what_it_names_and_nothing_unknown():
    fields = open_fields(_S.NEEDS_INFORMATION, ["website", "certificate_file", "price"])
    assert fields == {"website", "certificate_file"}
    steps = open_steps(fields)
    assert steps == [Step.FACTS, Step.CERTIFICATE, Step.CHECK]
    assert next_step(Step.FACTS, steps) is Step.CERTIFICATE
    assert next_step(Step.CERTIFICATE, steps) is Step.CHECK
    assert next_step(Step.CHECK, steps) is Step.CHECK
    assert first_unfinished({"certificate_file"}, steps) is Step.CERTIFICATE
    assert first_unfinished({"address"}, steps) is Step.CHECK


def test_one_can_jump_back_and_to_what_is_whole():
    steps = list(Step)
    assert reachable_steps(steps, Step.FACTS, ["ein", "address"]) == {Step.CERTIFICATE}
    assert reachable_steps(steps, Step.CERTIFICATE, ["ein", "address"]) == {
        Step.FACTS,
        Step.ADDRESS,
        Step.CERTIFICATE,
    }
    assert reachable_steps(steps, Step.FACTS, []) == set(Step)


def test_only_optional_fields_may_be_missing():
    full = ApplicationFacts(filled=frozenset(FIELDS) - OPTIONAL)
    assert check_complete(full) == []
    nothing = ApplicationFacts(filled=frozenset())
    assert missing_fields(nothing) == [name for name in FIELDS if name not in OPTIONAL]
    assert [each.subject for each in check_complete(nothing)] == missing_fields(nothing)
    assert [each.subject for each in check_fields(nothing, FIELDS_OF[Step.FACTS])] == [
        "legal_name",
        "kind",
        "ein",
        "phone",
    ]


@pytest.mark.parametrize("status", [None, *BusinessStatus])
def test_exactly_one_step_is_the_present_one_until_it_is_decided(status):
    steps = build_progress(status, verified_at=None, submitted_at=None, decided_at=None, review_days=2)
    states = [each.state for each in steps]
    assert len(steps) == 4
    assert states[0] == "done"
    assert states.count("now") == (0 if status in {_S.APPROVED, _S.REJECTED, _S.SUSPENDED} else 1)
    assert ("failed" in states) is (status in {_S.REJECTED, _S.SUSPENDED})


def test_one_day_is_one_day():
    words = build_progress(_S.SUBMITTED, verified_at=None, submitted_at=None, decided_at=None, review_days=1)[
        2
    ].words
    assert "1 business day." in words
