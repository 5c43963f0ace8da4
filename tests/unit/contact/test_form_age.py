"""A form that comes back sooner than a person can read it was not sent by one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.contact.form_age import is_believable, sign_opening

KEY = "a key for tests"
OPENED = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "age, believed",
    [
        (timedelta(seconds=0), False),
        (timedelta(seconds=2), False),
        (timedelta(seconds=3), True),
        (timedelta(hours=20), True),
        (timedelta(days=2), True),
        (timedelta(days=3), False),
        (timedelta(hours=-1), False),
    ],
)
def test_the_age_of_a_form_is_believed_within_bounds(age: timedelta, believed: bool):
    assert is_believable(sign_opening(OPENED, KEY), OPENED + age, KEY) is believed


@pytest.mark.parametrize("stamp", ["", "1700000000", "x.y.z", sign_opening(OPENED, "another key")])
def test_a_stamp_we_did_not_sign_is_not_believed(stamp: str):
    assert not is_believable(stamp, OPENED + timedelta(minutes=1), KEY)
