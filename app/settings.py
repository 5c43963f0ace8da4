"""What a host sets: read once, from instance/settings.toml and, over it, the environment. Wrong keys stop the start."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click
from limits import parse_many

from app.settings_of_extras import check_optional

SQUARE_OWN_URLS = ("https://connect.squareup.com", "https://connect.squareupsandbox.com")
JOB_MODES = ("rq", "database", "drain")
CLUSTERS = ("", "galera")
ROOT = Path(__file__).resolve().parent.parent
# How often something may be done, like "10 per minute; 60 per day"; empty for as often as one likes.
Limits = str
# Addresses and networks with commas, like "127.0.0.1, 10.0.0.0/8, fd00::/8".
Networks = str


class WrongSettings(click.ClickException):
    """One readable list of everything missing or wrong; a command ends with that list and no traceback."""

    def __init__(self, problems: list[str]):
        super().__init__("The shop cannot start:\n" + "\n".join(f"  - {problem}" for problem in problems))
        self.problems = problems


def _flag(text: str) -> bool:
    if text.strip().lower() in {"1", "true", "yes", "on"}:
        return True
    if text.strip().lower() in {"0", "false", "no", "off", ""}:
        return False
    raise ValueError("use true or false")


def _seconds(text: str) -> tuple[int, ...]:
    steps = tuple(int(part) for part in text.split(",") if part.strip())
    if not steps:
        raise ValueError("use seconds with commas, like 10,60,600")
    return steps


def _limits(text: str) -> str:
    try:
        if text.strip() and any(each.amount < 1 for each in parse_many(text)):
            raise ValueError
    except ValueError:
        raise ValueError("use words like 10 per minute; 60 per day, or nothing for no limit") from None
    return text.strip()


def _networks(text: str) -> str:
    try:
        return ",".join(
            str(ip_network(part.strip(), strict=False)) for part in text.split(",") if part.strip()
        )
    except ValueError:
        raise ValueError("use addresses or networks with commas, like 127.0.0.1, 10.0.0.0/8") from None


_READERS: dict[str, Callable[[str], Any]] = {
    "str": str,
    "int": int,
    "bool": _flag,
    "tuple[int, ...]": _seconds,
    "Limits": _limits,
    "Networks": _networks,
}


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Every key a host may set, with its default; the environment calls them by the same name in capitals."""

    secret_key: str = field(repr=False)
    data_key: str = field(repr=False)
    site_url: str
    instance_path: str
    # While keys are rotated (flask rotate-keys): what the keys before these signed and encrypted is still read.
    secret_key_old: str = field(default="", repr=False)
    data_key_old: str = field(default="", repr=False)
    database_url: str = field(default="", repr=False)
    # "galera": the database is a node of a MariaDB Galera cluster, and other processes talk to other nodes.
    database_cluster: str = ""
    redis_url: str = field(default="", repr=False)
    jobs: str = "database"
    port: int = 8000
    square_base_url: str = ""
    square_access_token: str = field(default="", repr=False)
    square_application_id: str = ""
    square_location_id: str = ""
    square_webhook_signature_key: str = field(default="", repr=False)
    square_webhook_url: str = ""
    mail_server: str = "localhost"
    mail_port: int = 25
    mail_username: str = ""
    mail_password: str = field(default="", repr=False)
    mail_use_tls: bool = False
    mail_verify_certificate: bool = True
    mail_default_sender: str = ""
    # How many proxies in front of us may be believed about a visitor's address, host and scheme (0 = none).
    trusted_proxies: int = 0
    square_timeout_seconds: int = 8
    # How many threads of one process may wait for an authorization at a time; keep it below gunicorn's --threads.
    square_places: int = 2
    smtp_timeout_seconds: int = 10
    # Outbox: how long a taken row stays taken, and the growing waits between tries; after the last it needs a person.
    outbox_lease_seconds: int = 120
    outbox_retry_seconds: tuple[int, ...] = (10, 60, 300, 1800, 7200)
    outbox_poll_seconds: int = 1
    # Circuit breaker: so many failures within the window, and a service is left alone for the rest; 0 failures = never.
    breaker_failures: int = 5
    breaker_window_seconds: int = 60
    breaker_rest_seconds: int = 60
    # What the host lets out in an hour; above it a mail waits. 0 = no cap.
    mail_per_hour: int = 0
    settle_after_seconds: int = 120
    settle_again_seconds: int = 3600
    capture_stale_seconds: int = 300
    cart_days: int = 90
    abandoned_order_days: int = 7
    session_hours: int = 336
    hsts_subdomains: bool = False
    session_days: int = 30
    staff_idle_minutes: int = 240
    staff_session_hours: int = 12
    verification_hours: int = 48
    reset_minutes: int = 60
    upload_megabytes: int = 10
    # Papers and pictures in an S3-compatible store that several machines share; no bucket: in the instance folder.
    s3_bucket: str = ""
    s3_endpoint: str = ""
    s3_region: str = "us-east-1"
    s3_access_key: str = field(default="", repr=False)
    s3_secret_key: str = field(default="", repr=False)
    s3_prefix: str = ""
    s3_timeout_seconds: int = 5
    # Where browsers fetch the catalogue's pictures if not from the shop itself.
    media_url: str = ""
    rate_limits: bool = True
    sign_in_limit: Limits = "10 per minute; 60 per day"
    registration_limit: Limits = "10 per minute"
    contact_limit: Limits = "10 per minute"
    payment_limit: Limits = "10 per minute"
    cart_limit: Limits = "100 per minute"
    admin_limit: Limits = "50 per minute"
    public_limit: Limits = "1200 per minute"
    site_limit: Limits = ""
    # A line in which a request waits for longer than this is too long; who only browses is then asked to come again. 0 = never.
    busy_after_milliseconds: int = 1500
    database_pool_size: int = 5
    log_level: str = "INFO"
    # Where bugs are reported to, beside the log: the address Sentry (or what speaks like it) gives a project.
    sentry_dsn: str = field(default="", repr=False)
    # Who may read /metrics: whoever shows the token, and these addresses and networks. Neither set: there is no such page.
    metrics_token: str = field(default="", repr=False)
    metrics_addresses: Networks = ""
    # Background work silent for longer stands still; an alarm that was mailed is not mailed again for so long.
    standstill_minutes: int = 10
    alarm_quiet_minutes: int = 240

    @property
    def signing_keys(self) -> list[str]:
        """For itsdangerous: whatever one of them signed is believed, and the last one signs."""
        return [key for key in (self.secret_key_old, self.secret_key) if key]

    @property
    def is_https(self) -> bool:
        return self.site_url.startswith("https://")

    @property
    def is_square_real(self) -> bool:
        """Whether cards are entered with Square's own script: only when payments go to Square's own servers."""
        return self.square_base_url.rstrip("/") in SQUARE_OWN_URLS

    @property
    def uploads_path(self) -> Path:
        """Private files (certificates); outside everything a web server serves."""
        return Path(self.instance_path) / "uploads"

    @property
    def media_path(self) -> Path:
        """Public pictures of the catalogue."""
        return Path(self.instance_path) / "media"

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Read instance/settings.toml and the environment over it; WrongSettings names every problem at once."""
        environ = os.environ if environ is None else environ
        instance = find_instance(environ)
        given = _read_file(instance / "settings.toml")
        names = {each.name: str(each.type) for each in fields(cls) if each.name != "instance_path"}
        problems = [
            f"{key.upper()} in settings.toml is not a setting" for key in given if key.lower() not in names
        ]
        values: dict[str, Any] = {"instance_path": str(instance)}
        for name, kind in names.items():
            raw = environ.get(name.upper(), given.get(name))
            if raw is None:
                continue
            try:
                values[name] = _READERS[kind](str(raw))
            except ValueError as error:
                problems.append(f"{name.upper()} is {raw!r}: {error}")
        problems += _check(values)
        if problems:
            raise WrongSettings(problems)
        return cls(**_with_defaults(values, instance))


def find_instance(environ: Mapping[str, str] | None = None) -> Path:
    """This machine's own folder: TRADEPOST_INSTANCE, or instance/ beside the code."""
    environ = os.environ if environ is None else environ
    return Path(environ.get("TRADEPOST_INSTANCE") or ROOT / "instance").resolve()


def is_configured(environ: Mapping[str, str] | None = None) -> bool:
    """Whether anybody has given this shop settings: a file, be it broken, or its keys in the environment.

    Only where nobody has may a set-up page be shown.
    """
    environ = os.environ if environ is None else environ
    file = find_instance(environ) / "settings.toml"
    return file.is_symlink() or file.exists() or any(environ.get(key) for key in ("SECRET_KEY", "DATA_KEY"))


def _read_file(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        return {key.lower(): value for key, value in tomllib.loads(path.read_text()).items()}
    except tomllib.TOMLDecodeError as error:
        raise WrongSettings([f"settings.toml cannot be read: {error}"]) from error


def _check(values: Mapping[str, Any]) -> list[str]:
    problems = _check_keys(values)
    site = urlsplit(values.get("site_url", ""))
    if site.scheme not in {"http", "https"} or not site.netloc or site.path not in {"", "/"}:
        problems.append("SITE_URL must be the shop's address, like https://shop.example.com")
    if 0 < len(values.get("metrics_token", "")) < 24:
        problems.append("METRICS_TOKEN is shorter than 24 characters; make one with `python -m app.make_key`")
    if values.get("jobs", "database") not in JOB_MODES:
        problems.append(f"JOBS must be one of {', '.join(JOB_MODES)}")
    if values.get("database_cluster", "") not in CLUSTERS:
        problems.append("DATABASE_CLUSTER must be galera, or empty for one database")
    if values.get("jobs") == "rq" and not values.get("redis_url"):
        problems.append("JOBS=rq needs REDIS_URL")
    if not values.get("mail_default_sender"):
        problems.append("MAIL_DEFAULT_SENDER is missing: the address the shop's mail comes from")
    if values.get("busy_after_milliseconds", 0) < 0:
        problems.append("BUSY_AFTER_MILLISECONDS must be 0 (never) or more")
    if values.get("square_places", 1) < 1:
        problems.append("SQUARE_PLACES must be 1 or more")
    problems += check_optional(values)
    for key in ("square_access_token", "square_location_id"):
        if not values.get(key):
            problems.append(f"{key.upper()} is missing: copy it from Square's developer console")
    return problems


def _check_keys(values: Mapping[str, Any]) -> list[str]:
    problems = []
    for key, least in (("secret_key", 32), ("data_key", 32)):
        name = key.upper()
        if values.get(key) and values[key] == values.get(f"{key}_old"):
            problems.append(f"{name} and {name}_OLD are the same; the old one is the key before")
        if len(values.get(key, "")) < least:
            problems.append(
                f"{name} is missing or shorter than {least} characters; make one with `python -m app.make_key`"
            )
    return problems


def _with_defaults(values: dict[str, Any], instance: Path) -> dict[str, Any]:
    values["site_url"] = values["site_url"].rstrip("/")
    values["media_url"] = values.get("media_url", "").rstrip("/")
    values["database_url"] = values.get("database_url") or f"sqlite:///{instance / 'shop.db'}"
    values["square_base_url"] = values.get("square_base_url") or SQUARE_OWN_URLS[0]
    return values
