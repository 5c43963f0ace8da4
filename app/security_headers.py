"""What every answer tells the browser: one strict content policy with a nonce for each request, and its companions."""

from __future__ import annotations

import secrets

from flask import Flask, Response, current_app, g, request, session

from app.settings import Settings
from app.shared.safe_answers import SAFE_HEADERS

# Pages whose address or content is a secret, signed in or not: they are never kept by anyone.
_PRIVATE_PREFIXES = (
    "/password/",
    "/verify/",
    "/pay/",
    "/register",
    "/login",
    "/account",
    "/checkout",
    "/orders",
    "/cart",
    "/admin",
)
_YEAR = 365 * 24 * 3600


def csp_nonce() -> str:
    """This request's nonce, made at the first call; every `<script>` tag carries it."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(18)
    nonce: str = g.csp_nonce
    return nonce


def allow_card_entry() -> None:
    """Say that this page takes a card: where Square is real, its script and its bank frames are let in here alone."""
    g.takes_card = True


def init_security_headers(app: Flask) -> None:
    """Give every answer its headers, and templates `csp_nonce()`."""
    app.jinja_env.globals["csp_nonce"] = csp_nonce
    app.after_request(add_security_headers)


def add_security_headers(response: Response) -> Response:
    """Headers a view has set itself are left alone: a file that may be framed by our own pages, for example."""
    settings: Settings = current_app.extensions["settings"]
    takes_card = bool(g.get("takes_card")) and settings.is_square_real
    headers = response.headers
    headers.setdefault(
        "Content-Security-Policy", content_policy(g.get("csp_nonce", ""), settings, takes_card)
    )
    if takes_card:
        headers.setdefault("Cross-Origin-Opener-Policy", "same-origin-allow-popups")
    for name, value in SAFE_HEADERS.items():
        headers.setdefault(name, value)
    if settings.is_https:
        subdomains = "; includeSubDomains" if settings.hsts_subdomains else ""
        headers.setdefault("Strict-Transport-Security", f"max-age={_YEAR}{subdomains}")
    if _is_private(response):
        headers["Cache-Control"] = "no-store"
    return response


def content_policy(nonce: str, settings: Settings, takes_card: bool = False) -> str:
    """The policy's text. With `takes_card` it also admits what Square's card field needs.

    Source: Square's content security policy page for the Web Payments SDK; banks' own check pages (3-D Secure) come from
    hosts nobody can list, hence `frame-src https:` there.
    """
    own = ["'self'", f"'nonce-{nonce}'"] if nonce else ["'self'"]
    policy = {
        "default-src": ["'none'"],
        "script-src": list(own),
        "style-src": list(own),
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "frame-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        "object-src": ["'none'"],
    }
    if settings.media_url:
        policy["img-src"].append(f"{settings.media_url}/")
    if takes_card:
        # Square's script writes style elements of its own, and a nonce would make browsers ignore 'unsafe-inline'.
        policy["style-src"] = ["'self'", "'unsafe-inline'"]
        for directive, sources in _square_sources(settings).items():
            policy[directive] += sources
    text = "; ".join(f"{directive} {' '.join(sources)}" for directive, sources in policy.items())
    return f"{text}; upgrade-insecure-requests" if settings.is_https else text


def _square_sources(settings: Settings) -> dict[str, list[str]]:
    is_sandbox = "squareupsandbox" in settings.square_base_url
    script = "https://sandbox.web.squarecdn.com" if is_sandbox else "https://web.squarecdn.com"
    tokens = "https://pci-connect.squareupsandbox.com" if is_sandbox else "https://pci-connect.squareup.com"
    return {
        "script-src": [script],
        "style-src": ["https://*.squarecdn.com"],
        "img-src": ["https://*.squarecdn.com"],
        "font-src": [
            "https://square-fonts-production-f.squarecdn.com",
            "https://d1g145x70srn7h.cloudfront.net",
        ],
        "connect-src": [script, tokens, settings.square_base_url, "https://o160250.ingest.sentry.io"],
        "frame-src": ["https:"],
    }


def _is_private(response: Response) -> bool:
    """Pages of somebody signed in, and pages about signing in; never static files, nor what says "public" itself."""
    if request.endpoint is None or request.endpoint.rpartition(".")[2] == "static":
        return False
    if response.cache_control.public:
        return False
    return request.path.startswith(_PRIVATE_PREFIXES) or "_user_id" in session
