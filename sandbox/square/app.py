"""The look-alike as a Flask application."""

from pathlib import Path

from flask import Flask, Response, request
from jinja2 import StrictUndefined

from sandbox.square.api import api
from sandbox.square.control import control
from sandbox.square.office import Office
from sandbox.square.page import page

STATIC = Path(__file__).resolve().parent.parent / "static"
POLICY = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
LARGEST_BODY = 1_000_000


def create_app(office: Office) -> Flask:
    """Put Square's addresses, the control API and the page around one office."""
    app = Flask(__name__, static_folder=str(STATIC))
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.jinja_env.undefined = StrictUndefined
    app.extensions["square_office"] = office
    for blueprint in (api, control, page):
        app.register_blueprint(blueprint)
    app.before_request(_read_to_the_end)
    app.after_request(_guard)
    return app


def _read_to_the_end() -> None:
    # What nobody reads would keep the server waiting for the end of the connection before it answers.
    request.get_data()


def _guard(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    return response
