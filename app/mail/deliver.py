"""Send one mail through the ledger: write it down, send it once, write down what the server said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from sqlalchemy import null, union_all

from app.extensions import db
from app.mail.about import find_about
from app.mail.mask import mask_address, mask_links
from app.mail.message import Message
from app.mail.models import Mail
from app.mail.send import MailNotSent, MailServerDown, send
from app.mail.status import MailStatus
from app.outbox.kinds import Kind
from app.outbox.later import ComeBackLater
from app.settings import Settings
from app.shared import clock
from app.shared.breaker import Breaker, NotAsked, whole_seconds
from app.shared.transaction import lock, retry_lost_races, transaction
from app.shop.models import ShopFacts

log = structlog.get_logger("tradepost.mail")
# The breaker's name of the mail server.
MAIL_SERVER = "mail"
_HOUR = timedelta(hours=1)
# A mail begun longer ago and not finished belongs to a process that died.
_IN_FLIGHT = timedelta(minutes=2)
_SOON = timedelta(minutes=1)


@dataclass(frozen=True)
class Errand:
    """Which outbox row a mail is sent for: its number, when it was posted, its kind and the ids it carries."""

    outbox_id: int
    posted_at: datetime
    kind: Kind
    ids: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class _Entry:
    mail_id: int
    is_sent: bool = False
    wait: timedelta = timedelta(0)


def deliver(message: Message, errand: Errand, *, shop_name: str, settings: Settings) -> None:
    """Send the mail of an outbox row, unless an earlier run of it did.

    Raises ComeBackLater while the host's hourly cap is reached or the mail server is being left alone, and MailRefused or
    MailUnavailable after a try that failed. No transaction is open while the server is spoken to.
    """
    entry = _enter(message, errand, settings.mail_per_hour, clock.now())
    if entry.is_sent:
        return
    if entry.wait:
        raise ComeBackLater(whole_seconds(entry.wait), "the hourly cap of mails is reached")
    try:
        said = breaker_of_mail(settings).call(lambda: send(message, shop_name=shop_name, settings=settings))
    except NotAsked as silent:
        _put_back(entry.mail_id)
        raise ComeBackLater(silent.seconds, "the mail server has not been answering") from silent
    except MailNotSent as error:
        _note_failed(entry.mail_id, _with_answer(str(error), error.answer), clock.now())
        raise
    _note_sent(entry.mail_id, _with_answer("Accepted.", said), clock.now())
    log.info("mail_sent", mail=entry.mail_id, kind=errand.kind.value, to=mask_address(message.to))


def _with_answer(ours: str, answer: str) -> str:
    return f"{ours} The server said: {answer}" if answer else ours


def breaker_of_mail(settings: Settings) -> Breaker:
    """The circuit breaker in front of the mail server."""
    return Breaker.of(MAIL_SERVER, settings, lambda error: isinstance(error, MailServerDown))


@retry_lost_races
def _enter(message: Message, errand: Errand, cap: int, now: datetime) -> _Entry:
    """Write the mail as it would leave now; a try that is counted against the cap begins here."""
    with transaction():
        if cap:
            # One at a time, so that two processes do not both see room for the last mail of the hour. On a cluster each
            # node may let one more through: a cap is no money.
            lock(ShopFacts, 1)
        row = _find_row(errand) or _new_row(errand)
        if row.status is MailStatus.SENT:
            return _Entry(row.id, is_sent=True)
        row.to_address, row.subject = message.to, message.subject[:300]
        row.text, row.html = mask_links(message.text), mask_links(message.html)
        db.session.add(row)
        db.session.flush()
        wait = _wait_for_room(row.id, cap, now) if cap else timedelta(0)
        if wait:
            row.server_words = f"Waiting: {cap} mails an hour may leave (MAIL_PER_HOUR)."
        else:
            # Whatever an earlier try came to: the others count what is queued and was begun just now.
            if row.status is not MailStatus.QUEUED:
                row.move_to(MailStatus.QUEUED)
            row.tried_at, row.server_words = now, ""
        return _Entry(row.id, wait=wait)


def _find_row(errand: Errand) -> Mail | None:
    query = db.select(Mail).filter_by(outbox_id=errand.outbox_id, queued_at=errand.posted_at)
    row: Mail | None = db.session.scalars(query.with_for_update()).one_or_none()
    return row


def _new_row(errand: Errand) -> Mail:
    about = find_about(errand.ids)
    return Mail(
        outbox_id=errand.outbox_id,
        queued_at=errand.posted_at,
        kind=errand.kind.value,
        ids=dict(errand.ids),
        user_id=about.user_id,
        business_id=about.business_id,
        order_id=about.order_id,
        message_id=about.message_id,
        status=MailStatus.QUEUED,
        attempts=0,
        server_words="",
    )


def _wait_for_room(mail_id: int, cap: int, now: datetime) -> timedelta:
    """How long until another mail may leave; zero when one may. Counts what all processes sent and are sending.

    In one statement: read one after the other, a mail that is noted as sent in between would be neither.
    """
    sent = db.select(Mail.sent_at).where(Mail.sent_at > now - _HOUR)
    begun = db.select(null()).where(
        Mail.status == MailStatus.QUEUED, Mail.tried_at > now - _IN_FLIGHT, Mail.id != mail_id
    )
    counted = list(db.session.scalars(union_all(sent, begun)))
    if len(counted) < cap:
        return timedelta(0)
    left = sorted((each for each in counted if each is not None), reverse=True)
    return max(left[cap - 1] + _HOUR - now, timedelta(seconds=1)) if len(left) >= cap else _SOON


@retry_lost_races
def _put_back(mail_id: int) -> None:
    with transaction():
        row = lock(Mail, mail_id)
        row.tried_at, row.server_words = None, "Waiting: the mail server has not been answering."


@retry_lost_races
def _note_failed(mail_id: int, words: str, now: datetime) -> None:
    with transaction():
        row = lock(Mail, mail_id)
        row.attempts += 1
        row.tried_at, row.server_words = now, words[:300]
        if row.status is not MailStatus.SENT:
            row.move_to(MailStatus.FAILED)


@retry_lost_races
def _note_sent(mail_id: int, words: str, now: datetime) -> None:
    with transaction():
        row = lock(Mail, mail_id)
        row.attempts += 1
        if row.status is not MailStatus.SENT:
            row.sent_at, row.server_words = now, words[:300]
            row.move_to(MailStatus.SENT)
