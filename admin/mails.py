"""The mail ledger: every mail the shop wrote, what became of it, and sending it again."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import Response, make_response, request
from flask_admin import expose
from sqlalchemy.orm import Query

from admin import listing
from admin.access import acting, may, requires
from admin.base import StaffModelView
from admin.confirm import Question
from admin.filters import ChoiceFilter, SinceFilter, UntilFilter
from admin.page import row_id
from app.accounts.permissions import Permission
from app.extensions import db
from app.mail.models import Mail
from app.mail.resend_mail import resend_mail
from app.mail.status import MailStatus
from app.outbox.kinds import kind_of
from app.outbox.models import OutboxRow
from app.shared import clock

# What a mail may do on our page: show its text, its own inline styles, nothing else. It also runs in a sandboxed frame.
_PREVIEW_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; base-uri 'none'; form-action 'none'; sandbox"
_ABOUT: dict[str, Any] = {
    "order_id": Mail.order_id, "user_id": Mail.user_id, "business_id": Mail.business_id, "message_id": Mail.message_id,
}  # fmt: skip


class MailsView(StaffModelView):
    view_permission = Permission.OUTBOX_VIEW
    thing = "mail"
    details_template = "admin/mails/detail.html"
    list_template = "admin/mails/list.html"
    column_list = ("to_address", "subject", "status", "trouble", "queued_at")
    column_export_list = (
        "to_address",
        "subject",
        "kind",
        "status",
        "attempts",
        "server_words",
        "queued_at",
        "sent_at",
    )
    column_details_list = (
        "to_address", "subject", "kind", "status", "attempts", "server_words", "queued_at", "tried_at", "sent_at",
    )  # fmt: skip
    column_labels: ClassVar[dict[str, str]] = {
        "to_address": "To", "kind": "What", "server_words": "The mail server said", "trouble": "Why not sent", "attempts": "Tries", "queued_at": "Written",
        "tried_at": "Last tried", "sent_at": "Sent",
    }  # fmt: skip
    column_searchable_list = ("to_address", "subject")
    column_sortable_list = ("to_address", "status", "queued_at", "sent_at")
    column_default_sort = ("id", True)
    simple_list_pager = True
    column_filters = (
        ChoiceFilter(Mail.status, "Status", MailStatus),
        SinceFilter(Mail.queued_at, "Written"),
        UntilFilter(Mail.queued_at, "Written"),
    )
    shortcuts: ClassVar[dict[str, listing.Shortcut]] = {
        "sent": listing.Shortcut("Sent", lambda _now: Mail.status == MailStatus.SENT),
        "queued": listing.Shortcut("Queued", lambda _now: Mail.status == MailStatus.QUEUED),
        "failed": listing.Shortcut("Failed", lambda _now: Mail.status == MailStatus.FAILED),
    }
    lead = "Every mail the shop wrote, to whom and what it said. Links that open an account are masked."
    empty_title = "No mails yet."
    empty_words = "Every mail shows here from its first try on."
    empty_picture = "letter"

    def __init__(self, **kwargs: Any):
        super().__init__(Mail, db, **kwargs)

    def search_placeholder(self) -> str:
        return "Address or subject"

    def title_of(self, row: Mail) -> str:
        return row.subject

    def narrow(self, query: Query[Any]) -> Query[Any]:
        """Also to what the address names: `?order_id=5`."""
        for name, column in _ABOUT.items():
            if name in request.args:
                query = query.filter(column == row_id(request.args[name]))
        return super().narrow(query)

    def list_needs(self, active: Any) -> dict[str, Any]:
        is_narrowed = any(name in request.args for name in _ABOUT)
        return {**super().list_needs(active), "is_narrowed": is_narrowed}

    def _kind(self, _context: Any, row: Mail, _column: str) -> str:
        return kind_of(row.kind).label

    def _trouble(self, _context: Any, row: Mail, _column: str) -> str:
        return "" if row.status is MailStatus.SENT else row.server_words

    column_formatters: ClassVar[dict[str, Any]] = {"kind": _kind, "trouble": _trouble}

    def details_needs(self, row: Mail) -> dict[str, Any]:
        return {
            **super().details_needs(row),
            "links": self._links_of(row),
            "may_resend": may(Permission.OUTBOX_RETRY),
            "resend_question": resend_question(row),
            "preview_url": self.get_url(".preview", id=row.id),
        }

    def _links_of(self, row: Mail) -> list[tuple[str, str]]:
        job = db.session.get(OutboxRow, row.outbox_id)
        is_own_job = job is not None and job.created_at == row.queued_at
        found = (
            (row.order_id, "The order", "orders_desk.details_view", "id", Permission.ORDERS_VIEW),
            (
                row.business_id,
                "The business",
                "businesses_desk.details_view",
                "id",
                Permission.BUSINESSES_VIEW,
            ),
            (row.user_id, "The person", "users.details_view", "id", Permission.USERS_VIEW),
            (row.message_id, "The message", "messages.read", "message_id", Permission.CONTACT_ANSWER),
            (
                row.outbox_id if is_own_job else None,
                "Its job",
                "outbox.details_view",
                "id",
                Permission.OUTBOX_VIEW,
            ),
        )
        return [
            (words, self.get_url(endpoint, **{argument: key}))
            for key, words, endpoint, argument, permission in found
            if key is not None and may(permission)
        ]

    @expose("/preview")
    def preview(self) -> Response:
        """The mail's HTML by itself, for the sandboxed frame of its page."""
        response = make_response(self.get_one(request.args.get("id")).html)
        response.headers["Content-Security-Policy"] = _PREVIEW_POLICY
        return response

    @expose("/resend", methods=("POST",))
    @requires(Permission.OUTBOX_RETRY)
    def resend(self) -> Any:
        row = self.get_one(request.form.get("id"))
        back = self.get_url(".details_view", id=row.id)
        asked = self.ask_first(resend_question(row), back)
        return asked or self.carry_out(
            lambda: resend_mail(row.id, actor=acting(), now=clock.now()),
            done="It is written and sent again within seconds, if what it says still holds.", back=back,
        )  # fmt: skip


def resend_question(row: Mail) -> Question:
    return Question(
        "Send this mail again?",
        f"{row.to_address} gets it once more, written from what is true now. It shows in the list as a mail of its own.",
        "Send again",
    )
