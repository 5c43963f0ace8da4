"""The audit log: every change by staff, buyers and jobs. Nothing here can be edited."""

from __future__ import annotations

from typing import Any

from admin import formatters
from admin.base import StaffModelView
from admin.filters import SinceFilter, TextFilter, UntilFilter
from app.accounts.permissions import Permission
from app.extensions import db
from app.shared.history import HistoryEntry


class HistoryView(StaffModelView):
    view_permission = Permission.SHOP_SETTINGS
    thing = "entry"
    column_list = ("at", "actor_name", "subject", "subject_id", "event", "reason", "details")
    column_details_list = (
        "at",
        "actor_name",
        "subject",
        "subject_id",
        "event",
        "from_status",
        "to_status",
        "reason",
        "details",
    )
    column_labels = {
        "at": "When",
        "actor_name": "Who",
        "subject": "What",
        "subject_id": "No.",
        "details": "Changes",
    }
    column_searchable_list = ("actor_name", "event", "subject")
    column_sortable_list = ("at",)
    column_default_sort = ("id", True)
    simple_list_pager = True
    column_filters = (
        TextFilter(HistoryEntry.actor_name, "Who"),
        TextFilter(HistoryEntry.subject, "What"),
        TextFilter(HistoryEntry.event, "Event"),
        SinceFilter(HistoryEntry.at, "Date"),
        UntilFilter(HistoryEntry.at, "Date"),
    )
    lead = "Every change, old and new. It cannot be edited."
    empty_picture = "paper"

    def __init__(self, **kwargs: Any):
        super().__init__(HistoryEntry, db, **kwargs)

    @property
    def things(self) -> str:
        return "entries"

    def title_of(self, row: HistoryEntry) -> str:
        return f"{row.subject.replace('_', ' ').capitalize()} {row.subject_id}: {formatters.event_title(row).lower()}"

    def details_needs(self, row: HistoryEntry) -> dict[str, Any]:
        return {**super().details_needs(row), "history": []}

    def _event(self, _context: Any, row: HistoryEntry, _column: str) -> str:
        return formatters.event_title(row)

    def _subject(self, _context: Any, row: HistoryEntry, _column: str) -> str:
        return row.subject.replace("_", " ").capitalize()

    def _details(self, _context: Any, row: HistoryEntry, _column: str) -> str:
        details = row.details or {}
        others = [
            f"{name.replace('_', ' ')}: {value}"
            for name, value in details.items()
            if name not in {"changes", "parts"} and not name.endswith("_id")
        ]
        return "; ".join(part for part in (formatters.changes_in_words(details), *others) if part)

    column_formatters = {"event": _event, "subject": _subject, "details": _details}
