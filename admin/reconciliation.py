"""Where the payment provider's books and the shop's differ: the list, what each means, and the safe repairs."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_admin import expose
from markupsafe import Markup

from admin import listing
from admin.access import acting, may, requires
from admin.base import StaffModelView
from admin.confirm import Question
from admin.filters import ChoiceFilter, SinceFilter
from admin.page import row_id
from admin.work import is_loud_difference, is_open_difference
from app.accounts.permissions import Permission
from app.extensions import db
from app.orders.models import Order
from app.payments.ask_by_hand import request_reconciliation
from app.payments.difference_kinds import ADVICE, LOUD, DifferenceKind, DifferenceStatus, Repair
from app.payments.models import Difference
from app.payments.repair_difference import note_difference, request_repair
from app.shared import clock

_EFFECTS = {
    Repair.APPLY: "The provider is asked once more, and what it says is taken over, with the mails that go with it.",
    Repair.VOID: "The provider is asked to let the held amount go. Nobody is charged.",
}


class ReconciliationView(StaffModelView):
    view_permission = Permission.PAYMENTS_VIEW
    work_tile = "differences"
    thing = "difference"
    list_template = "admin/reconciliation/list.html"
    details_template = "admin/reconciliation/detail.html"
    column_list = ("kind", "status", "order_number", "amount_cents", "ours", "theirs", "first_seen_at")
    column_details_list = (
        "kind", "status", "amount_cents", "ours", "theirs", "provider_id", "repair", "note", "first_seen_at", "last_seen_at",
        "closed_at",
    )  # fmt: skip
    column_labels = {
        "kind": "What differs", "order_number": "Order", "amount_cents": "Amount", "ours": "Here", "theirs": "At the provider",
        "provider_id": "Provider's id", "repair": "Repair", "first_seen_at": "First seen", "last_seen_at": "Last seen",
        "closed_at": "Closed",
    }  # fmt: skip
    column_searchable_list = ("provider_id",)
    column_sortable_list = ("kind", "status", "amount_cents", "first_seen_at")
    # What waits first: "repairing" and "open" come last in the alphabet.
    column_default_sort = [("status", True), ("id", True)]
    column_filters = (
        ChoiceFilter(Difference.kind, "What", DifferenceKind),
        ChoiceFilter(Difference.status, "Status", DifferenceStatus),
        SinceFilter(Difference.first_seen_at, "First seen"),
    )
    shortcuts = {
        "open": listing.Shortcut("Open", lambda _now: is_open_difference()),
        "stray": listing.Shortcut("Money in the wrong place", lambda _now: is_loud_difference()),
    }
    lead = "Every day the shop reads the payment provider's books and compares them with its own."
    empty_title = "Both books agree."
    empty_words = (
        "Anything that differs from the payment provider's books shows here, with what to do about it."
    )
    empty_picture = "orders"

    def __init__(self, **kwargs: Any):
        super().__init__(Difference, db, **kwargs)

    def search_placeholder(self) -> str:
        return "Provider's id"

    def get_list(self, *args: Any, **kwargs: Any) -> tuple[int | None, list[Difference]]:
        count, rows = super().get_list(*args, **kwargs)
        return count, name_orders(rows)

    def get_one(self, id: Any) -> Any:  # noqa: A002 (the library's own name)
        return name_orders([super().get_one(id)])[0]

    def title_of(self, row: Difference) -> str:
        return f"{row.kind.label}: {row.amount_cents}"

    def _order(self, _context: Any, row: Difference, _column: str) -> Markup:
        return Markup('<span class="nowrap">{}</span>').format(row.order_number)

    column_formatters = {"order_number": _order}

    def list_needs(self, active: Any) -> dict[str, Any]:
        return {**super().list_needs(active), "may_compare": may(Permission.PAYMENTS_CAPTURE)}

    def details_needs(self, row: Difference) -> dict[str, Any]:
        is_open = row.status is DifferenceStatus.OPEN
        may_act = is_open and may(Permission.PAYMENTS_CAPTURE)
        return {
            **super().details_needs(row),
            "advice": ADVICE[row.kind],
            "is_loud": is_open and row.kind in LOUD,
            "may_repair": may_act and row.repair is not Repair.NONE,
            "repair_question": repair_question(row),
            "may_note": may_act,
            "may_see_order": may(Permission.ORDERS_VIEW),
        }

    @expose("/compare", methods=("POST",))
    @requires(Permission.PAYMENTS_CAPTURE)
    def compare(self) -> Any:
        return self.carry_out(
            lambda: request_reconciliation(actor=acting(), now=clock.now()),
            done="The books are being compared. This list shows what differs within a minute.",
            back=self.get_url(".index_view"),
        )

    @expose("/repair", methods=("POST",))
    @requires(Permission.PAYMENTS_CAPTURE)
    def repair(self) -> Any:
        row = self.get_one(request.form.get("id"))
        back = self.get_url(".details_view", id=row.id)
        asked = self.ask_first(repair_question(row), back) if row.repair is not Repair.NONE else None
        return asked or self.carry_out(
            lambda: request_repair(row.id, actor=acting(), now=clock.now()),
            done="The repair is on its way. This page shows what came of it within seconds.", back=back,
        )  # fmt: skip

    @expose("/note", methods=("POST",))
    @requires(Permission.PAYMENTS_CAPTURE)
    def note(self) -> Any:
        difference_id = row_id(request.form.get("id"))
        return self.carry_out(
            lambda: note_difference(
                difference_id, request.form.get("note", ""), actor=acting(), now=clock.now()
            ),
            done="It is noted and off the list. It comes back if either side changes.",
            back=self.get_url(".details_view", id=difference_id),
        )


def repair_question(row: Difference) -> Question:
    return Question(
        f"{row.repair.label}?",
        f"{row.kind.label}, {row.amount_cents}. {_EFFECTS.get(row.repair, '')}",
        row.repair.label,
    )


def name_orders(rows: list[Difference]) -> list[Difference]:
    """The rows with their order's number beside them, "" without one; one query however many rows."""
    wanted = {row.order_id for row in rows if row.order_id is not None}
    query = db.select(Order.id, Order.number).where(Order.id.in_(wanted))
    numbers = {row.id: row.number for row in db.session.execute(query)}
    for row in rows:
        row.order_number = numbers.get(row.order_id or 0, "")
    return rows
