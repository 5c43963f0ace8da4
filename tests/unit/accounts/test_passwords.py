"""Which passwords are taken, and how they are kept."""

from __future__ import annotations

import unicodedata

import pytest
from argon2 import PasswordHasher
from hypothesis import given, settings
from hypothesis import strategies as st

from app.accounts.passwords import (
    LONGEST,
    PasswordTooWeak,
    check_strength,
    hash_password,
    is_password,
    needs_rehash,
)

ADA = {"email": "ada.palmer@example.com", "name": "Ada Palmer"}


@pytest.mark.parametrize(
    "password",
    [
        "blue kettle on the shelf",
        "Tr0ub4dor&3x",
        "zehnZeichen",
        "пароль-для-лавки",
        "      spaces around it      ",
    ],
)
def test_a_long_enough_password_nobody_would_guess_is_taken(password: str):
    check_strength(password, **ADA)


@pytest.mark.parametrize(
    "password, words",
    [
        ("short1!", "at least 10"),
        ("x" * (LONGEST + 1), "at most"),
        ("password123", "first passwords"),
        ("Password!!!", "first passwords"),
        ("1234567890", "first passwords"),
        ("qwertyuiop", "first passwords"),
        ("aaaaaaaaaaaa", "first passwords"),
        ("abababababab", "first passwords"),
        ("iloveyou1234", "first passwords"),
        ("ada.palmer@example.com", "easy to guess"),
        ("ada.palmer", "easy to guess"),
        ("ada.palmer99", "easy to guess"),
        ("Ada Palmer", "easy to guess"),
        ("AdaPalmer2026", "easy to guess"),
    ],
)
def test_a_password_somebody_would_try_first_is_refused_with_the_reason(password: str, words: str):
    with pytest.raises(PasswordTooWeak, match=words):
        check_strength(password, **ADA)


def test_a_refusal_names_the_field_it_belongs_to():
    with pytest.raises(PasswordTooWeak) as refused:
        check_strength("short", **ADA, field="new")
    assert refused.value.field == "new"


def test_a_kept_password_is_argon2id_and_fits_its_column():
    stored = hash_password("blue kettle on the shelf")
    assert stored.startswith("$argon2id$")
    assert len(stored) <= 200
    assert "kettle" not in stored


def test_the_same_password_is_never_kept_alike_twice():
    assert hash_password("blue kettle on the shelf") != hash_password("blue kettle on the shelf")


def test_nobody_has_a_password_not_even_the_one_nobody_is_compared_with():
    assert not is_password("nobody has this password", None)
    assert not is_password("blue kettle on the shelf", None)


@pytest.mark.parametrize("stored", ["", "plain text", "$argon2id$v=19$m=8,t=1,p=1$broken"])
def test_what_is_no_hash_matches_nothing(stored: str):
    assert not is_password("blue kettle on the shelf", stored)


@settings(max_examples=8, deadline=None)
@given(st.text(min_size=10, max_size=40), st.text(min_size=10, max_size=40))
def test_only_the_password_itself_opens(password: str, other: str):
    stored = hash_password(password)
    assert is_password(password, stored)
    assert is_password(other, stored) is (_same(other, password))


def test_one_letter_typed_in_two_ways_is_the_same_password():
    assert is_password("cafe\u0301 au lait", hash_password("caf\u00e9 au lait"))


def test_a_hash_made_with_less_work_is_to_be_renewed():
    old = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("blue kettle on the shelf")
    assert needs_rehash(old)
    assert not needs_rehash(hash_password("blue kettle on the shelf"))


def _same(one: str, other: str) -> bool:
    return unicodedata.normalize("NFKC", one) == unicodedata.normalize("NFKC", other)
