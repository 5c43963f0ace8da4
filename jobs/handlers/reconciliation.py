"""Background work on what the provider reports, and on what its books say beside ours."""

from __future__ import annotations

from datetime import timedelta

from flask import current_app

from app.payments.apply_webhook import apply_webhook
from app.payments.providers import get_gateway
from app.payments.reconcile import WINDOW, reconcile
from app.payments.repair_difference import repair_difference
from app.settings import Settings
from app.shared import clock
from app.shared.history import Actor


def webhook(webhook_event_id: int) -> None:
    apply_webhook(
        webhook_event_id,
        gateway=get_gateway(),
        stale_after=_stale_after(),
        actor=Actor.system("Event of the payment provider"),
    )


def repair(difference_id: int) -> None:
    repair_difference(
        difference_id, gateway=get_gateway(), stale_after=_stale_after(), actor=Actor.system("Repair job")
    )


def reconcile_daily() -> None:
    reconcile(clock.now() - WINDOW, gateway=get_gateway(), actor=Actor.system("Reconciliation"))


def _stale_after() -> timedelta:
    settings: Settings = current_app.extensions["settings"]
    return timedelta(seconds=settings.capture_stale_seconds)
