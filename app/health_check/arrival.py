"""How a request arrives: read from the request itself, and told by the shop to its own check that asks from outside.

Only the shop's own processes can ask: the question is signed with its key and is good for a minute. Nobody else is told how
many proxies stand in front.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import httpx
from flask import Request
from itsdangerous import BadSignature

from app.health_check import addresses
from app.health_check.addresses import Arrival, Visit
from app.health_check.lines import Line
from app.settings import Settings
from app.shared import clock
from app.shared.signing import signer

HEADER = "X-Tradepost-Check"
_SALT = "how did this arrive"
_PATH = "/healthz"
_GOOD_FOR_SECONDS = 60
# Long enough for CGI, which starts the shop anew.
_SECONDS = 6


def read_arrival(request: Request) -> Arrival:
    """The header as it was sent, scheme and host as the trusted proxies told them."""
    named = [each for each in request.headers.get("X-Forwarded-For", "").split(",") if each.strip()]
    return Arrival(forwarded_for=len(named), scheme=request.scheme, host=request.host)


def tell_arrival(request: Request, settings: Settings) -> dict[str, Any]:
    """How this request arrived, for an answer; nothing to whoever cannot sign the question."""
    question = request.headers.get(HEADER)
    if not question:
        return {}
    try:
        asked = signer(settings.signing_keys, _SALT).loads(question)
    except BadSignature:
        return {}
    is_fresh = isinstance(asked, int) and abs(clock.now().timestamp() - asked) <= _GOOD_FOR_SECONDS
    return {"arrival": asdict(read_arrival(request))} if is_fresh else {}


def check_own_address(settings: Settings) -> list[Line]:
    """What a visitor of SITE_URL meets, asked by this machine: whether it leads here, and what the proxies tell."""
    return addresses.judge_visit(settings.trusted_proxies, settings.site_url, _visit(settings))


def _visit(settings: Settings) -> Visit:
    question = signer(settings.signing_keys, _SALT).dumps(int(clock.now().timestamp()))
    try:
        answer = httpx.get(f"{settings.site_url}{_PATH}", headers={HEADER: str(question)}, timeout=_SECONDS)
    except (httpx.HTTPError, OSError) as error:
        return Visit(trouble=f"no usable answer ({type(error).__name__})")
    if answer.is_redirect:
        return Visit(leads_to=answer.headers["Location"].partition("?")[0].removesuffix(_PATH))
    if not answer.is_success:
        return Visit(trouble=f"it answered {answer.status_code}")
    try:
        return Visit(arrival=Arrival(**answer.json()["arrival"]))
    except (ValueError, KeyError, TypeError):
        return Visit()
