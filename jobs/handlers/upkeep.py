"""Work that comes round by itself: carts, abandoned orders, finished outbox rows, files nobody names, the certificate."""

from __future__ import annotations

from datetime import timedelta

from flask import current_app

from app.accounts.end_sessions import forget_ended_sessions
from app.businesses.forget_replaced_papers import forget_replaced_papers
from app.carts.close_stale_carts import close_stale_carts
from app.clearing.notice_unnamed import YOUNG, notice_unnamed
from app.clearing.remove_unnamed import remove_unnamed
from app.health_check.certificate import look_at_certificate
from app.health_check.watch_certificate import watch_certificate
from app.orders.cancel_abandoned import cancel_abandoned
from app.outbox.prune import prune_closed
from app.payments.forget_webhooks import forget_webhooks
from app.settings import Settings
from app.shared import clock
from app.shared.history import Actor
from app.storage.shelves import get_shelves

# Long enough to answer "did that mail go out?", short enough to keep the table small.
_KEEP_CLOSED = timedelta(days=30)


def close_stale() -> None:
    now = clock.now()
    close_stale_carts(before=now - timedelta(days=_settings().cart_days), now=now)


def cancel_abandoned_orders() -> None:
    cancel_abandoned(
        older_than=timedelta(days=_settings().abandoned_order_days),
        actor=Actor.system("Abandoned orders job"),
        now=clock.now(),
    )


def prune_outbox() -> None:
    prune_closed(before=clock.now() - _KEEP_CLOSED)
    forget_webhooks(before=clock.now() - _KEEP_CLOSED)
    forget_ended_sessions(clock.now())


def look_at_shops_certificate() -> None:
    settings = _settings()
    watch_certificate(look_at_certificate(settings.site_url), settings, clock.now())


def look_for_unnamed_files() -> None:
    now = clock.now()
    forget_replaced_papers(before=now - YOUNG)
    notice_unnamed(get_shelves(), now=now)


def remove_unnamed_files(papers: list[str], pictures: list[str]) -> None:
    remove_unnamed(get_shelves(), papers=papers, pictures=pictures, now=clock.now())


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings
