"""Recovery codes: what they look like, and what is kept of them."""

from __future__ import annotations

import pytest

from app.second_factor.recovery import HOW_MANY, digest_of, make_codes, make_salt, read_recovery_code

SALT = "00112233445566778899aabbccddeeff"


def test_ten_codes_are_made_and_none_is_like_another():
    codes = [*make_codes(), *make_codes()]
    assert HOW_MANY == 10
    assert len(set(codes)) == 20
    assert all(read_recovery_code(each) == each.replace("-", "") for each in codes)


@pytest.mark.parametrize("typed", ["bcdf-ghjk-mnpq", "BCDF GHJK MNPQ", " bcdfghjkmnpq ", "bcdf ghjk-mnpq"])
def test_however_it_is_typed_it_is_the_same_code(typed: str):
    assert digest_of(typed, SALT) == digest_of("bcdfghjkmnpq", SALT)


@pytest.mark.parametrize(
    "typed", ["", "287082", "bcdf-ghjk", "bcdf-ghjk-mnpo", "bcdf-ghjk-mnpq-r", "x" * 500]
)
def test_what_cannot_be_a_code_is_not_looked_up(typed: str):
    assert read_recovery_code(typed) == ""


def test_a_digest_tells_neither_the_code_nor_that_two_people_have_the_same():
    one, other = digest_of("bcdf-ghjk-mnpq", SALT), digest_of("bcdf-ghjk-mnpq", make_salt())
    assert one != other
    assert len(one) == 64
    assert "bcdf" not in one
