"""Tell staff that the certificate of the shop's address is about to end, or is one that no browser takes."""

from __future__ import annotations

from datetime import datetime

import structlog

from app.health_check.addresses import RENEW_DAYS
from app.health_check.certificate import Seen
from app.health_check.raise_alarms import announce
from app.outbox.kinds import Kind
from app.settings import Settings

log = structlog.get_logger("tradepost.alarms")
# In the mail's figures, which are numbers: nobody vouches for it.
NOT_TAKEN = -1


def watch_certificate(seen: Seen | None, settings: Settings, now: datetime) -> bool:
    """Post the mail where one is due; returns whether it was. What could not be seen from here says nothing: many hosts
    cannot reach their own address."""
    if seen is None:
        return False
    if seen.trouble:
        log.warning("certificate_not_seen", trouble=seen.trouble)
        return False
    if seen.days_left is not None and seen.days_left >= RENEW_DAYS:
        return False
    days_left = NOT_TAKEN if seen.days_left is None else seen.days_left
    return announce(Kind.MAIL_ALARM_CERTIFICATE, {"days_left": days_left}, settings, now)
