"""Mails to staff about the shop itself."""

from __future__ import annotations

from app.mail.messages.dead_letters import DeadLetter, dead_letters
from app.outbox.causes import plain_cause
from app.outbox.queries import count_dead, list_dead
from jobs.handlers.post_office import mail_frame, send_mail

_NAMED = 10


def send_dead_letters() -> None:
    """Nothing to do once somebody has seen to all of them."""
    letters = [
        DeadLetter(row.kind.label, plain_cause(row.last_error), row.created_at) for row in list_dead(_NAMED)
    ]
    if letters:
        send_mail(dead_letters(mail_frame(), letters=letters, total=count_dead()))
