"""Rules of the settings for what not every shop has: a shared store for files, pictures from elsewhere, Sentry."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit

_PREFIX = re.compile(r"([A-Za-z0-9_-][A-Za-z0-9._-]*/)+")
# Host and path alone: it becomes a word of the content policy, where a blank or a semicolon would begin another.
_PLACE = re.compile(r"[A-Za-z0-9.:\[\]-]+(/[A-Za-z0-9._~/-]*)?")


def check_optional(values: Mapping[str, Any]) -> list[str]:
    """What is wrong with them, a sentence each; nothing of what is not set."""
    problems = _check_s3(values) if values.get("s3_bucket") else []
    if values.get("media_url") and not _is_address(values["media_url"]):
        problems.append(
            "MEDIA_URL must be an address like https://pictures.example.com/media, without ? and #"
        )
    if values.get("sentry_dsn"):
        problems += _check_sentry(values["sentry_dsn"])
    return problems


def _check_s3(values: Mapping[str, Any]) -> list[str]:
    problems = [
        f"{key.upper()} is missing: S3_BUCKET needs it"
        for key in ("s3_access_key", "s3_secret_key")
        if not values.get(key)
    ]
    if values.get("s3_endpoint") and not _is_address(values["s3_endpoint"]):
        problems.append("S3_ENDPOINT must be the store's address, like https://s3.example.com")
    if values.get("s3_prefix") and not _PREFIX.fullmatch(values["s3_prefix"]):
        problems.append("S3_PREFIX must end with a slash, like shop/, and hold no blanks")
    if values.get("s3_timeout_seconds", 1) < 1:
        problems.append("S3_TIMEOUT_SECONDS must be 1 or more")
    return problems + _check_package("boto3", "S3_BUCKET", "requirements-s3.lock")


def _check_sentry(dsn: str) -> list[str]:
    """The address has a key for a user name and ends with the number of a project (Sentry's documentation of DSNs)."""
    parts = urlsplit(dsn)
    if parts.scheme not in {"http", "https"} or not parts.username or not parts.path.strip("/"):
        return ["SENTRY_DSN must be a project's address, like https://key@sentry.example.com/1"]
    return _check_package("sentry_sdk", "SENTRY_DSN", "requirements-sentry.lock")


def _check_package(package: str, setting: str, lock: str) -> list[str]:
    if find_spec(package) is not None:
        return []
    return [
        f"{setting} needs the package {package}, which is not installed: "
        f"`pip install --require-hashes -r {lock}`, or leave {setting} empty"
    ]


def _is_address(text: str) -> bool:
    scheme, _, rest = text.partition("://")
    return scheme in {"http", "https"} and _PLACE.fullmatch(rest) is not None
