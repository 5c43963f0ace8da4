"""Staff's "send again"."""

from __future__ import annotations

from datetime import datetime

from app.mail.models import Mail
from app.outbox.kinds import KindUnknown, UnknownKind, kind_of
from app.outbox.post import post
from app.shared import history
from app.shared.history import Actor
from app.shared.transaction import lock, retry_lost_races, transaction


@retry_lost_races
def resend_mail(mail_id: int, *, actor: Actor, now: datetime) -> None:
    """Post the mail's work once more: it is written anew from what is true now, and becomes a row of its own.

    What no longer calls for the mail (a cancelled order's confirmation, a used link) sends nothing. KindUnknown when a
    newer version of the shop wrote it.
    """
    with transaction():
        mail = lock(Mail, mail_id)
        kind = kind_of(mail.kind)
        if isinstance(kind, UnknownKind):
            raise KindUnknown(kind)
        post(kind, **mail.ids)
        history.record("mail", mail.id, "sent_again", actor=actor, at=now, kind=mail.kind)
