"""Keep a file somebody sent, whatever becomes of the rest of the form."""

from __future__ import annotations

from datetime import datetime

from app.businesses.documents import StoredDocument
from app.businesses.models import Business
from app.businesses.uploads import add_upload
from app.shared.transaction import lock, retry_lost_races, transaction


@retry_lost_races
def keep_upload(document: StoredDocument, *, business_id: int, user_id: int, now: datetime) -> int:
    """The id of the file's row, to be named when the form is sent again."""
    with transaction():
        lock(Business, business_id)
        return add_upload(document, business_id=business_id, user_id=user_id, now=now).id
