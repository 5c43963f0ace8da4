"""Codes of an authenticator app, with the clock standing still."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from app.second_factor.codes import find_step, in_groups, link_for_app, new_secret, read_code, step_at

NOW = datetime(2026, 11, 20, 15, 0, 5, tzinfo=UTC)
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # the ASCII "12345678901234567890" of RFC 6238, appendix B


def code_at(moment: datetime, secret: str = SECRET) -> str:
    return pyotp.TOTP(secret).at(moment)


@pytest.mark.parametrize(
    "seconds, code",
    [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (2000000000, "279037")],
)
def test_the_examples_of_the_standard_come_out(seconds: int, code: str):
    moment = datetime.fromtimestamp(seconds, UTC)
    assert find_step(SECRET, code, now=moment, after=0) == seconds // 30


@pytest.mark.parametrize("late", [-30, 0, 30])
def test_a_code_of_the_present_half_minute_the_one_before_or_the_next_is_taken(late: int):
    moment = NOW + timedelta(seconds=late)
    assert find_step(SECRET, code_at(moment), now=NOW, after=0) == step_at(moment)


@pytest.mark.parametrize("late", [-90, -60, 60, 90])
def test_a_code_of_another_time_is_not(late: int):
    assert find_step(SECRET, code_at(NOW + timedelta(seconds=late)), now=NOW, after=0) is None


def test_a_code_is_worth_nothing_once_it_or_a_later_one_was_used():
    used = step_at(NOW)
    for late in (0, -30):
        assert find_step(SECRET, code_at(NOW + timedelta(seconds=late)), now=NOW, after=used) is None
    assert find_step(SECRET, code_at(NOW + timedelta(seconds=30)), now=NOW, after=used) == used + 1


@pytest.mark.parametrize("typed", ["287082", " 287 082 ", "287-082", "287\u00a0082"])
def test_digits_may_be_typed_in_groups(typed: str):
    assert read_code(typed) == "287082"


@pytest.mark.parametrize("typed", ["", "28708", "2870822", "28708a", "２８７０８２", "bcdf-ghjk-mnpq"])
def test_anything_else_is_no_code(typed: str):
    assert read_code(typed) == ""


def test_no_two_secrets_are_alike_and_each_has_160_bits():
    secrets = {new_secret() for _ in range(50)}
    assert len(secrets) == 50
    assert {len(each) * 5 for each in secrets} == {160}
    assert in_groups("GEZDGNBVGY3TQOJQ") == "GEZD GNBV GY3T QOJQ"


def test_the_app_shows_the_shop_and_the_account():
    link = link_for_app(SECRET, account="ruth@shop.example", shop="Salt & Cedar: Goods")
    read = pyotp.parse_uri(link)
    assert (read.name, read.issuer, read.secret) == ("ruth@shop.example", "Salt & Cedar  Goods", SECRET)
