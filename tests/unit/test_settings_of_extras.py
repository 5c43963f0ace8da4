"""Settings of what not every shop has: wrong ones stop the start and say what to do."""

from __future__ import annotations

import sys

import pytest

from app.security_headers import content_policy
from app.settings import Settings
from app.settings_of_extras import check_optional

BUCKET = {"s3_bucket": "b", "s3_access_key": "k", "s3_secret_key": "s"}
DSN = "https://key@sentry.example.com/1"


@pytest.mark.parametrize(
    "values",
    [
        {},
        BUCKET,
        {**BUCKET, "s3_endpoint": "http://127.0.0.1:9000", "s3_prefix": "a/b-1/"},
        {"media_url": "https://cdn.example.com/shop/media"},
        {"sentry_dsn": DSN},
    ],
)
def test_right_ones_say_nothing(values: dict[str, object]) -> None:
    assert check_optional(values) == []


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"s3_bucket": "b", "s3_secret_key": "s"}, "S3_ACCESS_KEY is missing"),
        ({**BUCKET, "s3_endpoint": "s3.example.com"}, "S3_ENDPOINT"),
        ({**BUCKET, "s3_prefix": "no-slash"}, "S3_PREFIX must end with a slash"),
        ({**BUCKET, "s3_prefix": "../"}, "S3_PREFIX"),
        ({**BUCKET, "s3_timeout_seconds": 0}, "S3_TIMEOUT_SECONDS"),
        ({"media_url": "https://cdn.example.com/ 'unsafe-inline'"}, "MEDIA_URL"),
        ({"media_url": "https://cdn.example.com/;script-src *"}, "MEDIA_URL"),
        ({"media_url": "//cdn.example.com"}, "MEDIA_URL"),
        ({"sentry_dsn": "https://sentry.example.com/1"}, "SENTRY_DSN"),
        ({"sentry_dsn": "key@sentry.example.com"}, "SENTRY_DSN"),
    ],
)
def test_wrong_ones_are_named(values: dict[str, object], says: str) -> None:
    [problem] = check_optional(values)
    assert says in problem


@pytest.mark.parametrize(
    ("package", "values", "lock"),
    [
        ("boto3", BUCKET, "requirements-s3.lock"),
        ("sentry_sdk", {"sentry_dsn": DSN}, "requirements-sentry.lock"),
    ],
)
def test_a_package_that_is_missing_is_named_with_the_line_that_installs_it(
    monkeypatch: pytest.MonkeyPatch, package: str, values: dict[str, object], lock: str
) -> None:
    monkeypatch.setitem(sys.modules, package, None)  # Python's own way to say that there is none
    [problem] = check_optional(values)
    assert package in problem
    assert f"pip install --require-hashes -r {lock}" in problem


def test_pictures_from_elsewhere_are_let_in_as_images_and_nothing_more() -> None:
    settings = Settings(
        secret_key="s" * 32, data_key="d" * 32, site_url="https://shop.example", instance_path="/none",
        media_url="https://cdn.example.com/media",
    )  # fmt: skip
    policy = content_policy("", settings)
    assert "img-src 'self' data: https://cdn.example.com/media/;" in policy
    assert policy.count("cdn.example.com") == 1


def test_no_secret_of_theirs_is_ever_shown() -> None:
    settings = Settings(
        secret_key="s" * 32, data_key="d" * 32, site_url="https://shop.example", instance_path="/none",
        s3_access_key="the-access-key", s3_secret_key="the-secret-key", sentry_dsn=DSN,
    )  # fmt: skip
    shown = repr(settings)
    assert not [each for each in ("the-access-key", "the-secret-key", "sentry.example.com") if each in shown]
