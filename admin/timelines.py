"""The whole story of an order: its own history with its payments' and refunds', in one timeline."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import and_, or_

from app.extensions import db
from app.shared.history import HistoryEntry


def list_histories(subjects: dict[str, Collection[int]]) -> list[HistoryEntry]:
    """History rows of several subjects ({"order": [7], "payment": [3, 4]}), oldest first; one query."""
    about = [
        and_(HistoryEntry.subject == name, HistoryEntry.subject_id.in_(list(ids)))
        for name, ids in subjects.items()
        if ids
    ]
    query = db.select(HistoryEntry).where(or_(*about)).order_by(HistoryEntry.at, HistoryEntry.id)
    return list(db.session.scalars(query))
