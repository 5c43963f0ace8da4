"""The pages of one's own business."""

from __future__ import annotations

from flask import Blueprint, Response

from app.accounts.guards import verified
from app.businesses.queries import get_own_business
from app.businesses.viewer import get_viewer
from app.web import page

blueprint = Blueprint("businesses", __name__)


@blueprint.get("/business")
@verified
def status() -> Response:
    """Where the application stands and what comes next."""
    viewer = get_viewer()
    business = get_own_business(viewer.business_id) if viewer.business_id else None
    return page("businesses/status.html", business=business)


@blueprint.get("/business/application")
@verified
def application() -> Response:
    return status()


@blueprint.get("/addresses")
@verified
def addresses() -> Response:
    return status()
