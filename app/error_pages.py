"""What goes wrong, as a page or a fragment people can read; bugs get a reference number that is in the log."""

from __future__ import annotations

import secrets
from email.utils import parseaddr
from typing import Any
from urllib.parse import urlsplit

import structlog
from flask import Flask, Response, current_app, g, make_response, render_template, request, url_for
from flask_limiter import RateLimitExceeded
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, InternalServerError, RequestEntityTooLarge

from app.bug_reports import report_bug
from app.extensions import limiter
from app.overload.door import TooBusy
from app.overload.line import Urgency
from app.rate_counts import PUBLIC, SITE
from app.rate_limits import CART, DESK, PERSON
from app.request_log import order_of_page
from app.settings import Settings
from app.shared import clock
from app.shared.errors import AppError, Conflict, NotAllowed, NotFound, RulesBroken
from app.shop.card import ShopCard, card_of
from app.storage.contract import StorageAway
from app.web import safe_next, wants_fragment

log = structlog.stdlib.get_logger("tradepost.errors")

_RETRY_SECONDS = 30
# MySQL: no connection, lost connection, too many connections (of all, of this user), lock wait, deadlock; it is being
# stopped, it cut us off; on a cluster, a node that lost the majority or has not joined yet (at COMMIT: 1180).
_AWAY_CODES = frozenset(
    {1040, 1047, 1053, 1180, 1203, 1205, 1213, 1226, 1317, 1927, 2002, 2003, 2005, 2006, 2013, 4031}
)
_AWAY_WORDS = (
    "unable to open database",
    "database is locked",
    "disk i/o error",
    "database disk image",
    "savepoint sa_",
)
# By what was counted; the rest are tries at accounts.
_TOO_MANY = {
    "": "To keep accounts safe we accept only so many tries in a row. Please wait {wait}, then try again.",
    PERSON: "We accept this form only so many times in a row. Please wait {wait}, then go back and send it again.",
    CART: "Your cart was changed very often in a short time. It is as it was. Please wait {wait}, then go on.",
    DESK: "These were more changes than one person may make at a time. The earlier ones are saved, this last one is not. "
    "Please wait {wait}, then send it again.",
    PUBLIC: "More pages were opened than one visitor needs. Please wait {wait}, then go on.",
    SITE: "More people are here just now than the shop can serve. Please wait {wait}, then try again.",
}
_NOT_SENT_AGAIN = ("password", "current", "new", "token", "source", "ein")


def init_error_pages(app: Flask) -> None:
    app.register_error_handler(AppError, show_refusal)
    app.register_error_handler(StorageAway, show_no_files)
    app.register_error_handler(CSRFError, show_expired_form)
    app.register_error_handler(RateLimitExceeded, show_too_many)
    app.register_error_handler(TooBusy, show_too_busy)
    app.register_error_handler(RequestEntityTooLarge, show_too_large)
    for away in (OperationalError, InterfaceError, PoolTimeout):
        app.register_error_handler(away, show_database_trouble)
    app.register_error_handler(InternalServerError, show_bug)
    app.register_error_handler(HTTPException, show_http_error)
    app.after_request(_remember_shop)


def show_refusal(error: AppError) -> Response:
    """An expected refusal nobody caught on the way: a page of its own kind."""
    status, template, title = _kind_of(error)
    violations = error.violations if isinstance(error, RulesBroken) else ()
    fixes = [(each, url_for(each.fix_endpoint) if each.fix_endpoint else "") for each in violations]
    return _answer(template, status, title, error.message, fixes=fixes)


def _kind_of(error: AppError) -> tuple[int, str, str]:
    if isinstance(error, NotFound):
        return 404, "errors/404.html", "There is nothing at this address"
    if isinstance(error, NotAllowed):
        return 403, "errors/403.html", "This is not open to you"
    if isinstance(error, Conflict):
        return 409, "errors/409.html", "This changed meanwhile"
    return 422, "errors/422.html", "That did not work"


def show_no_files(error: StorageAway) -> Response:
    """503 for a paper that cannot be fetched; where one was sent, its form says so itself and keeps all that was typed."""
    log.error("files_away", cause=error.cause)
    words = "The paper is safe, but the place where it is kept does not answer just now. Please try again in a minute."
    response = _answer("errors/no_files.html", 503, "This file cannot be fetched just now", words)
    response.headers["Retry-After"] = str(_RETRY_SECONDS)
    return response


def show_expired_form(error: CSRFError) -> Response:
    """The form's token is from another session. From our own page, what was typed is offered to be sent once more;
    from anywhere else it is not, because then somebody else may have typed it."""
    words = "This page had been open for a while, so we could not be sure the form came from you."
    fields = _fields_to_send_again() if _is_from_our_own_page() else []
    return _answer("errors/expired_form.html", 400, "Please send that once more", words, fields=fields)


def _is_from_our_own_page() -> bool:
    if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        return False
    origin = request.headers.get("Origin") or request.referrer or ""
    return bool(origin) and urlsplit(origin).netloc == request.host


def _fields_to_send_again() -> list[tuple[str, str]]:
    if request.files:
        return []
    secret = [name for name in request.form if any(word in name.lower() for word in _NOT_SENT_AGAIN)]
    if any(name != "csrf_token" for name in secret):
        return []
    return [(name, value) for name, value in request.form.items(multi=True) if name != "csrf_token"]


def show_too_many(error: RateLimitExceeded) -> Response:
    """429 with Retry-After. Who asks for too many pages gets one that costs nothing to make."""
    seconds = 60
    if limiter.current_limit:
        seconds = max(1, limiter.current_limit.reset_at - int(clock.now().timestamp()))
    scope = str(error.limit.scope or "")
    title = "The shop is very busy" if scope == SITE else "That was a lot at once"
    words = _TOO_MANY.get(scope, _TOO_MANY[""]).format(wait=_in_words(seconds))
    answer = _bare if scope in {PUBLIC, SITE} else _answer
    response = answer("errors/busy.html" if answer is _bare else "errors/429.html", 429, title, words)
    response.headers["Retry-After"] = str(seconds)
    return response


def show_too_busy(error: TooBusy) -> Response:
    """503 with Retry-After: more people than the shop can serve. Costs no look into the database."""
    kept = "Your cart is as it was. " if error.urgency is Urgency.CART else ""
    words = f"More people are here just now than the shop can serve at once. {kept}Please try again in {error.retry_seconds} seconds."
    # A form is not sent anew by following a link.
    again = safe_next(request.full_path.rstrip("?"), "/") if request.method in {"GET", "HEAD"} else ""
    response = _bare("errors/busy.html", 503, "The shop is very busy", words, again=again)
    response.headers["Retry-After"] = str(error.retry_seconds)
    response.headers["Cache-Control"] = "no-store"
    return response


def _in_words(seconds: int) -> str:
    minutes = -(-(seconds - 1) // 60)  # a window is told a second longer than it is
    if minutes <= 1:
        return "a minute"
    return f"{minutes} minutes" if minutes <= 60 else f"{-(-minutes // 60)} hours"


def show_too_large(_error: RequestEntityTooLarge) -> Response:
    settings: Settings = current_app.extensions["settings"]
    words = (
        f"That is more than we can take in one go. A file may have at most {settings.upload_megabytes} MB."
    )
    return _answer("errors/413.html", 413, "That file is too large", words)


def show_http_error(error: HTTPException) -> Response:
    """Werkzeug's own errors: unknown addresses, wrong methods, broken requests."""
    if error.response is not None and error.code is None:
        return make_response(error.response)
    code = error.code or 500
    if code < 400:
        return make_response(error.get_response())
    pages = {403: "errors/403.html", 404: "errors/404.html", 405: "errors/404.html", 409: "errors/409.html"}
    titles = {403: "This is not open to you", 404: "There is nothing at this address"}
    title = titles.get(code, "We could not read that request")
    response = _answer(pages.get(code, "errors/400.html"), code, title, "")
    for name, value in error.get_headers():
        if name in {"Allow", "Retry-After"}:
            response.headers[name] = value
    return response


def show_bug(error: InternalServerError) -> Response:
    """A bug: logged with its trace under a number, which is all the person is shown."""
    original = error.original_exception or error
    if isinstance(original, OperationalError | InterfaceError | PoolTimeout) and is_database_away(original):
        return _shop_is_away(original)
    reference = secrets.token_hex(4).upper()
    log.error("bug", reference=reference, error=type(original).__name__, exc_info=original)
    report_bug(
        original,
        is_ending=bool(request.environ.get("wsgi.run_once")),
        reference=reference,
        route=request.url_rule.rule if request.url_rule else "",
        **order_of_page(),
    )
    words = "It was not your doing, and it is in our log. Nothing you typed is lost: please try once more."
    return _bare("errors/500.html", 500, "Something went wrong on our side", words, reference=reference)


def show_database_trouble(error: Exception) -> Response:
    """503 while the database cannot be reached or is too busy; any other error of its is a bug like all bugs."""
    if is_database_away(error):
        return _shop_is_away(error)
    if current_app.testing or current_app.debug:
        raise error
    return show_bug(InternalServerError(original_exception=error))


def is_database_away(error: Exception) -> bool:
    """Whether trying again in a while may simply help: no connection, no free one, or a lock that was not let go."""
    if isinstance(error, PoolTimeout):
        return True
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    arguments = getattr(error.orig, "args", ()) or ("",)
    words = str(error.orig).lower()
    return (
        error.connection_invalidated
        or arguments[0] in _AWAY_CODES
        or any(each in words for each in _AWAY_WORDS)
    )


def _shop_is_away(error: Exception) -> Response:
    log.error("database_away", error=type(error).__name__, detail=str(getattr(error, "orig", error))[:300])
    words = "The shop is closed for a moment. Nothing you typed is lost: please try again in a minute."
    response = _bare("errors/503.html", 503, "The shop is closed for a moment", words)
    response.headers["Retry-After"] = str(_RETRY_SECONDS)
    return response


def _answer(template: str, status: int, title: str, words: str, **needs: Any) -> Response:
    if wants_fragment():
        return make_response(
            render_template("errors/_notice.html", title=title, words=words, **needs), status
        )
    return make_response(render_template(template, title=title, message=words, **needs), status)


def _bare(template: str, status: int, title: str, words: str, **needs: Any) -> Response:
    """Rendered past Flask's context processors: they would ask the database for the frame."""
    chosen = "errors/_notice.html" if wants_fragment() else template
    text = current_app.jinja_env.get_template(chosen).render(
        shop=_last_known_shop(), title=title, words=words, **needs
    )
    return make_response(text, status)


def _remember_shop(response: Response) -> Response:
    if g.get("shop_facts") is not None:
        current_app.extensions["last_known_shop"] = card_of(g.shop_facts)
    return response


def _last_known_shop() -> ShopCard:
    known: ShopCard | None = current_app.extensions.get("last_known_shop")
    if known:
        return known
    settings: Settings = current_app.extensions["settings"]
    name, address = parseaddr(settings.mail_default_sender)
    return ShopCard(name=name or urlsplit(settings.site_url).netloc, email=address)
