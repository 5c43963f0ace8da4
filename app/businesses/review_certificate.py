"""Staff's two answers to a certificate handed in later: it holds, or it does not."""

from __future__ import annotations

from datetime import date, datetime

from app.businesses.models import Business, ResaleCertificate
from app.businesses.status import CertificateStatus
from app.shared import history
from app.shared.errors import AppError, Conflict
from app.shared.history import Actor
from app.shared.transaction import lock, retry_lost_races, transaction

_LONGEST_REASON = 300


@retry_lost_races
def verify_certificate(
    certificate_id: int, *, business_id: int, actor: Actor, now: datetime, today: date
) -> None:
    """From now on goods shipped to its state are free of sales tax. Conflict when it was decided meanwhile or has expired."""
    with transaction():
        row = _lock_waiting(certificate_id, business_id)
        if not (row.number and row.state and row.issued_on):
            raise AppError("Number, state and issue date must be known before it can be verified.")
        if row.expires_on and row.expires_on < today:
            raise AppError("This certificate has expired, so it cannot be verified.")
        row.status, row.rejected_reason = CertificateStatus.VERIFIED, ""
        row.verified_by_id, row.verified_at = actor.user_id, now
        record_decision(row, "certificate_verified", actor=actor, at=now)


@retry_lost_races
def reject_certificate(
    certificate_id: int, *, business_id: int, reason: str, actor: Actor, now: datetime
) -> None:
    """The buyer reads the reason beside the certificate; goods shipped to its state stay taxed."""
    reason = reason.strip()[:_LONGEST_REASON]
    if not reason:
        raise AppError("Write the reason. The buyer reads it.", "reason")
    with transaction():
        row = _lock_waiting(certificate_id, business_id)
        row.status, row.rejected_reason = CertificateStatus.REJECTED, reason
        record_decision(row, "certificate_rejected", actor=actor, at=now, reason=reason)


def record_decision(
    row: ResaleCertificate, event: str, *, actor: Actor, at: datetime, reason: str = ""
) -> None:
    """Into the business's history, where people look for it."""
    history.record(
        "business",
        row.business_id,
        event,
        actor=actor,
        at=at,
        reason=reason,
        number=row.number,
        state=row.state,
    )


def _lock_waiting(certificate_id: int, business_id: int) -> ResaleCertificate:
    lock(Business, business_id)
    row = lock(ResaleCertificate, certificate_id)
    if row.business_id != business_id or row.status is not CertificateStatus.SUBMITTED:
        raise Conflict("This certificate was decided meanwhile. Its present state is below.")
    return row
