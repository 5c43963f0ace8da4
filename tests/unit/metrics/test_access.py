"""Who may read the figures."""

from __future__ import annotations

import pytest

from app.metrics.access import may_read

TOKEN = "a-token-of-some-length-0123"


@pytest.mark.parametrize(
    ("shown", "is_let_in"),
    [
        (f"Bearer {TOKEN}", True),
        (f"bearer {TOKEN}", True),
        (f"Basic {TOKEN}", False),
        (f"Bearer {TOKEN}x", False),
        ("Bearer ", False),
        ("Bearer ü", False),
        (TOKEN, False),
        ("", False),
    ],
)
def test_only_the_whole_token_opens(shown: str, is_let_in: bool):
    assert may_read(TOKEN, "", shown=shown, address="203.0.113.9") is is_let_in


def test_no_token_set_lets_an_empty_one_in_nowhere():
    assert not may_read("", "", shown="Bearer ", address="127.0.0.1")


@pytest.mark.parametrize(
    ("address", "is_let_in"),
    [
        ("10.1.2.3", True),
        ("11.1.2.3", False),
        ("fd00::5", True),
        ("::ffff:10.1.2.3", False),
        ("nonsense", False),
        ("", False),
    ],
)
def test_addresses_in_the_list_need_no_token(address: str, is_let_in: bool):
    assert may_read("", "10.0.0.0/8,fd00::/8", shown="", address=address) is is_let_in
