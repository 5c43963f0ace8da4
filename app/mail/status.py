"""Where a mail stands."""

from __future__ import annotations

from app.shared.status import LabelEnum


class MailStatus(LabelEnum):
    """QUEUED waits, or is being sent. FAILED is the last try's end: the outbox tries again until it needs a person."""

    QUEUED = "queued", "Queued"
    SENT = "sent", "Sent"
    FAILED = "failed", "Failed"
    NOT_NEEDED = "not_needed", "No longer needed"


# A sent mail stays sent, whatever a second run of its job does. A new try is queued again while it is under way.
MAIL_MOVES: dict[MailStatus, frozenset[MailStatus]] = {
    MailStatus.QUEUED: frozenset({MailStatus.SENT, MailStatus.FAILED, MailStatus.NOT_NEEDED}),
    MailStatus.FAILED: frozenset(
        {MailStatus.QUEUED, MailStatus.SENT, MailStatus.FAILED, MailStatus.NOT_NEEDED}
    ),
    MailStatus.SENT: frozenset(),
    MailStatus.NOT_NEEDED: frozenset({MailStatus.QUEUED, MailStatus.SENT, MailStatus.FAILED}),
}
