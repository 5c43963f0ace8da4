"""How a card's hold looks in lists and details: when it ends; quiet at first, amber from its fourth day, red from its
sixth."""

from __future__ import annotations

from typing import Any

from flask import current_app
from markupsafe import Markup

from admin.formatters import short_time
from app.payments.hold_clock import HoldTone, hold_ends_at, time_left, tone_of_hold
from app.payments.models import Payment
from app.payments.status import BY_HAND, PaymentStatus
from app.shared import clock
from app.template_filters import when


def hold_badge(payment: Payment) -> Markup:
    """ "Ends in 6 days" as a label in the tone of its age; nothing for what is held by no card."""
    if not _is_card_hold(payment):
        return Markup("")
    since, now = payment.authorized_at or payment.created_at, clock.now()
    tone = tone_of_hold(since, payment.lapses_at, now)
    macros: Any = current_app.jinja_env.get_template("_macros/ui.html").module
    badge: Markup = macros.status(f"Ends {time_left(since, payment.lapses_at, now)}", tone.value)
    return badge


def hold_end(payment: Payment) -> Markup:
    """The moment itself, for beside the badge; nothing for what is held by no card."""
    if not _is_card_hold(payment):
        return Markup("")
    return short_time(hold_ends_at(payment.authorized_at or payment.created_at, payment.lapses_at))


def in_a_list(_view: Any, _context: Any, row: Payment, _name: str) -> Markup | str:
    """The moment, or the badge once it matters; empty for payments that hold nothing."""
    if not _is_card_hold(row):
        return ""
    since = row.authorized_at or row.created_at
    if tone_of_hold(since, row.lapses_at, clock.now()) is HoldTone.FRESH:
        return short_time(hold_ends_at(since, row.lapses_at))
    return hold_badge(row)


def in_detail(_view: Any, _context: Any, row: Payment, _name: str) -> Markup | str:
    """The whole moment with the badge behind it; of a payment that is no hold any more, when it would have ended."""
    if row.lapses_at is None:
        return hold_badge(row)
    return Markup("{} {}").format(when(row.lapses_at), hold_badge(row))


def _is_card_hold(payment: Payment) -> bool:
    return payment.status is PaymentStatus.AUTHORIZED and payment.provider not in BY_HAND
