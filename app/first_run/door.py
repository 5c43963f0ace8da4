"""The set-up in a browser: a small application of its own that is served only while the shop has no settings."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from flask import (
    Flask,
    Response,
    abort,
    current_app,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.cli import AppGroup
from flask.sessions import SecureCookieSessionInterface
from flask_wtf.csrf import CSRFError
from jinja2 import StrictUndefined

from app.accounts.create_owner import CreateOwner
from app.extensions import csrf
from app.first_run.cli import install_command
from app.first_run.draft import Draft, load_draft
from app.first_run.forms import PASSWORD_HELP, StepForm
from app.first_run.install import SetUpAlready, install
from app.first_run.outcome import Outcome, bad
from app.first_run.setup_code import NAME as CODE_FILE
from app.first_run.setup_code import ensure_code, use_code
from app.first_run.steps import STEPS, Step, find_step, is_open, next_open
from app.first_run.switch_over import SwitchOver
from app.first_run.try_address import SIGN_PATH, sign_of
from app.layout import asset
from app.settings import find_instance
from app.shared import clock
from app.shared.errors import AppError
from app.shared.history import Actor
from app.shared.safe_answers import SAFE_HEADERS, cookie_name

_OPENED = "set_up"
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
# How long browsers keep to https after the set-up came by it; whether the shop does for good is one of its questions.
_DAY = 24 * 3600
_MOST_BYTES = 64 * 1024


class _SafeCookie(SecureCookieSessionInterface):
    """Over https the cookie stays there; nobody has said yet which of the two the shop will have."""

    def get_cookie_name(self, app: Flask) -> str:
        return cookie_name(super().get_cookie_name(app), is_https=request.is_secure)

    def get_cookie_secure(self, app: Flask) -> bool:
        return request.is_secure


class _OnlyInstall(AppGroup):
    """Every other command needs a shop; it is told so instead of being unknown."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command:
        found = super().get_command(ctx, cmd_name)
        if found is None:
            raise click.ClickException(
                f"This shop has no settings yet, so `flask {cmd_name}` has nothing to work on. Set it up with "
                "`flask install`, or in a browser; or copy instance/settings.example.toml to settings.toml."
            )
        return found


def create_first_run_app(build_shop: Callable[[], Flask]) -> Flask:
    """The set-up. Makes the code file at once; from the moment settings.toml is there, `build_shop` answers instead."""
    instance = find_instance()
    app = Flask("app", instance_path=str(instance))
    app.secret_key = load_draft(instance).cookie_key
    app.config.update(
        MAX_CONTENT_LENGTH=_MOST_BYTES,
        SESSION_COOKIE_NAME="tradepost-set-up",
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_TIME_LIMIT=None,
        SEND_FILE_MAX_AGE_DEFAULT=3600,
    )
    app.session_interface = _SafeCookie()
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.globals["asset"] = asset
    csrf.init_app(app)
    ensure_code(instance)
    app.add_url_rule("/", "code", show_code, methods=["GET", "POST"])
    app.add_url_rule(SIGN_PATH, "here", lambda: Response(sign_of(_draft()), mimetype="text/plain"))
    app.add_url_rule("/set-up/<name>", "step", show_step, methods=["GET", "POST"])
    app.register_error_handler(CSRFError, _expired)
    app.register_error_handler(404, _not_open)
    app.after_request(_add_headers)
    app.cli = _OnlyInstall()
    app.cli.add_command(install_command)
    app.wsgi_app = SwitchOver(app.wsgi_app, build_shop)  # type: ignore[method-assign]
    return app


def show_code() -> Response:
    """Strangers read that there is no shop yet; whoever has the code goes on with it."""
    ensure_code(_instance())
    if session.get(_OPENED):
        return _go_to(next_open(_draft()))
    error = ""
    if request.method == "POST":
        if use_code(_instance(), request.form.get("code", "")[:100]):
            session[_OPENED] = True
            return _go_to(next_open(_draft()))
        error = "That is not the code in the file. Copy the whole last line of it; after each use there is a new one."
    return _page("code", 422 if error else 200, error=error, file=str(_instance() / CODE_FILE))


def show_step(name: str) -> Response:
    step = find_step(name) or abort(404)
    if not session.get(_OPENED):
        return make_response(redirect(url_for("code"), 303))
    draft = _draft()
    if not is_open(step, draft):
        return _go_to(next_open(draft))
    if request.method == "GET":
        return _form_page(step, draft, step.form(data=_proposed(step, draft)))
    form = step.form(request.form)
    _keep_secrets(step, form, draft)
    if not form.validate():
        return _form_page(step, draft, form, status=422)
    if step.name == "owner":
        return _finish(step, form, draft)
    draft.keep(step.name, form.data)
    draft.save(_instance())
    return _test_or_go_on(step, form, draft)


def _keep_secrets(step: Step, form: StepForm, draft: Draft) -> None:
    """What a browser is never sent back need not be typed again, whatever else is wrong on the page."""
    typed = {name: form[name].data for name in form.secrets if form[name].data}
    form.keep_secrets(draft.step(step.name))
    if typed:
        draft.keep(step.name, typed)
        draft.save(_instance())


def _test_or_go_on(step: Step, form: StepForm, draft: Draft) -> Response:
    is_test = request.form.get("do") == "test"
    if step.test is not None and (is_test or not request.form.get("anyway")):
        outcome = step.test(draft, _instance())
        if is_test or not outcome.is_good:
            return _form_page(step, draft, form, status=200 if outcome.is_good else 422, outcome=outcome)
    draft.finish(step.name)
    draft.save(_instance())
    return _go_to(next_open(draft))


def _finish(step: Step, form: StepForm, draft: Draft) -> Response:
    missing = next_open(draft)
    if missing is not step:
        return _go_to(missing)
    draft.keep(step.name, {"name": form["name"].data, "email": form["email"].data})
    owner = CreateOwner(form["name"].data, form["email"].data, form["password"].data)
    try:
        done = install(draft, owner, instance=_instance(), actor=Actor.system("set-up"), now=clock.now())
    except SetUpAlready:
        return make_response(redirect("/", 303))
    except AppError as refusal:
        return _form_page(step, draft, form, status=422, outcome=bad(refusal.message))
    session.clear()
    return _page("done", 200, done=done, owner=owner, shop_name=draft.step("shop")["name"])


def _proposed(step: Step, draft: Draft) -> dict[str, Any]:
    """What stood there last time; at the first time what can be guessed from earlier answers."""
    host = request.host.partition(":")[0].removeprefix("www.")
    shop = draft.step("shop")
    guesses: dict[str, dict[str, Any]] = {
        "address": {
            "site_url": f"https://{request.host}" if request.is_secure else request.host_url.rstrip("/")
        },
        "mail": {"sender": f"orders@{host}"} if "." in host and not host[-1].isdigit() else {},
        "shop": {"email": draft.step("mail").get("sender", "")},
        "owner": {"email": shop.get("email", "")},
    }
    return {**step.form().data, **guesses.get(step.name, {}), **draft.step(step.name)}


def _form_page(
    step: Step, draft: Draft, form: StepForm, *, status: int = 200, outcome: Outcome | None = None
) -> Response:
    return _page(
        step.name,
        status,
        form=form,
        step=step,
        steps=[
            (each.title, url_for("step", name=each.name) if is_open(each, draft) else "") for each in STEPS
        ],
        outcome=outcome,
        kept={name for name in form.secrets if draft.step(step.name).get(name)},
        password_help=PASSWORD_HELP,
        site_url=draft.step("address").get("site_url", ""),
    )


def _page(name: str, status: int, **needs: Any) -> Response:
    is_plain = not request.is_secure and request.host.partition(":")[0] not in {"localhost", "127.0.0.1"}
    return make_response(render_template(f"first_run/{name}.html", is_plain=is_plain, **needs), status)


def _go_to(step: Step) -> Response:
    return make_response(redirect(url_for("step", name=step.name), 303))


def _expired(_error: CSRFError) -> Response:
    """The cookie is gone or another one: the way begins at the code again, and what was saved is still there."""
    return make_response(redirect(url_for("code"), 303))


def _not_open(_error: object) -> Response:
    return _page("not_open", 503 if request.method == "GET" else 404)


def _add_headers(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("Content-Security-Policy", _POLICY)
    for name, value in SAFE_HEADERS.items():
        headers.setdefault(name, value)
    if request.is_secure:
        headers.setdefault("Strict-Transport-Security", f"max-age={_DAY}")
    headers.setdefault("X-Robots-Tag", "noindex")
    if request.endpoint != "static":
        headers["Cache-Control"] = "no-store"
    return response


def _draft() -> Draft:
    return load_draft(_instance())


def _instance() -> Path:
    return Path(current_app.instance_path)
