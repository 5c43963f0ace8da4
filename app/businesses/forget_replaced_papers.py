"""Forget papers that were replaced before anybody looked at them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Select, or_

from app.businesses.models import Business, ResaleCertificate, Upload
from app.businesses.status import BusinessStatus
from app.extensions import db
from app.shared.history import HistoryEntry
from app.shared.transaction import lock, retry_lost_races, transaction

_DECISIONS = (
    "certificate_verified",
    "certificate_rejected",
    BusinessStatus.APPROVED.value,
    BusinessStatus.REJECTED.value,
    BusinessStatus.NEEDS_INFORMATION.value,
    BusinessStatus.SUSPENDED.value,
)


def forget_replaced_papers(*, before: datetime) -> int:
    """Delete the rows of papers sent before then that no certificate names and that no decision can have rested on.

    Whatever staff decided about a business after a paper came keeps that paper for good: an audit may ask to see it.
    The files go with the next look at files nobody names (app/clearing). Returns how many.
    """
    ids = [(row.id, row.business_id) for row in db.session.execute(_replaced(before))]
    db.session.rollback()
    return sum(_forget(upload_id, business_id, before) for upload_id, business_id in ids)


def _replaced(before: datetime) -> Select[tuple[int, int]]:
    is_held = db.select(ResaleCertificate.id).where(ResaleCertificate.upload_id == Upload.id).exists()
    was_decided = (
        db.select(HistoryEntry.id)
        .where(
            HistoryEntry.subject == "business",
            HistoryEntry.subject_id == Upload.business_id,
            HistoryEntry.at >= Upload.created_at,
            HistoryEntry.event.in_(_DECISIONS),
        )
        .exists()
    )
    query: Select[tuple[int, int]] = db.select(Upload.id, Upload.business_id).where(
        Upload.created_at < before, ~or_(is_held, was_decided)
    )
    return query


@retry_lost_races
def _forget(upload_id: int, business_id: int, before: datetime) -> bool:
    """Looked at once more under the lock that every form of the business takes."""
    with transaction():
        lock(Business, business_id)
        if db.session.execute(_replaced(before).where(Upload.id == upload_id)).first() is None:
            return False
        db.session.delete(db.session.get_one(Upload, upload_id))
        return True
