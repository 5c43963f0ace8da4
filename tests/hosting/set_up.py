"""A set-up under test: its folder, a browser without a screen, and right answers to all its questions."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from flask import Flask
from sqlalchemy import make_url
from werkzeug.test import TestResponse

from app.first_run.door import create_first_run_app
from app.settings import Settings
from sandbox.mail import MailCatcher
from sandbox.square import SquareServer
from tests.client import ShopClient
from tests.worlds import build_app

OWNER_PASSWORD = "lanterns over the pier"
Answers = dict[str, dict[str, Any]]


class SetUp:
    """`browser` goes through the pages; `shop` is what was built once the settings were there."""

    def __init__(self, instance: Path):
        self.instance = instance
        self.shop: Flask | None = None
        self.app = create_first_run_app(self._build)
        self.app.test_client_class = ShopClient

    def _build(self) -> Flask:
        self.shop = build_app(Settings.from_env())
        return self.shop

    def browser(self) -> ShopClient:
        browser = self.app.test_client()
        assert isinstance(browser, ShopClient)
        return browser

    @property
    def code(self) -> str:
        found = re.search(
            r"^[A-Z0-9]{5}(-[A-Z0-9]{5}){3}$", (self.instance / "setup-code.txt").read_text(), re.M
        )
        assert found
        return found.group()

    def opened(self) -> ShopClient:
        """A browser whose owner has typed the code."""
        browser = self.browser()
        page = browser.submit(browser.get("/"), code=self.code)
        assert page.request.path == "/set-up/database"
        return browser

    def opened_again(self) -> ShopClient:
        """The same from another browser, in the middle of it."""
        browser = self.browser()
        browser.submit(browser.get("/"), code=self.code)
        return browser

    def walk(self, answers: Answers, until: str = "done") -> TestResponse:
        """Answer every step as given, up to the page of the step named."""
        browser = self.opened()
        page = browser.get("/set-up/database")
        for name, given in answers.items():
            if name == until:
                break
            assert page.request.path == f"/set-up/{name}", page.get_data(as_text=True)
            first = {field: value for field, value in given.items() if field != "anyway"}
            page = browser.submit(page, do="go", **first)
            if "anyway" in given:
                assert page.status_code == 422
                page = browser.submit(page, do="go", **given)
        return page


def right_answers(database_url: str, square: SquareServer, mails: MailCatcher) -> Answers:
    """What an owner types for a database of the tests and the stand-ins."""
    return {
        "database": database_answers(database_url),
        "address": {"site_url": "https://localhost:1", "anyway": "yes"},
        "mail": {
            "sender": "orders@shop.example.com",
            "server": mails.smtp_host,
            "port": str(mails.smtp_port),
            "use_tls": None,
            "try_to": "ruth@shop.example.com",
        },
        "cards": {
            "mode": "trial",
            "application_id": "sandbox-sq0idb-tradepost",
            "access_token": square.token,
            "location_id": square.location_id,
            "base_url": square.url,
        },
        "shop": {
            "name": "Salt & Cedar",
            "email": "hello@shop.example.com",
            "state": "ME",
            "postal_code": "04101",
        },
        "owner": {"name": "Ruth Alder", "email": "ruth@shop.example.com", "password": OWNER_PASSWORD},
    }


def database_answers(url: str) -> dict[str, Any]:
    if url.startswith("sqlite"):
        return {"kind": "sqlite"}
    parsed = make_url(url)
    socket = unquote(str(parsed.query["unix_socket"]))
    return {"kind": "mysql", "host": socket, "name": parsed.database, "user": parsed.username}
