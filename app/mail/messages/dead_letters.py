"""To staff: work of the shop gave up and waits for somebody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.mail.message import Frame, Message, write
from app.template_filters import count


@dataclass(frozen=True)
class DeadLetter:
    """A job that gave up: what it was to do, why it failed in plain words, and when it was posted."""

    what: str
    cause: str
    posted_at: datetime


def dead_letters(frame: Frame, *, letters: Sequence[DeadLetter], total: int) -> Message:
    """`letters` are the latest of `total`."""
    needs = "needs" if total == 1 else "need"
    return write(
        frame,
        "dead_letters",
        to=frame.shop.staff_email,
        subject=f"{count(total, 'job')} of {frame.shop.name} {needs} a person",
        letters=letters,
        total=total,
        needs=needs,
        more=total - len(letters),
        link=frame.link("/admin/outbox/?show=dead"),
    )
