"""Resale certificates: which wait for a look, which end soon. They are decided on the page of their business."""

from __future__ import annotations

from typing import Any

from admin import listing
from admin.base import StaffModelView
from admin.filters import ChoiceFilter, TextFilter
from admin.work import certificate_expires_soon
from app.accounts.permissions import Permission
from app.businesses.models import Business, ResaleCertificate
from app.businesses.status import CertificateStatus
from app.extensions import db


class CertificatesView(StaffModelView):
    view_permission = Permission.BUSINESSES_VIEW
    work_tile = "certificates"
    thing = "certificate"
    column_list = ("business_name", "number", "state", "status", "issued_on", "expires_on")
    column_details_list = (
        "business_name",
        "number",
        "state",
        "status",
        "issued_on",
        "expires_on",
        "verified_at",
        "rejected_reason",
    )
    column_labels = {"business_name": "Business"}
    column_searchable_list = ("number",)
    column_sortable_list = ("state", "status", "expires_on")
    column_default_sort = ("id", True)
    column_filters = (
        ChoiceFilter(ResaleCertificate.status, "Status", CertificateStatus),
        TextFilter(ResaleCertificate.state, "State"),
    )
    shortcuts = {
        "expiring": listing.Shortcut("Expire within 30 days", certificate_expires_soon),
        "waiting": listing.Shortcut(
            "Waiting for review", lambda _now: ResaleCertificate.status == CertificateStatus.SUBMITTED
        ),
    }
    empty_words = "When a business sends a resale certificate, it shows here with its dates."
    empty_picture = "paper"

    def __init__(self, **kwargs: Any):
        super().__init__(ResaleCertificate, db, **kwargs)

    def get_list(self, *args: Any, **kwargs: Any) -> tuple[int | None, list[ResaleCertificate]]:
        count, rows = super().get_list(*args, **kwargs)
        return count, name_owners(rows)

    def get_one(self, id: Any) -> Any:  # noqa: A002 (the library's own name)
        return name_owners([super().get_one(id)])[0]

    def title_of(self, row: ResaleCertificate) -> str:
        return f"{row.number or 'Certificate'}, {row.state}"


def name_owners(rows: list[ResaleCertificate]) -> list[ResaleCertificate]:
    """The rows with their business's name beside them; one query however many rows."""
    keys = {row.business_id for row in rows}
    found = {
        each.id: each.display_name
        for each in db.session.scalars(db.select(Business).where(Business.id.in_(keys)))
    }
    for row in rows:
        row.business_name = found[row.business_id]
    return rows
