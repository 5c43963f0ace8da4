"""Load the viewer of this request, once, with one query."""

from __future__ import annotations

from dataclasses import replace

from flask import g
from flask_login import current_user

from app.accounts.models import User
from app.businesses.access import GUEST, Viewer
from app.businesses.models import Business, CustomerGroup
from app.extensions import db


def get_viewer() -> Viewer:
    """Who looks at this page, with what decides prices: read afresh for every request."""
    if "viewer" not in g:
        g.viewer = load_viewer(current_user) if current_user.is_authenticated else GUEST
    viewer: Viewer = g.viewer
    return viewer


def load_viewer(user: User) -> Viewer:
    """The viewer for a user, read from the database."""
    person = Viewer(user_id=user.id, name=user.name, is_verified=user.is_verified, is_staff=user.is_staff)
    if user.business_id is None:
        return person
    query = (
        db.select(Business.id, Business.trade_name, Business.legal_name, Business.status, Business.group_id)
        .add_columns(CustomerGroup.price_list_id)
        .outerjoin(CustomerGroup, CustomerGroup.id == Business.group_id)
        .where(Business.id == user.business_id)
    )
    row = db.session.execute(query).one()
    return replace(
        person,
        business_id=row.id,
        business_name=row.trade_name or row.legal_name or None,
        business_status=row.status,
        group_id=row.group_id,
        price_list_id=row.price_list_id,
    )
