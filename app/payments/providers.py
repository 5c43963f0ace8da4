"""The one loader of provider modules: each is imported when it is first needed, never on the way to a page."""

from __future__ import annotations

import importlib
from typing import Any

from flask import current_app

from app.payments.gateway import PaymentGateway, Places
from app.payments.guarded_gateway import guard
from app.payments.hand_gateway import HandGateway
from app.payments.status import BY_HAND
from app.settings import Settings

_MODULES = {"square": ("app.payments.square_gateway", "SquareGateway")}


def get_gateway(provider: str = "square") -> PaymentGateway:
    """The gateway of a provider for this app; KeyError for a name that is none.

    What is paid by hand stands on our own books and needs no breaker: nobody outside is asked.
    """
    if provider in BY_HAND:
        return HandGateway(provider)
    gateways: dict[str, PaymentGateway] = current_app.extensions.setdefault("payment_gateways", {})
    if provider not in gateways:
        settings: Settings = current_app.extensions["settings"]
        gateways[provider] = guard(_open(provider, settings), settings)
    return gateways[provider]


def list_places(settings: Settings, provider: str = "square") -> Places:
    """The seller's places, asked with these settings and past the circuit breaker: for the check of keys, whose failures
    are nobody's outage. Raises KeysRefused, or OutcomeUnknown without an answer."""
    places: Places = _open(provider, settings).list_places()
    return places


def _open(provider: str, settings: Settings) -> Any:
    module, name = _MODULES[provider]
    return getattr(importlib.import_module(module), name)(settings)
