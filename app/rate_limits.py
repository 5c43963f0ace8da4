"""How often what may be done, by address, account and person; counted in Redis where there is one, else in rate_counts.py."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any, TypeVar

from flask import Flask, current_app, request, session
from flask_limiter import ApplicationLimit, Limiter

from app.extensions import limiter
from app.rate_counts import PUBLIC, SITE, DatabaseCounter
from app.settings import Settings

View = TypeVar("View", bound=Callable[..., Any])
Limits = str | Callable[[], str]

CART = "cart"
DESK = "back office"
PERSON = "person"

_UNSAFE = ["POST", "PUT", "PATCH", "DELETE"]
# Pictures and what machines ask for; files under /static are left out by Flask-Limiter itself.
_FREE_ENDPOINTS = frozenset({"pages.media", "pages.healthz", "pages.readyz", "pages.favicon", "pages.robots"})
_FREE_PATHS = ("/webhooks/",)
# What one household or office gets of IPv6; its last 64 bits are as many addresses as anybody likes (RFC 6177).
_NETWORK_BITS = 64


def limit_by_address(limits: Limits) -> Callable[[View], View]:
    """Decorate a route: this often from one address, like "30 per 5 minutes; 200 per day". Reading is never counted."""
    return limiter.limit(limits, methods=_UNSAFE, key_func=visitor_address)  # type: ignore[return-value]


def limit_by_account(limits: Limits) -> Callable[[View], View]:
    """Decorate a route with an `email` field: this often for one e-mail address, whoever sends it."""
    return limiter.limit(limits, methods=_UNSAFE, key_func=_typed_account, scope="account")  # type: ignore[return-value]


def limit_by_person(limits: Limits) -> Callable[[View], View]:
    """Decorate a route: this often by one person who is signed in; strangers are told apart by their address."""
    return limiter.limit(limits, methods=_UNSAFE, key_func=_person, scope=PERSON)  # type: ignore[return-value]


def limit_by_name(limits: Limits, name: Callable[[], str], *, scope: str) -> Callable[[View], View]:
    """Decorate a route: this often for whatever `name()` says of the request; `scope` keeps its counts apart."""
    return limiter.limit(limits, methods=_UNSAFE, key_func=name, scope=scope)  # type: ignore[return-value]


def as_set(name: str) -> Callable[[], str]:
    """The limits in a setting, like as_set("sign_in_limit"), for the decorators; an empty one limits nothing."""
    return lambda: str(getattr(_settings(), name))


def visitor_address() -> str:
    """Where the request comes from. A proxy's word is taken only where TRUSTED_PROXIES says so (ProxyFix)."""
    given = request.remote_addr or "127.0.0.1"
    try:
        address = ip_address(given)
    except ValueError:
        return hashlib.sha256(given.encode()).hexdigest()[:32]
    if not isinstance(address, IPv6Address):
        return given
    return str(address.ipv4_mapped or ip_network((address, _NETWORK_BITS), strict=False).network_address)


def init_rate_limits(app: Flask, limiter: Limiter, settings: Settings) -> None:
    """Bind the limiter. Where its counter cannot be reached, each process counts for itself until it can."""
    redis_url = settings.redis_url.replace("unix://", "redis+unix://", 1)
    app.config.update(
        RATELIMIT_STORAGE_URI=redis_url or f"{DatabaseCounter.STORAGE_SCHEME[0]}://",
        RATELIMIT_STRATEGY="fixed-window",
        RATELIMIT_KEY_PREFIX="tradepost",
        RATELIMIT_IN_MEMORY_FALLBACK_ENABLED=True,
        # An address that leads nowhere is a page, too; Flask-Limiter would not count it.
        RATELIMIT_REQUEST_IDENTIFIER=lambda: request.endpoint or "nowhere",
    )
    if limiter.initialized is False:
        limiter.request_filter(_is_free)
        limiter.limit_manager.set_application_limits([each.bind(limiter) for each in _for_all_routes()])
    limiter.init_app(app)


def _for_all_routes() -> list[ApplicationLimit]:
    """Limits that hold for many addresses together, whichever route answers."""
    return [
        ApplicationLimit(
            as_set("cart_limit"),
            scope=CART,
            key_function=_person,
            methods=_UNSAFE,
            exempt_when=lambda: request.blueprint != "carts",
        ),
        ApplicationLimit(
            as_set("admin_limit"),
            scope=DESK,
            key_function=_person,
            methods=_UNSAFE,
            exempt_when=lambda: not request.path.startswith("/admin"),
        ),
        ApplicationLimit(as_set("public_limit"), scope=PUBLIC, key_function=_person),
        ApplicationLimit(as_set("site_limit"), scope=SITE, key_function=lambda: "all"),
    ]


def _is_free() -> bool:
    """Whether a request is not counted at all: files, health, the payment provider's news, or limits switched off."""
    if not _settings().rate_limits:
        return True
    return request.endpoint in _FREE_ENDPOINTS or request.path.startswith(_FREE_PATHS)


def _typed_account() -> str:
    # The address itself is not kept: what is counted needs no name.
    typed = request.form.get("email", "").strip().lower()
    return hashlib.sha256(typed.encode()).hexdigest()[:32] if typed else f"nobody {visitor_address()}"


def _person() -> str:
    # The session is signed, so its id is true; asking the database who it is would cost a page a query.
    signed_in: str = session.get("_user_id", "")
    return f"user {signed_in}" if signed_in else visitor_address()


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings
