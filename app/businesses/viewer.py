"""Load the viewer of this request, once, with the query that finds who is signed in."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import g
from flask_login import current_user
from sqlalchemy import Row, Select

from app.accounts.models import User
from app.accounts.queries import SignedIn, select_signed_in
from app.businesses.access import GUEST, Viewer
from app.businesses.models import Business, CustomerGroup
from app.extensions import db
from app.shared.cluster import has_committed
from app.shared.stamps import STAMP_COLUMNS, remember_stamps

_BUSINESS_COLUMNS = (
    Business.trade_name,
    Business.legal_name,
    Business.status.label("business_status"),
    Business.group_id,
    CustomerGroup.price_list_id,
)


def _with_business(query: Select[Any], *, beside: Any) -> Select[Any]:
    return (
        query.add_columns(*_BUSINESS_COLUMNS)
        .outerjoin(Business, Business.id == beside)
        .outerjoin(CustomerGroup, CustomerGroup.id == Business.group_id)
    )


# Built once: every page asks it.
_SIGNED_IN = _with_business(select_signed_in(), beside=User.business_id).add_columns(*STAMP_COLUMNS)


def find_signed_in(user_id: int, key_digest: str) -> tuple[User, SignedIn] | None:
    """The person and the session a cookie stands for; None when that session is over. The business and the stamps of
    what is kept come along: the one query every page of somebody signed in begins with."""
    row = db.session.execute(_SIGNED_IN, {"user_id": user_id, "key_digest": key_digest}).one_or_none()
    if row is None:
        return None
    g.signed_in = row
    remember_stamps(row)
    return row.User, SignedIn(row.session_id, row.session_epoch, row.session_seen_at, row.session_ends_at)


def get_viewer() -> Viewer:
    """Who looks at this page, with what decides prices: read afresh for every request."""
    if "viewer" not in g:
        g.viewer = _find_viewer()
    viewer: Viewer = g.viewer
    return viewer


def _find_viewer() -> Viewer:
    if not current_user.is_authenticated:
        return GUEST
    row: Row[Any] | None = g.get("signed_in")
    # What this very request has changed meanwhile may have been the business.
    if row is None or row.User.id != current_user.id or has_committed():
        return load_viewer(current_user)
    return _viewer(row.User, row)


def load_viewer(user: User) -> Viewer:
    """The viewer for a user, read from the database."""
    if user.business_id is None:
        return _viewer(user, None)
    query = _with_business(
        db.select(User.id).select_from(User).where(User.id == user.id), beside=user.business_id
    )
    return _viewer(user, db.session.execute(query).one())


def _viewer(user: User, row: Row[Any] | None) -> Viewer:
    person = Viewer(user_id=user.id, name=user.name, is_verified=user.is_verified, is_staff=user.is_staff)
    if user.business_id is None or row is None:
        return person
    return replace(
        person,
        business_id=user.business_id,
        business_name=row.trade_name or row.legal_name or None,
        business_status=row.business_status,
        group_id=row.group_id,
        price_list_id=row.price_list_id,
    )
