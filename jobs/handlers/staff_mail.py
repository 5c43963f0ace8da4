"""Mails to staff about the shop itself."""

from __future__ import annotations

from datetime import UTC, datetime

from app.mail.messages.alarm import alarm, certificate_ends, full_disk, late_work, payment_errors
from app.mail.messages.dead_letters import DeadLetter, dead_letters
from app.outbox.causes import plain_cause
from app.outbox.queries import count_dead, list_dead
from jobs.handlers.post_office import mail_frame, send_mail

_NAMED = 10


def send_standstill(began: int, ended: int) -> None:
    """Both in seconds since 1970."""
    send_mail(
        alarm(
            mail_frame(), began=datetime.fromtimestamp(began, UTC), ended=datetime.fromtimestamp(ended, UTC)
        )
    )


def drop_silence(began: int) -> None:
    """Nothing any more: a web process sent it (app/health_check/tell_standstill.py), and whoever does this row is the
    work that runs again, which has a mail of its own. One that did not leave is marked as no longer needed."""


def send_payment_errors(errors: int, asked: int) -> None:
    send_mail(payment_errors(mail_frame(), errors=errors, asked=asked))


def send_late_work(minutes: int) -> None:
    send_mail(late_work(mail_frame(), minutes=minutes))


def send_full_disk(free_megabytes: int) -> None:
    send_mail(full_disk(mail_frame(), free_megabytes=free_megabytes))


def send_certificate_ends(days_left: int) -> None:
    send_mail(certificate_ends(mail_frame(), days_left=days_left))


def send_dead_letters() -> None:
    """Nothing to do once somebody has seen to all of them."""
    letters = [
        DeadLetter(row.kind.label, plain_cause(row.last_error), row.created_at) for row in list_dead(_NAMED)
    ]
    if letters:
        send_mail(dead_letters(mail_frame(), letters=letters, total=count_dead()))
