"""How routes answer: a whole page or only the fragment htmx asked for, and redirects both understand."""

from __future__ import annotations

import json
from collections.abc import Callable, MutableMapping
from typing import Any
from urllib.parse import quote, urlsplit

from flask import Response, current_app, flash, g, make_response, redirect, render_template, request, url_for
from flask.templating import Environment

from app.shared.errors import AppError


class ShopTemplates(Environment):
    """Flask's, with one dictionary of globals for all templates. Jinja's usual one is a chain of two, whose keys it
    compares at each import and copies for each include: a tenth of a cart's page."""

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        return super().make_globals(d) if d else self.globals


def after_answer(response: Response, step: Callable[[], None]) -> None:
    """Run a step once the answer has gone out, in this very process and with a database session of its own."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]

    def run() -> None:
        with app.app_context():
            step()

    response.call_on_close(run)


def wants_fragment() -> bool:
    """Whether htmx asked for a part of a page. A restore of history and a boosted link want the whole page."""
    headers = request.headers
    return (
        headers.get("HX-Request") == "true"
        and headers.get("HX-History-Restore-Request") != "true"
        and headers.get("HX-Boosted") != "true"
    )


def page_or_fragment(
    page: str, fragment: str, *, status: int = 200, announce: str = "", **needs: Any
) -> Response:
    """Render the whole page, or the fragment alone when htmx asked for it; `announce` goes to the live region."""
    response = make_response(render_template(fragment if wants_fragment() else page, **needs), status)
    response.vary.update(["HX-Request", "HX-History-Restore-Request", "HX-Boosted"])
    if announce and wants_fragment():
        response.headers["HX-Trigger"] = json.dumps({"announce": announce})
    elif announce:
        flash(announce, "done")
    return response


def page(template: str, *, status: int = 200, **needs: Any) -> Response:
    """Render a whole page."""
    return make_response(render_template(template, **needs), status)


def go_to(address: str, *, message: str = "") -> Response:
    """Send the browser on with 303; htmx gets HX-Redirect, so that it loads the page instead of swapping it in."""
    if message:
        flash(message, "done")
    if wants_fragment():
        response = make_response("", 204)
        response.headers["HX-Redirect"] = address
        return response
    return make_response(redirect(address, 303))


def address_of(endpoint: str, **last_part: str) -> str:
    """`url_for` for an address that ends in one word and of which a page shows many, like a product's.

    What comes before the word is built once a request; a listing has two hundred links, and url_for was a tenth of it.
    """
    [(name, value)] = last_part.items()
    starts: dict[str, str] = g.setdefault("address_starts", {})
    if endpoint not in starts:
        any_word: dict[str, Any] = {name: "-"}
        starts[endpoint] = url_for(endpoint, **any_word)[:-1]
    return starts[endpoint] + quote(value, safe="")


def safe_next(address: str | None, otherwise: str) -> str:
    """The address to return to after signing in, if it is a path of this shop; anything else is not followed."""
    if not address or not address.startswith("/") or address.startswith("//") or "\\" in address:
        return otherwise
    if any(ord(letter) < 32 for letter in address):
        return otherwise
    parts = urlsplit(address)
    return otherwise if parts.scheme or parts.netloc else address


def refuse(form: Any, error: AppError) -> None:
    """Put a use case's refusal where the person looks: beside the field it names, else on top of the form."""
    field = form[error.field] if error.field and error.field in form else None
    if field is None:
        form.form_errors.append(error.message)
    else:
        field.errors = [*field.errors, error.message]
