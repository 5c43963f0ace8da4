"""A shop whose settings cannot be used: plainly closed, with the reason in the log alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import structlog

from app.settings import WrongSettings
from app.shared.safe_answers import SAFE_HEADERS

log = structlog.get_logger("tradepost.settings")

_PAGE = b"""<!doctype html>
<html lang="en-US"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Closed for a moment</title>
<h1>The shop is closed for a moment</h1>
<p>We are looking after it. Please try again in a few minutes.</p>
<p>Are you its owner? The reason is in the log of the web server.</p>
</html>
"""
_HEADERS = [
    ("Content-Type", "text/html; charset=utf-8"),
    ("Content-Length", str(len(_PAGE))),
    ("Retry-After", "60"),
    ("Cache-Control", "no-store"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    *SAFE_HEADERS.items(),
]


def closed(wrong: WrongSettings) -> WSGIApplication:
    """Answers 503 to everything. The problems name settings, never their values, and go to the log once."""
    log.error("settings_wrong", problems=wrong.problems)

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response("503 Service Unavailable", list(_HEADERS))
        return [b"" if environ.get("REQUEST_METHOD") == "HEAD" else _PAGE]

    return answer


def or_closed(open_shop: Callable[[], WSGIApplication]) -> WSGIApplication:
    """The shop, or the closed door where its settings do not let it start."""
    try:
        return open_shop()
    except WrongSettings as wrong:
        return closed(wrong)
