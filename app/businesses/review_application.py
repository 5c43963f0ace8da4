"""Staff's three answers to an application: approve, reject with a reason, ask for something more."""

from __future__ import annotations

from datetime import datetime

from app.businesses.completeness import FIELDS
from app.businesses.models import Business, CustomerGroup, ResaleCertificate
from app.businesses.review_certificate import record_decision
from app.businesses.status import BusinessStatus, CertificateStatus
from app.extensions import db
from app.outbox.kinds import Kind
from app.outbox.post import post
from app.shared.errors import AppError
from app.shared.history import Actor
from app.shared.transaction import lock, retry_lost_races, transaction


@retry_lost_races
def approve(
    business_id: int, *, group_id: int, certificate_ids: frozenset[int], actor: Actor, now: datetime
) -> None:
    """Open prices and ordering. The group sets price list, minimums and terms; the named certificates are verified.

    Conflict when somebody else decided meanwhile.
    """
    with transaction():
        business = lock(Business, business_id)
        group = db.session.get(CustomerGroup, group_id)
        if group is None:
            raise AppError("Choose a customer group.", "group")
        business.move_to(BusinessStatus.APPROVED, actor=actor, at=now, group=group.name)
        business.group_id = group.id
        business.decided_at = now
        business.review_note, business.requested_fields = "", []
        _verify_certificates(business_id, certificate_ids, actor, now)
        post(Kind.MAIL_BUSINESS_APPROVED, business_id=business_id)


@retry_lost_races
def reject(business_id: int, *, reason: str, actor: Actor, now: datetime) -> None:
    """Say no, with a reason the applicant reads; they may correct their facts and submit again."""
    reason = _needed(reason, "reason", "Write the reason. The applicant reads it.")
    with transaction():
        business = lock(Business, business_id)
        business.move_to(BusinessStatus.REJECTED, actor=actor, at=now, reason=reason)
        business.decided_at = now
        business.review_note, business.requested_fields = reason, []
        post(Kind.MAIL_BUSINESS_REJECTED, business_id=business_id)


@retry_lost_races
def ask(business_id: int, *, fields: list[str], question: str, actor: Actor, now: datetime) -> None:
    """Ask for one thing more: exactly the named fields open for the applicant."""
    question = _needed(question, "question", "Write what you need. The applicant reads it.")
    wanted = [name for name in FIELDS if name in fields]
    if not wanted:
        raise AppError("Choose at least one field to open.", "fields")
    with transaction():
        business = lock(Business, business_id)
        business.move_to(
            BusinessStatus.NEEDS_INFORMATION, actor=actor, at=now, reason=question, fields=wanted
        )
        business.review_note, business.requested_fields = question, wanted
        post(Kind.MAIL_BUSINESS_ASKED, business_id=business_id)


def _verify_certificates(
    business_id: int, certificate_ids: frozenset[int], actor: Actor, now: datetime
) -> None:
    held = db.session.scalars(
        db.select(ResaleCertificate).filter_by(business_id=business_id).with_for_update()
    )
    for certificate in held:
        if certificate.id in certificate_ids and certificate.status is CertificateStatus.SUBMITTED:
            certificate.status = CertificateStatus.VERIFIED
            certificate.verified_by_id, certificate.verified_at = actor.user_id, now
            record_decision(certificate, "certificate_verified", actor=actor, at=now)


def _needed(text: str, field: str, message: str) -> str:
    text = text.strip()
    if not text:
        raise AppError(message, field)
    return text[:2000]
