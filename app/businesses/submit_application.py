"""Send a complete application to staff."""

from __future__ import annotations

from datetime import date, datetime

from app.businesses.certificate_rules import CertificateDates, check_dates
from app.businesses.completeness import check_complete
from app.businesses.draft import open_draft
from app.businesses.queries import Application, get_application
from app.businesses.status import BusinessStatus
from app.outbox.kinds import Kind
from app.outbox.post import post
from app.shared.errors import RulesBroken, Violation
from app.shared.transaction import retry_lost_races, transaction

_LONGEST_ANSWER = 2000


@retry_lost_races
def submit_application(user_id: int, *, answer: str = "", now: datetime, today: date) -> None:
    """From draft, rejected or asked to "waiting for review"; `answer` is what the applicant adds in words.

    RulesBroken names every field that is missing or out of date; Conflict when it is with staff already.
    """
    with transaction():
        draft = open_draft(user_id, now=now)
        business = draft.business
        application = get_application(business.id)
        found = [*check_complete(application.facts), *_check_certificate(application, today)]
        if found:
            raise RulesBroken(found)
        business.move_to(
            BusinessStatus.SUBMITTED,
            actor=draft.user.as_actor,
            at=now,
            reason=answer.strip()[:_LONGEST_ANSWER],
        )
        business.submitted_at, business.updated_at, business.decided_at = now, now, None
        business.review_note, business.requested_fields = "", []
        post(Kind.MAIL_BUSINESS_SUBMITTED, business_id=business.id)


def _check_certificate(application: Application, today: date) -> list[Violation]:
    """A draft may lie for months, and its certificate run out meanwhile."""
    paper = application.certificate
    if paper is None:
        return []
    wrong = check_dates(CertificateDates(paper.issued_on, paper.expires_on), today)
    return [
        Violation(each.code, each.message, "Change it", "businesses.application", "certificate_dates")
        for each in wrong
    ]
