"""Mail staff that background work stands still: from a web process, because nobody else is there to do it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import structlog
from flask import current_app
from sqlalchemy.exc import SQLAlchemyError

from app.extensions import db
from app.mail.deliver import Errand, deliver
from app.mail.message import Frame
from app.mail.messages.alarm import standing_still
from app.mail.send import MailNotSent
from app.outbox.claim_standstill import Standstill, claim_standstill
from app.outbox.kinds import Kind
from app.outbox.later import ComeBackLater
from app.settings import Settings
from app.shared import clock
from app.shared.errors import NotFound
from app.shop.card import card_of
from app.shop.queries import get_shop

log = structlog.get_logger("tradepost.alarms")
# A process that serves one request at a time serves nobody meanwhile.
_SECONDS = 5


def tell_standstill() -> None:
    """Send the mail, if it is this process's to send. Called once an answer has gone out: nobody waits for it.

    One try with a short time-out. A mail that does not leave is in the ledger, and the next try comes after the quiet time.
    """
    settings: Settings = current_app.extensions["settings"]
    try:
        found = claim_standstill(
            clock.now(),
            standstill=timedelta(minutes=settings.standstill_minutes),
            quiet=timedelta(minutes=settings.alarm_quiet_minutes),
        )
    except SQLAlchemyError:
        db.session.rollback()
        return  # a database that does not tell: /readyz says so, and this was nobody's question
    if found is None:
        return
    log.warning("alarm", kind=Kind.MAIL_ALARM_SILENCE.value)
    try:
        _send(found, settings)
    except (MailNotSent, ComeBackLater, NotFound, SQLAlchemyError) as trouble:
        db.session.rollback()
        log.warning("alarm_not_sent", kind=Kind.MAIL_ALARM_SILENCE.value, why=type(trouble).__name__)


def _send(found: Standstill, settings: Settings) -> None:
    shop = card_of(get_shop())
    message = standing_still(Frame(shop=shop, site_url=settings.site_url), began=found.began)
    errand = Errand(found.outbox_id, found.posted_at, Kind.MAIL_ALARM_SILENCE)
    hasty = replace(settings, smtp_timeout_seconds=min(_SECONDS, settings.smtp_timeout_seconds))
    db.session.remove()
    deliver(message, errand, shop_name=shop.name, settings=hasty)
