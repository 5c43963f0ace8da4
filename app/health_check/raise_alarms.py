"""Look at what would wake somebody, and tell staff by mail: once, then not again for the quiet time."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta

import structlog
from sqlalchemy.exc import IntegrityError

from app.extensions import db
from app.health_check.folders import is_nearly_full, megabytes
from app.outbox.announce_alarm import announce_alarm
from app.outbox.kinds import Kind
from app.outbox.queries import oldest_wait
from app.payments.error_share import count_errors
from app.settings import Settings
from app.shared.transaction import retry_lost_races, transaction

log = structlog.get_logger("tradepost.alarms")
_WINDOW = timedelta(minutes=15)
_LATE = timedelta(minutes=10)


def raise_alarms(settings: Settings, now: datetime) -> list[Kind]:
    """Post the mails of whatever is wrong and was not told within the quiet time; returns their kinds.

    Payment errors above 5 % in 15 minutes, work that has waited for more than 10, a disk that is nearly full.
    """
    wrong = look_for_alarms(settings, now)
    db.session.rollback()
    return [kind for kind, facts in wrong.items() if announce(kind, facts, settings, now)]


def look_for_alarms(settings: Settings, now: datetime) -> dict[Kind, dict[str, int]]:
    """What is wrong now, with the figures to tell; nothing is written."""
    wrong: dict[Kind, dict[str, int]] = {}
    share = count_errors(now - _WINDOW)
    if share.is_alarming:
        wrong[Kind.MAIL_ALARM_PAYMENTS] = {"errors": share.errors, "asked": share.asked}
    wait = oldest_wait(now)
    if wait > _LATE:
        wrong[Kind.MAIL_ALARM_OUTBOX] = {"minutes": int(wait.total_seconds()) // 60}
    disk = shutil.disk_usage(settings.instance_path)
    if is_nearly_full(disk.free, disk.total):
        wrong[Kind.MAIL_ALARM_DISK] = {"free_megabytes": megabytes(disk.free)}
    return wrong


def announce(kind: Kind, facts: dict[str, int], settings: Settings, now: datetime) -> bool:
    """Post an alarm's mail, unless one was posted within the quiet time; returns whether it was."""
    quiet = timedelta(minutes=settings.alarm_quiet_minutes)
    try:
        is_new = _post(kind, facts, now, quiet)
    except IntegrityError:
        return False  # another worker was faster
    if is_new:
        log.warning("alarm", kind=kind.value, **facts)
    return is_new


@retry_lost_races
def _post(kind: Kind, facts: dict[str, int], now: datetime, quiet: timedelta) -> bool:
    with transaction():
        return announce_alarm(kind, now, quiet=quiet, **facts)
