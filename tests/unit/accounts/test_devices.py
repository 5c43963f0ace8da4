"""What a person is told about a device they signed in on."""

from __future__ import annotations

import pytest

from app.accounts.devices import describe_device, shorten_address

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Version/18.5 Mobile/15E148 Safari/604.1"


@pytest.mark.parametrize(
    "user_agent, words",
    [
        (FIREFOX, "Firefox on Linux"),
        (IPHONE, "Safari on iPhone"),
        (
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0",
            "Edge on Windows",
        ),
        (
            "Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36",
            "Chrome on Android",
        ),
        ("<script>alert(1)</script>", "A device we do not know"),
        ("", "A device we do not know"),
    ],
)
def test_a_device_is_told_in_two_words(user_agent: str, words: str):
    assert describe_device(user_agent) == words


@pytest.mark.parametrize(
    "address, short",
    [
        ("203.0.113.7", "203.0.113.x"),
        ("2001:db8:1:2::7", "2001:db8:1::x"),
        ("::ffff:203.0.113.7", "203.0.113.x"),
        ("unix:", ""),
    ],
)
def test_an_address_is_shortened_before_it_is_kept(address: str, short: str):
    assert shorten_address(address) == short
