"""The one loader of provider modules: each is imported when it is first needed, never on the way to a page."""

from __future__ import annotations

import importlib

from flask import current_app

from app.payments.gateway import PaymentGateway
from app.payments.guarded_gateway import guard
from app.settings import Settings

_MODULES = {"square": ("app.payments.square_gateway", "SquareGateway")}


def get_gateway(provider: str = "square") -> PaymentGateway:
    """The gateway of a provider for this app; KeyError for a name that is none."""
    gateways: dict[str, PaymentGateway] = current_app.extensions.setdefault("payment_gateways", {})
    if provider not in gateways:
        module, name = _MODULES[provider]
        settings: Settings = current_app.extensions["settings"]
        gateways[provider] = guard(getattr(importlib.import_module(module), name)(settings), settings)
    return gateways[provider]
