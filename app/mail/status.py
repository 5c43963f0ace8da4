"""Where a mail stands."""

from __future__ import annotations

from app.shared.status import LabelEnum


class MailStatus(LabelEnum):
    """FAILED is the last try's end: the outbox tries again until it needs a person."""

    QUEUED = "queued", "Queued"
    SENT = "sent", "Sent"
    FAILED = "failed", "Failed"
    NOT_NEEDED = "not_needed", "No longer needed"


# A sent mail stays sent, whatever a second run of its job does.
MAIL_MOVES: dict[MailStatus, frozenset[MailStatus]] = {
    MailStatus.QUEUED: frozenset({MailStatus.SENT, MailStatus.FAILED, MailStatus.NOT_NEEDED}),
    MailStatus.FAILED: frozenset({MailStatus.SENT, MailStatus.FAILED, MailStatus.NOT_NEEDED}),
    MailStatus.SENT: frozenset(),
    MailStatus.NOT_NEEDED: frozenset({MailStatus.SENT, MailStatus.FAILED}),
}
