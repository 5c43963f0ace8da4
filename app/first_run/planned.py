"""From answers to settings: the values, the text of settings.toml, and the shop's own clients to try them with."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask
from sqlalchemy import URL

from app import create_app
from app.extensions import db
from app.first_run.draft import Answers, Draft
from app.first_run.forms import MYSQL, TRIAL
from app.settings import SQUARE_OWN_URLS, Settings

_SANDBOX_URL = SQUARE_OWN_URLS[1]
_HEAD = """\
# Written when the shop was set up; every key, and those that stand at their default, is explained in
# settings.example.toml. Keep a copy of this file with your backups, above all of DATA_KEY: without it nobody can read
# the tax numbers in them. The environment wins over this file.

"""
Value = str | int | bool


def database_url(answers: Answers, instance: Path) -> str:
    """The address SQLAlchemy knows; `host` may be a name, a name with a port, or the path of a socket."""
    if answers.get("kind") != MYSQL:
        return f"sqlite:///{instance / 'shop.db'}"
    host, query = str(answers["host"]), {}
    if host.startswith("/"):
        host, query = "localhost", {"unix_socket": host}
    parts = urlsplit(f"//{host}")
    return URL.create(
        "mysql", answers["user"], answers.get("password") or None, parts.hostname, _port(host),
        answers["name"], query,
    ).render_as_string(hide_password=False)  # fmt: skip


def _port(host: str) -> int | None:
    try:
        return urlsplit(f"//{host}").port
    except ValueError:
        return None


def settings_of(draft: Draft, instance: Path) -> dict[str, Value]:
    """Every setting that the answers so far decide, by its name in settings.toml."""
    found: dict[str, Value] = {
        "SECRET_KEY": draft.secret_key,
        "DATA_KEY": draft.data_key,
        "JOBS": "drain",
        # A process under Passenger serves one visitor at a time; hosts count every connection of all of them.
        "DATABASE_POOL_SIZE": 1,
    }
    database, mail, square = draft.step("database"), draft.step("mail"), draft.step("cards")
    if database.get("kind") == MYSQL:
        found["DATABASE_URL"] = database_url(database, instance)
    found["SITE_URL"] = str(draft.step("address").get("site_url") or "")
    return found | _mail(mail) | _square(square, str(found["SITE_URL"]))


def _mail(mail: Answers) -> dict[str, Value]:
    return {
        "MAIL_DEFAULT_SENDER": mail.get("sender") or "",
        "MAIL_SERVER": mail.get("server") or "localhost",
        "MAIL_PORT": mail.get("port") or 25,
        "MAIL_USE_TLS": bool(mail.get("use_tls")),
        "MAIL_USERNAME": mail.get("user") or "",
        "MAIL_PASSWORD": mail.get("password") or "",
        "MAIL_PER_HOUR": mail.get("per_hour") or 0,
    }


def _square(square: Answers, site_url: str) -> dict[str, Value]:
    found: dict[str, Value] = {
        "SQUARE_ACCESS_TOKEN": square.get("access_token") or "",
        "SQUARE_APPLICATION_ID": square.get("application_id") or "",
        "SQUARE_LOCATION_ID": square.get("location_id") or "",
    }
    base_url = square.get("base_url") or (_SANDBOX_URL if square.get("mode") == TRIAL else "")
    if base_url:
        found["SQUARE_BASE_URL"] = base_url
    if square.get("webhook_key"):
        found["SQUARE_WEBHOOK_SIGNATURE_KEY"] = square["webhook_key"]
        found["SQUARE_WEBHOOK_URL"] = f"{site_url}/webhooks/square"
    return found


def settings_text(values: dict[str, Value]) -> str:
    """settings.toml. JSON's strings, numbers and booleans are TOML's, with one escape that is not."""
    lines = [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in values.items()]
    return _HEAD + "\n".join(lines).replace("\x7f", "\\u007f") + "\n"


def build_settings(values: dict[str, Value], instance: Path) -> Settings:
    """The same values as the shop would read them. WrongSettings names what is wrong."""
    environ = {name: str(value) for name, value in values.items()}
    return Settings.from_env(environ | {"TRADEPOST_INSTANCE": str(instance)})


@contextmanager
def open_shop_of(settings: Settings) -> Iterator[Flask]:
    """A shop with these settings and its context, for as long as the block runs; its connections are given back."""
    shop = create_app(settings)
    with shop.app_context():
        try:
            yield shop
        finally:
            db.session.remove()
            db.engine.dispose()
