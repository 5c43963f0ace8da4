"""What every answer tells the browser."""

from __future__ import annotations

import pytest

from app.security_headers import content_policy
from app.settings import Settings


def settings(**changes: str) -> Settings:
    values = {
        "secret_key": "s" * 32, "data_key": "d" * 32, "site_url": "https://shop.example", "instance_path": "/tmp/none",
        "square_base_url": "https://connect.squareup.com",
    }  # fmt: skip
    return Settings(**{**values, **changes})


def directives(policy: str) -> dict[str, list[str]]:
    return {name: sources for name, *sources in (part.split() for part in policy.split(";"))}


def test_nothing_runs_but_the_shops_own_files_and_what_carries_the_nonce():
    policy = directives(content_policy("abc", settings()))
    assert policy["default-src"] == ["'none'"]
    assert policy["script-src"] == ["'self'", "'nonce-abc'"]
    assert policy["style-src"] == ["'self'", "'nonce-abc'"]
    assert policy["frame-ancestors"] == ["'none'"]
    assert "unsafe" not in content_policy("abc", settings())


@pytest.mark.parametrize(
    "base, script",
    [
        ("https://connect.squareup.com", "https://web.squarecdn.com"),
        ("https://connect.squareupsandbox.com", "https://sandbox.web.squarecdn.com"),
    ],
)
def test_the_card_page_lets_in_squares_script_and_bank_frames(base, script):
    policy = directives(content_policy("abc", settings(square_base_url=base), takes_card=True))
    assert script in policy["script-src"]
    assert "https:" in policy["frame-src"]
    assert base in policy["connect-src"]
    assert "'unsafe-inline'" not in policy["script-src"]


def test_plain_http_is_upgraded_only_where_the_shop_is_on_https():
    assert "upgrade-insecure-requests" in content_policy("", settings())
    assert "upgrade-insecure-requests" not in content_policy("", settings(site_url="http://localhost:8000"))
