"""Background jobs: what is due, what failed and why in plain words, and trying again."""

from __future__ import annotations

from typing import Any

from flask import flash, request
from flask_admin import expose
from flask_admin.actions import action

from admin import formatters, listing
from admin.access import acting, may, requires
from admin.base import StaffModelView
from admin.confirm import Question
from admin.filters import ChoiceFilter, SinceFilter
from admin.page import row_id
from admin.work import get_work, is_dead_job
from app.accounts.permissions import Permission
from app.extensions import db
from app.mail.about import find_order_of
from app.outbox.causes import plain_cause
from app.outbox.kinds import Kind
from app.outbox.models import OutboxRow
from app.outbox.retry import retry_all_dead, retry_row
from app.shared import clock
from app.shared.errors import AppError
from app.shared.history import list_history

# What a job is about → the view that shows it.
_SUBJECT_VIEWS = (
    ("payment_id", "Payment", "payments.details_view", Permission.PAYMENTS_VIEW),
    ("user_id", "Person", "users.details_view", Permission.USERS_VIEW),
    ("business_id", "Business", "businesses_desk.details_view", Permission.BUSINESSES_VIEW),
)


class OutboxView(StaffModelView):
    view_permission = Permission.OUTBOX_VIEW
    work_tile = "dead_jobs"
    thing = "job"
    list_template = "admin/outbox/list.html"
    details_template = "admin/outbox/detail.html"
    column_list = ("kind", "state", "attempts", "cause", "created_at", "due_at")
    column_export_list = ("kind", "state", "attempts", "cause", "created_at", "due_at", "closed_at")
    column_details_list = (
        "kind",
        "state",
        "attempts",
        "cause",
        "created_at",
        "first_due_at",
        "due_at",
        "needs_person_at",
        "closed_at",
        "ids",
    )
    column_labels = {
        "kind": "What", "attempts": "Tries", "cause": "Why it failed", "created_at": "Posted", "due_at": "Next try", "first_due_at": "Due since",
        "needs_person_at": "Gave up", "closed_at": "Done", "ids": "About",
    }  # fmt: skip
    column_sortable_list = ("kind", "attempts", "created_at", "due_at")
    column_default_sort = ("id", True)
    simple_list_pager = True
    column_filters = (ChoiceFilter(OutboxRow.kind, "What", Kind), SinceFilter(OutboxRow.created_at, "Posted"))
    shortcuts = {
        "dead": listing.Shortcut("Failed for good", lambda _now: is_dead_job()),
        "waiting": listing.Shortcut(
            "Waiting", lambda _now: OutboxRow.closed_at.is_(None) & OutboxRow.needs_person_at.is_(None)
        ),
        "done": listing.Shortcut("Done", lambda _now: OutboxRow.closed_at.is_not(None)),
    }
    lead = "What the shop does by itself: mails, charges, refunds, tidying up."
    empty_title = "Nothing here."
    empty_words = "Mails and jobs show here from the moment they are posted."
    empty_picture = "letter"

    def __init__(self, **kwargs: Any):
        super().__init__(OutboxRow, db, **kwargs)

    def title_of(self, row: OutboxRow) -> str:
        return row.kind.label

    def _state(self, _context: Any, row: OutboxRow, _column: str) -> str:
        if row.closed_at is not None:
            return "Done"
        if row.needs_person_at is not None:
            return "Needs a person"
        if row.is_taken(clock.now()):
            return "Being done"
        return "Tries again" if row.tries else "Waiting"

    def _tries(self, _context: Any, row: OutboxRow, _column: str) -> str:
        return str(row.tries)

    def _cause(self, _context: Any, row: OutboxRow, _column: str) -> str:
        return plain_cause(row.last_error) if row.closed_at is None else ""

    column_formatters = {"state": _state, "cause": _cause, "attempts": _tries}

    def details_needs(self, row: OutboxRow) -> dict[str, Any]:
        return {
            **super().details_needs(row),
            "history": formatters.timeline(list_history("outbox", row.id)),
            "links": self._links_of(row),
            "may_retry": self._may_be_tried(row) and may(Permission.OUTBOX_RETRY),
        }

    @staticmethod
    def _may_be_tried(row: OutboxRow) -> bool:
        return row.closed_at is None and (row.needs_person_at is not None or not row.is_taken(clock.now()))

    def _links_of(self, row: OutboxRow) -> list[tuple[str, str]]:
        """The order first, whatever the job carries: it is what staff think in. Then what else has a page."""
        order = find_order_of(row.ids) if may(Permission.ORDERS_VIEW) else None
        links = (
            [(f"Order {order.number}", self.get_url("orders_desk.details_view", id=order.id))]
            if order
            else []
        )
        return links + [
            (f"{word} {row.ids[key]}", self.get_url(endpoint, id=row.ids[key]))
            for key, word, endpoint, permission in _SUBJECT_VIEWS
            if key in row.ids and may(permission)
        ]

    def list_needs(self, active: Any) -> dict[str, Any]:
        dead = get_work()["dead_jobs"] if may(Permission.OUTBOX_RETRY) else 0
        return {**super().list_needs(active), "dead": dead, "retry_all_question": retry_all_question(dead)}

    @expose("/retry-all", methods=("POST",))
    @requires(Permission.OUTBOX_RETRY)
    def retry_all(self) -> Any:
        back = self.get_url(".index_view", show="dead")
        asked = self.ask_first(retry_all_question(get_work()["dead_jobs"]), back)
        return asked or self.carry_out(
            lambda: retry_all_dead(actor=acting(), now=clock.now()),
            done="All of them are tried again within seconds.", back=back,
        )  # fmt: skip

    @expose("/retry", methods=("POST",))
    @requires(Permission.OUTBOX_RETRY)
    def retry(self) -> Any:
        job_id = row_id(request.form.get("id"))
        return self.carry_out(
            lambda: retry_row(job_id, actor=acting(), now=clock.now()),
            done="It is tried again within seconds.", back=self.get_url(".details_view", id=job_id),
        )  # fmt: skip

    @action("retry", "Try again")
    def action_retry(self, ids: list[str]) -> Any:
        keys = [row_id(each) for each in ids[: max(self.page_size_options)]]
        rows = list(db.session.scalars(db.select(OutboxRow).where(OutboxRow.id.in_(keys))))
        open_ids = [row.id for row in rows if row.closed_at is None]
        if not open_ids:
            flash("Nothing to try again: select jobs that are not done.", "notice")
            return None
        words = f"{len(open_ids)} of {len(rows)} selected are tried within seconds."
        asked = self.ask_first(
            Question("Try these jobs again?", words + " Those that are done stay as they are.", "Try again")
        )
        if asked:
            return asked
        self._retry_each(open_ids)
        return None

    @staticmethod
    def _retry_each(job_ids: list[int]) -> None:
        refused = []
        for job_id in job_ids:
            try:
                retry_row(job_id, actor=acting(), now=clock.now())
            except AppError as error:
                refused.append(f"Job {job_id}: {error.message}")
        flash(f"Tried again: {len(job_ids) - len(refused)}.", "good")
        for words in refused:
            flash(words, "notice")

    def is_action_allowed(self, name: str) -> bool:
        return super().is_action_allowed(name) and may(Permission.OUTBOX_RETRY)


def retry_all_question(dead: int) -> Question:
    return Question(
        f"Try all {dead} again?" if dead != 1 else "Try it again?",
        "Each is tried within seconds, with its tries counted anew. It helps once the cause is gone.",
        "Try all again",
    )
