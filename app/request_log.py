"""One structured line a request, and a scrubber in front of every line: no secret, token or card number gets through."""

from __future__ import annotations

import json
import logging
import re
import sys
import time
import uuid
from collections.abc import MutableMapping
from typing import Any

import structlog
from flask import Flask, Response, g, has_app_context, request, session
from sqlalchemy import Engine, event

from app.settings import Settings
from app.shared import clock

_SANE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{7,63}")
# Of an order's number; anything else in its place was typed by somebody.
_ORDER = re.compile(r"[A-Z0-9]{1,8}-\d{1,12}")
# What may be a card's number, with or without gaps; the check digit decides.
_DIGITS = re.compile(r"(?<![A-Za-z0-9])(?:\d[ -]?){12,18}\d(?![A-Za-z0-9])")
# Square's tokens for cards, and anything signed, encrypted, hashed or bearing rights.
_SECRETS = re.compile(
    r"\b(?:cnon|ccof|sq0[a-z]{3})[:-][\w:-]+"
    r"|\bEAAA[\w-]{20,}"
    r"|\b[Bb]earer\s+\S+"
    r"|\$argon2\w*\$\S+"
    r"|\bgAAAAA[\w=-]{20,}"
)
# The signed id at the end of a link in a mail, and whatever follows a question mark in an address.
# Whole e-mail addresses, and what stands before the host in the address of a database; "a***@example.com" is no whole one.
_EMAILS = re.compile(r"[\w.+%'-]+@[\w-]+(?:\.[\w-]+)+")
_LINKS = re.compile(r"(/(?:verify|password/reset|pay)/)[^\s\"']+")
_QUERIES = re.compile(r"((?:https?:/|\s)/[^\s\"'?]*)\?[^\s\"']+")
_MASK = "[removed]"
# The first part of the names our own loggers have.
_OURS = ("tradepost", "jobs", "admin")

log = structlog.stdlib.get_logger("tradepost.request")


def init_request_log(app: Flask) -> None:
    """Set logging up as JSON lines on standard error, and log every request once it is answered."""
    settings: Settings = app.extensions["settings"]
    _configure(settings.log_level)
    app.before_request(_begin)
    app.after_request(_log_request)


def _configure(level: str) -> None:
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.add_log_level,
            _add_time,
            structlog.processors.format_exc_info,
            scrub,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    if not any(isinstance(handler, _StandardError) for handler in root.handlers):
        root.addHandler(_StandardError())
    for name in _OURS:
        logging.getLogger(name).setLevel(level.upper())
    # Werkzeug's own line shows the whole address, links from mails included.
    logging.getLogger("werkzeug").setLevel(logging.WARNING)


class _StandardError(logging.StreamHandler[Any]):
    """Looks up standard error for every line, because test runners and servers replace it."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)
        self.setFormatter(_JsonLines())

    @property
    def stream(self) -> Any:
        return sys.stderr


class _JsonLines(logging.Formatter):
    """Our own lines are JSON already; what libraries log becomes JSON here, scrubbed like ours."""

    def format(self, record: logging.LogRecord) -> str:
        if record.name.partition(".")[0] in _OURS:
            return record.getMessage()
        line = {"event": record.getMessage(), "level": record.levelname.lower(), "logger": record.name}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(scrub(None, "", _add_time(None, "", line)))


def _add_time(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> dict[str, Any]:
    return {"at": clock.now().isoformat(timespec="milliseconds"), **line}


def scrub(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> dict[str, Any]:
    """Every text of a line with card numbers, tokens, signed links and query strings taken out."""
    return {key: scrub_value(value) for key, value in line.items()}


def scrub_value(value: Any) -> Any:
    """Every text in it, however deep, made safe to write down."""
    if isinstance(value, str):
        return scrubbed(value)
    if isinstance(value, dict):
        return {key: scrub_value(each) for key, each in value.items()}
    return [scrub_value(each) for each in value] if isinstance(value, list | tuple) else value


def scrubbed(text: str) -> str:
    """One text, made safe to write down."""
    for pattern, left in (
        (_LINKS, rf"\1{_MASK}"),
        (_QUERIES, rf"\1?{_MASK}"),
        (_SECRETS, _MASK),
        (_EMAILS, _MASK),
    ):
        text = pattern.sub(left, text)
    return _DIGITS.sub(lambda found: _MASK if _is_card(found.group()) else found.group(), text)


def _is_card(text: str) -> bool:
    """Luhn's check digit (ISO/IEC 7812-1), which every card's number carries."""
    digits = [int(sign) for sign in text if sign.isdigit()][::-1]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


def _begin() -> None:
    given = request.headers.get("X-Request-ID", "")
    g.request_id = given if _SANE_ID.fullmatch(given) else uuid.uuid4().hex
    g.began = time.perf_counter()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def _log_request(response: Response) -> Response:
    response.headers["X-Request-ID"] = g.get("request_id", "")
    # Not read from the user's row: after a commit that would cost a query.
    user_id = session.get("_user_id", "").partition(".")[0] if g.get("_login_user") else ""
    log.info(
        "request",
        method=request.method,
        # The rule, never the address: a link from a mail is a secret, and so may be what a search was for.
        route=request.url_rule.rule if request.url_rule else None,
        **order_of_page(),
        status=response.status_code,
        ms=round((time.perf_counter() - g.began) * 1000, 1) if "began" in g else None,
        user_id=int(user_id) if user_id.isdigit() else None,
        queries=g.get("query_count", 0),
    )
    return response


def order_of_page() -> dict[str, str]:
    """The number of the order a page is about; one that was just placed was bound by its route."""
    number = (request.view_args or {}).get("number")
    return {"order": number} if isinstance(number, str) and _ORDER.fullmatch(number) else {}


@event.listens_for(Engine, "before_cursor_execute")
def _count_query(*_: Any) -> None:
    if has_app_context():
        g.query_count = g.get("query_count", 0) + 1
