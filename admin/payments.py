"""Payments: read-only, with the few things a person can set in motion. Money facts come only from the provider."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import request
from flask_admin import expose
from sqlalchemy import and_

from admin import formatters, holds, listing
from admin.access import acting, may, requires
from admin.base import StaffModelView
from admin.confirm import Question
from admin.filters import ChoiceFilter, SinceFilter, TextFilter, UntilFilter
from admin.order_moves import TYPED_FROM
from admin.page import row_id
from admin.work import hold_ends_soon, payment_needs_person
from app.accounts.permissions import Permission
from app.extensions import db
from app.orders.models import Order
from app.orders.status import OrderStatus
from app.payments.ask_by_hand import ask_provider_again, request_capture
from app.payments.models import Payment, ProviderAnswer
from app.payments.status import BY_HAND, PaymentStatus
from app.shared import clock
from app.shared.history import list_history

_UNCLEAR = frozenset({PaymentStatus.CREATED, PaymentStatus.UNKNOWN, PaymentStatus.CAPTURING})


class PaymentsView(StaffModelView):
    view_permission = Permission.PAYMENTS_VIEW
    work_tile = "payments"
    thing = "payment"
    details_template = "admin/payments/detail.html"
    column_list = (
        "order_number",
        "business_name",
        "status",
        "amount_cents",
        "means",
        "created_at",
        "lapses_at",
    )
    column_labels = {
        "order_number": "Order", "business_name": "Business", "amount_cents": "Amount", "means": "Paid with", "created_at": "Made",
        "lapses_at": "Hold ends",
    }  # fmt: skip
    column_details_list = (
        "business_name", "status", "amount_cents", "means", "decline_code", "provider", "provider_payment_id", "idempotency_key",
        "created_at", "authorized_at", "lapses_at", "captured_at",
    )  # fmt: skip
    column_formatters: ClassVar[dict[str, Any]] = {"lapses_at": holds.in_a_list}
    column_formatters_detail: ClassVar[dict[str, Any]] = {"lapses_at": holds.in_detail}
    column_formatters_export: ClassVar[dict[str, Any]] = {}
    column_searchable_list = ("provider_payment_id", "idempotency_key", "card_last4")
    column_sortable_list = ("status", "amount_cents", "created_at", "lapses_at")
    column_default_sort = ("id", True)
    column_filters = (
        ChoiceFilter(Payment.status, "Status", PaymentStatus),
        TextFilter(Payment.decline_code, "Decline code"),
        SinceFilter(Payment.created_at, "Made"),
        UntilFilter(Payment.created_at, "Made"),
    )
    shortcuts = {
        "needs_person": listing.Shortcut("Need a person", payment_needs_person),
        "ending": listing.Shortcut("Holds that end soon", hold_ends_soon),
        "held": listing.Shortcut(
            "Held, not captured",
            lambda _now: and_(Payment.status == PaymentStatus.AUTHORIZED, Payment.provider.not_in(BY_HAND)),
        ),
    }
    empty_title = "No payments yet."
    empty_words = "Every try to pay an order shows here, with what the provider said."
    empty_picture = "orders"

    def __init__(self, **kwargs: Any):
        super().__init__(Payment, db, **kwargs)

    def search_placeholder(self) -> str:
        return "Provider's id, key, last four"

    def get_list(self, *args: Any, **kwargs: Any) -> tuple[int | None, list[Payment]]:
        count, rows = super().get_list(*args, **kwargs)
        return count, name_orders(rows)

    def get_one(self, id: Any) -> Any:  # noqa: A002 (the library's own name)
        return name_orders([super().get_one(id)])[0]

    def title_of(self, row: Payment) -> str:
        return f"{row.amount_cents} for order {row.order_number}"

    def details_needs(self, row: Payment) -> dict[str, Any]:
        answers = db.session.scalars(
            db.select(ProviderAnswer).filter_by(payment_id=row.id).order_by(ProviderAnswer.id)
        )
        is_held = (
            row.status is PaymentStatus.AUTHORIZED
            and row.provider not in BY_HAND
            and row.order_status is not OrderStatus.CANCELLED
        )
        return {
            "model": row,
            "details_columns": self._details_columns,
            "get_value": self.get_detail_value,
            "return_url": self.return_url(),
            "history": formatters.timeline(list_history("payment", row.id)),
            "answers": list(answers),
            "may_capture": is_held and may(Permission.PAYMENTS_CAPTURE),
            "capture_question": capture_question(row),
            "may_ask": row.status in _UNCLEAR and may(Permission.PAYMENTS_CAPTURE),
        }

    @expose("/capture", methods=("POST",))
    @requires(Permission.PAYMENTS_CAPTURE)
    def capture(self) -> Any:
        row = self.get_one(request.form.get("id"))
        back = self.get_url(".details_view", id=row.id)
        asked = self.ask_first(capture_question(row), back)
        return asked or self.carry_out(
            lambda: request_capture(row.id, actor=acting(), now=clock.now()),
            done="The capture is on its way. This page shows the answer within seconds.", back=back,
        )  # fmt: skip

    @expose("/ask", methods=("POST",))
    @requires(Permission.PAYMENTS_CAPTURE)
    def ask(self) -> Any:
        payment_id = row_id(request.form.get("id"))
        return self.carry_out(
            lambda: ask_provider_again(payment_id, actor=acting(), now=clock.now()),
            done="The provider is being asked. This page shows the answer within seconds.",
            back=self.get_url(".details_view", id=payment_id),
        )  # fmt: skip


def capture_question(row: Payment) -> Question:
    return Question(
        f"Capture {row.amount_cents} now?",
        f"{row.business_name} is charged {row.amount_cents} for order {row.order_number}. It can only be given back as a refund.",
        "Capture",
        row.order_number if row.amount_cents >= TYPED_FROM else "",
    )


def name_orders(rows: list[Payment]) -> list[Payment]:
    """The rows with their order's number, business and status beside them; one query however many rows."""
    query = db.select(Order.id, Order.number, Order.business_name, Order.status)
    found = {
        each.id: each
        for each in db.session.execute(query.where(Order.id.in_({row.order_id for row in rows})))
    }
    for row in rows:
        order = found[row.order_id]
        row.order_number, row.business_name, row.order_status = (
            order.number,
            order.business_name,
            order.status,
        )
    return rows
