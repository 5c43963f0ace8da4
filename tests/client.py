"""A browser without a screen: sends requests to the shop as JavaScript-free pages do, CSRF token included."""

from __future__ import annotations

import secrets
from contextvars import Context
from datetime import timedelta
from typing import Any
from urllib.parse import urljoin

from bs4 import BeautifulSoup, Tag
from flask import has_app_context
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from werkzeug.test import TestResponse

from app.accounts.models import User
from app.accounts.open_session import OpenSession, open_session
from app.accounts.sessions import KEY, SEEN
from app.extensions import db
from app.shared import clock

_UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}
_CSRF_SALT = "wtf-csrf-token"


class ShopClient(FlaskClient):
    """Adds the CSRF token to unsafe requests unless `csrf=False`, and keeps each request apart from the test.

    Each request runs in a context of its own: Flask would otherwise take the test's open app context for the
    request too, with whoever was signed in there. The test's session is rolled back first, so that it holds no
    savepoint the request's commits would hang on, and reads afresh afterwards.
    """

    def open(self, *args: Any, csrf: bool = True, **kwargs: Any) -> TestResponse:
        method = str(kwargs.get("method", "GET")).upper()
        if csrf and method in _UNSAFE:
            headers = dict(kwargs.pop("headers", None) or {})
            kwargs["headers"] = {"X-CSRFToken": self.csrf_token(), **headers}
        _release_session()
        return Context().run(super().open, *args, **kwargs)

    def csrf_token(self) -> str:
        """The token a page of this session would carry."""
        with self.session_transaction() as session:
            raw = session.setdefault("csrf_token", secrets.token_hex(20))
        secret = self.application.config["SECRET_KEY"]
        return str(URLSafeTimedSerializer(secret, salt=_CSRF_SALT).dumps(raw))

    def hx(self, path: str, method: str = "GET", **kwargs: Any) -> TestResponse:
        """The same address as htmx would ask for it."""
        headers = {"HX-Request": "true", **(kwargs.pop("headers", None) or {})}
        return self.open(path, method=method, headers=headers, **kwargs)

    def submit(self, page: TestResponse, form: str = "form", /, **values: Any) -> TestResponse:
        """Fill in and send a form of a page as a browser without JavaScript does; follows redirects.

        `form` is a CSS selector. Hidden fields and prefilled values go along; `values` replace them by name
        (`None` leaves a field out; a list sends several). A name no field has is an error in the test.
        """
        element = read_html(page).select_one(form)
        assert element is not None, f"no {form!r} on {page.request.path}"
        data = _filled_in(element)
        unknown = set(values) - set(data) - _field_names(element)
        assert not unknown, f"the form has no field {sorted(unknown)}"
        data |= values
        data = {name: value for name, value in data.items() if value is not None}
        target = urljoin(page.request.path, str(element.get("action") or page.request.full_path))
        if str(element.get("method", "get")).lower() != "post":
            return self.get(target, query_string=data, follow_redirects=True)
        return self.post(target, data=data, follow_redirects=True, csrf=False)


def _release_session() -> None:
    """End the test's own reading transaction; rows it changed outside one are a mistake in the test."""
    if (
        not has_app_context()
    ):  # a redirect being followed: the test's own context was left with the first request
        return
    session = db.session()
    changed = [*session.new, *session.dirty, *session.deleted]
    assert not changed, f"changed outside a transaction, so the request would not see it: {changed}"
    session.rollback()


def sign_in(client: ShopClient, user: User) -> None:
    """Sign the user in without the sign-in page (which has tests of its own and hashes slowly on purpose)."""
    now = clock.now()
    key = open_session(user, OpenSession("Firefox on Linux", "127.0.0.x", timedelta(days=30)), now=now)
    with client.session_transaction() as session:
        session["_user_id"] = user.get_id()
        session["_fresh"] = True
        session[KEY], session[SEEN] = key, int(now.timestamp())
        session.permanent = True


def read_html(response: TestResponse) -> BeautifulSoup:
    """The answer's HTML for `select()` and `select_one()`."""
    return BeautifulSoup(response.get_data(as_text=True), "lxml")


def read_text(response: TestResponse) -> str:
    """What a person reads on the page, white space collapsed; scripts and styles left out."""
    page = read_html(response)
    for element in page(["script", "style", "template", "title"]):
        element.decompose()
    return " ".join(page.get_text(" ").split())


def _field_names(form: Tag) -> set[str]:
    return {str(field["name"]) for field in form.select("[name]")}


def _filled_in(form: Tag) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for field in form.select("input[name], select[name], textarea[name]"):
        if not field.has_attr("disabled"):
            for value in _values_of(field):
                name = str(field["name"])
                data[name] = value if name not in data else [*_as_list(data[name]), value]
    return data


def _values_of(field: Tag) -> list[str]:
    """What a browser would send for one field: nothing for an unticked box, a button or an empty file field."""
    if field.name == "textarea":
        return [field.get_text().removeprefix("\n")]
    if field.name == "select":
        options = field.select("option")
        chosen = [option for option in options if option.has_attr("selected")]
        if not chosen and not field.has_attr("multiple"):
            chosen = options[:1]
        return [str(option.get("value", option.get_text())) for option in chosen]
    kind = str(field.get("type", "text"))
    if kind in {"submit", "button", "file", "image", "reset"}:
        return []
    if kind in {"checkbox", "radio"}:
        return [str(field.get("value", "on"))] if field.has_attr("checked") else []
    return [str(field.get("value", ""))]


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
