"""Passwords anyone would try first, and passwords nobody would."""

from __future__ import annotations

import pytest

from app.accounts.first_guesses import is_first_guess


@pytest.mark.parametrize(
    "password",
    [
        "password123", "passw0rd2026", "p@ssword!!", "p4ssw0rd99", "qwertyuiop", "1qaz2wsx3edc", "qwerty123456", "1234567890",
        "0987654321", "abcdefghij", "asdfghjkl1234", "zaq12wsxcde3", "aaaaaaaaaa", "abcabcabcabc", "passwordpassword", "iloveyou2026",
        "sunshine!2025", "liverpoolfc1", "summer2026!!", "welcome12345", "monkeydragon", "letmeinplease1", "trustno1trustno1",
        "121212121212", "q1w2e3r4t5", "michael1990", "jesuschrist1", "123wholesale", "tradepost2026", "football1!football1!",
        "admin@12345", "1111122222", "2026-11-20", "!!!!password", "minecraft99", "abc123abc123", "correcthorsebatterystaple",
        "123456789a", "a123456789", "asdfghjkl1", "washington", "motorcycle", "volleyball", "enterprise", "playstation3",
        "lamborghini", "christina1", "starwars1977", "realmadrid7",
    ],
)  # fmt: skip
def test_what_anyone_would_try_is_known(password: str):
    assert is_first_guess(password)


@pytest.mark.parametrize(
    "password",
    [
        "another horse battery staple", "a long enough sentence", "my dog eats 3 bowls", "tr0ub4dor&3xy",
        "vbk3 mqqz pt", "gurkensalat im juli", "we sell brushes in maine", "passwords are boring", "winter apples taste best",
        "xkcd-936-rocks", "hunter2 is not it", "kaffee und kuchen", "summerhouse on bailey island", "東京タワー2026展望台",
    ],
)  # fmt: skip
def test_a_sentence_or_a_random_text_is_not_among_them(password: str):
    assert not is_first_guess(password)
