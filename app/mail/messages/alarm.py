"""To staff: something about the running of the shop wants a look. One look for all alarms, so that they are known."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from app.mail.message import Frame, Message, write
from app.template_filters import count, when


def alarm(frame: Frame, *, began: datetime, ended: datetime) -> Message:
    """Background work stood still from `began` to `ended`; told when it goes on, for before nobody could send it."""
    zone = frame.shop.time_zone
    return _alarm(
        frame,
        subject=f"Background work of {frame.shop.name} stood still",
        lead="It runs again, and everything that waited is being done now. Meanwhile no mail left and no card was charged.",
        facts=[("From", when(began, zone)), ("To", when(ended, zone))],
        advice="If nobody stopped it on purpose, see why: the log of the worker, or cron's mails, end at the first time.",
        path="/admin/check/",
    )


def standing_still(frame: Frame, *, began: datetime) -> Message:
    """Nothing has run since then, and nothing does: sent by a web process, which is all there is."""
    return _alarm(
        frame,
        subject=f"Background work of {frame.shop.name} stands still",
        lead="Until it runs no other mail leaves and no card is charged. Orders are still taken, and nothing is lost.",
        facts=[("Last ran", when(began, frame.shop.time_zone))],
        advice="See why: the log of the worker, or cron's mails. The check says what to do.",
        path="/admin/check/",
    )


def payment_errors(frame: Frame, *, errors: int, asked: int) -> Message:
    """More than 5 % of the questions to the payment provider had no clear answer in a quarter of an hour."""
    return _alarm(
        frame,
        subject=f"{frame.shop.name}: payments run into errors",
        lead="The payment provider often gives no clear answer. No order is lost: each is looked up and settled by itself.",
        facts=[("Without an answer", f"{errors} of {count(asked, 'question')} in 15 minutes")],
        advice="Look at the provider's own status page, then at the payments that need a person.",
        path="/admin/payments/?show=needs_person",
    )


def late_work(frame: Frame, *, minutes: int) -> Message:
    """The oldest piece of work had been owed for so many minutes."""
    return _alarm(
        frame,
        subject=f"Background work of {frame.shop.name} is late",
        lead="Mails and charges wait longer than they should. This mail waited its turn, too.",
        facts=[("Longest wait", count(minutes, "minute"))],
        advice="The list says which. If they are tried and fail, see why: the mails and the outside services say more, and an "
        "hourly cap of mails holds mails up, too. If nobody takes them, start a second worker, or let cron call oftener.",
        path="/admin/outbox/?show=waiting",
    )


def full_disk(frame: Frame, *, free_megabytes: int) -> Message:
    """The disk with the shop's folder is nearly full."""
    return _alarm(
        frame,
        subject=f"The disk of {frame.shop.name} is nearly full",
        lead="When it is full, no order can be written down.",
        facts=[("Free", f"{free_megabytes:,} MB")],
        advice="Delete old backups and logs, or get more room.",
        path="/admin/check/",
    )


def certificate_ends(frame: Frame, *, days_left: int) -> Message:
    """The certificate of the shop's address ends in so many days; below zero it is one that no browser takes."""
    state = f"ends in {count(days_left, 'day')}" if days_left >= 0 else "is over, or not for this address"
    return _alarm(
        frame,
        subject=f"The certificate of {frame.shop.name} {'ends soon' if days_left >= 0 else 'is not taken'}",
        lead="Without a good certificate browsers warn of the shop, and hardly anybody goes on.",
        facts=[("The certificate", state)],
        advice="It should have been renewed by itself. See why not, in your host's panel or with `certbot renew --dry-run`.",
        path="/admin/check/outside",
    )


def _alarm(
    frame: Frame, *, subject: str, lead: str, facts: Sequence[tuple[str, str]], advice: str, path: str
) -> Message:
    return write(
        frame,
        "alarm",
        to=frame.shop.staff_email,
        subject=subject,
        lead=lead,
        facts=facts,
        advice=advice,
        link=frame.link(path),
    )
