"""The application somebody is filling in: found or begun, locked, and noted in the history. Helpers of the saving use cases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.accounts.models import User
from app.businesses.models import Business
from app.businesses.status import BusinessStatus
from app.businesses.steps import open_fields
from app.extensions import db
from app.shared import history
from app.shared.errors import Conflict, NotAllowed
from app.shared.transaction import lock


@dataclass(frozen=True)
class Draft:
    """A business whose application may be changed, and the fields that are open."""

    business: Business
    user: User
    fields: frozenset[str]


def open_draft(user_id: int, *, now: datetime) -> Draft:
    """Inside the open transaction: the user's business, locked; begun as a draft where there is none.

    The user's row is locked first, so that two tabs begin one business. Conflict when the application is not open to
    changes now; NotAllowed for staff, who buy for nobody.
    """
    user = lock(User, user_id)
    if user.business_id is None:
        business = _begin(user, now)
    else:
        business = lock(Business, user.business_id)
    fields = open_fields(business.status, business.requested_fields or [])
    if not fields:
        raise Conflict(
            "Your application is with us now, so it cannot be changed. You see below where it stands."
        )
    return Draft(business, user, fields)


def note_changes(draft: Draft, changes: Mapping[str, list[Any]], now: datetime) -> None:
    """Touch the row, and keep old → new once staff have seen the application; a first draft needs no such record."""
    if not changes:
        return
    draft.business.updated_at = now
    if draft.business.status is not BusinessStatus.DRAFT:
        history.record(
            "business",
            draft.business.id,
            "application_changed",
            actor=draft.user.as_actor,
            at=now,
            changes=dict(changes),
        )


def _begin(user: User, now: datetime) -> Business:
    if user.is_staff:
        raise NotAllowed(
            "Staff accounts have no business of their own. Register another address to try the shop as a buyer."
        )
    business = Business(status=BusinessStatus.DRAFT, requested_fields=[], created_at=now, updated_at=now)
    db.session.add(business)
    db.session.flush()
    user.business_id = business.id
    history.record("business", business.id, "begun", actor=user.as_actor, at=now)
    return business
