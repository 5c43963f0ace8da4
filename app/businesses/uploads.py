"""Rows of private files: added inside an open transaction, never more than a business has use for."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func

from app.businesses.documents import StoredDocument
from app.businesses.models import Upload
from app.extensions import db
from app.shared.errors import AppError

# A chain with a certificate for every state fits, and some tries; a script filling the disk does not.
MOST_UPLOADS = 150


def add_upload(document: StoredDocument, *, business_id: int, user_id: int, now: datetime) -> Upload:
    """The row of a stored file, flushed. AppError when the business has sent more than anyone needs."""
    held = db.session.scalar(db.select(func.count(Upload.id)).filter_by(business_id=business_id)) or 0
    if held >= MOST_UPLOADS:
        raise AppError(
            "You have sent a great many files already. Please write to us, and we will sort it out.",
            "certificate_file",
        )
    upload = Upload(
        business_id=business_id,
        user_id=user_id,
        stored_name=document.stored_name,
        original_name=document.original_name,
        content_type=document.content_type,
        size=document.size,
        sha256=document.sha256,
        created_at=now,
    )
    db.session.add(upload)
    db.session.flush()
    return upload
