"""Reads of second factors."""

from __future__ import annotations

from sqlalchemy import func

from app.extensions import db
from app.second_factor.models import RecoveryCode, SecondFactor


def find_factor(user_id: int) -> SecondFactor | None:
    """What was begun or is on for this person."""
    query = db.select(SecondFactor).filter_by(user_id=user_id)
    return db.session.scalars(query.execution_options(populate_existing=True)).one_or_none()


def count_recovery_codes(user_id: int) -> int:
    """How many of the person's recovery codes are left."""
    query = db.select(func.count(RecoveryCode.id)).where(
        RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None)
    )
    return int(db.session.scalar(query) or 0)
