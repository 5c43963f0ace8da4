"""A mail that waited until nobody needs it any more."""

from __future__ import annotations

from app.extensions import db
from app.mail.deliver import Errand
from app.mail.models import Mail
from app.mail.status import MailStatus
from app.shared.transaction import lock, retry_lost_races, transaction

_WAITING = (MailStatus.QUEUED, MailStatus.FAILED)


@retry_lost_races
def drop_unsent(errand: Errand) -> None:
    """Called when the errand is done: a row that was written and not sent is marked as no longer needed."""
    waits = db.select(Mail.id).where(
        Mail.outbox_id == errand.outbox_id, Mail.queued_at == errand.posted_at, Mail.status.in_(_WAITING)
    )
    mail_id = db.session.scalars(waits).one_or_none()
    if mail_id is None:
        return
    with transaction():
        row = lock(Mail, mail_id)
        if row.status in _WAITING:
            row.server_words = "What it was about has changed."
            row.move_to(MailStatus.NOT_NEEDED)
