"""The order desk: find an order, see all of it, and move it on. Every move is a use case; the desk only asks for it."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_admin import expose
from sqlalchemy.orm import selectinload

from admin import formatters, listing
from admin.access import acting, may, requires
from admin.base import StaffModelView
from admin.confirm import Question
from admin.filters import ChoiceFilter, SinceFilter, TextFilter, UntilFilter
from admin.order_moves import Move, cancel_question, moves_for
from admin.page import row_id
from admin.pay_link_desk import PayLinkDesk
from admin.receipt_desk import ReceiptDesk, came_by_hand, owed_needs
from admin.refund_desk import RefundDesk
from admin.timelines import list_histories
from admin.work import is_to_ship
from app.accounts.permissions import Permission
from app.extensions import db
from app.orders.cancel_order import cancel_order
from app.orders.fulfil_order import mark_delivered, mark_returned, ship_order, start_processing
from app.orders.models import Order
from app.orders.payment_method import PaymentMethod
from app.orders.shorten_order import CAN_BE_SHORTENED
from app.orders.status import OrderStatus
from app.payments.queries import list_payments
from app.payments.refund_left import list_refundable_payments
from app.payments.shown_refunds import list_not_on_the_shelf, list_shown_refunds
from app.shared import clock
from app.shared.errors import AppError

# Moves of a payment between two answers: in the history, but no news on the order's page.
_ON_THE_WAY = frozenset({("payment", "created"), ("payment", "capturing")})


def _no_news(order: Order) -> frozenset[tuple[str, str]]:
    """A promise has no card that is authorized: its payment says what was promised."""
    is_promise = order.payment_method.is_promise
    return _ON_THE_WAY | {("order", OrderStatus.PAYMENT_PENDING.value)} if is_promise else _ON_THE_WAY


class OrdersView(PayLinkDesk, ReceiptDesk, RefundDesk, StaffModelView):
    view_permission = Permission.ORDERS_VIEW
    work_tile = "to_ship"
    thing = "order"
    details_template = "admin/orders/detail.html"
    detail_options = (selectinload(Order.lines),)
    column_list = (
        "number",
        "business_name",
        "status",
        "total_cents",
        "po_number",
        "shipping_name",
        "placed_at",
    )
    column_export_list = (
        *column_list,
        "buyer_name",
        "buyer_email",
        "subtotal_cents",
        "shipping_cents",
        "tax_cents",
        "tax_reason",
        "payment_method",
        "invoice_number",
        "due_on",
    )
    column_labels = {
        "number": "Order", "business_name": "Business", "total_cents": "Total", "po_number": "PO", "shipping_name": "Shipping",
        "placed_at": "Placed",
    }  # fmt: skip
    column_searchable_list = ("number", "po_number", "business_name", "buyer_email")
    column_sortable_list = ("number", "business_name", "status", "total_cents", "placed_at")
    column_default_sort = ("id", True)
    column_filters = (
        ChoiceFilter(Order.status, "Status", OrderStatus),
        ChoiceFilter(Order.payment_method, "Payment", PaymentMethod),
        TextFilter(Order.po_number, "PO"),
        SinceFilter(Order.placed_at, "Placed"),
        UntilFilter(Order.placed_at, "Placed"),
    )
    shortcuts = {
        "to_ship": listing.Shortcut("To prepare and ship", lambda _now: is_to_ship()),
        "on_the_way": listing.Shortcut("On the way", lambda _now: Order.status == OrderStatus.SHIPPED),
        "failed": listing.Shortcut("Payment failed", lambda _now: Order.status == OrderStatus.PAYMENT_FAILED),
    }
    column_formatters = {
        "status": lambda _view, _context, row, _name: formatters.order_status(row.status, row.status_words)
    }
    column_formatters_export = {
        "status": lambda _view, _context, row, _name: row.status_words,
        "payment_method": lambda _view, _context, row, _name: row.method_words,
    }
    empty_title = "No orders yet."
    empty_words = "The first order a buyer places shows here at once."
    empty_picture = "orders"

    def __init__(self, **kwargs: Any):
        super().__init__(Order, db, **kwargs)

    def search_placeholder(self) -> str:
        return "Number, PO, business, e-mail"

    def details_needs(self, row: Order) -> dict[str, Any]:
        payments = list_payments(row.id) if may(Permission.PAYMENTS_VIEW) else []
        refunds = list_shown_refunds(row.id) if may(Permission.PAYMENTS_VIEW) else []
        entries = list_histories(
            {
                "order": [row.id],
                "payment": [each.id for each in payments],
                "refund": [each.id for each in refunds],
            }
        )
        return {
            "model": row,
            "payments": payments,
            "refunds": refunds,
            "history": formatters.timeline(
                each for each in entries if (each.subject, each.event) not in _no_news(row)
            ),
            "moves": moves_for(row.status),
            "cancel_question": cancel_question(row, came_by_hand(row.id)),
            "may_cancel": may(Permission.ORDERS_CANCEL)
            and OrderStatus.CANCELLED in Order.moves.get(row.status, ()),
            "may_refund": may(Permission.ORDERS_REFUND) and bool(list_refundable_payments(row)),
            "may_send_again": may(Permission.ORDERS_REFUND),
            "may_shorten": may(Permission.ORDERS_FULFIL) and row.status in CAN_BE_SHORTENED,
            "on_the_way_back": list_not_on_the_shelf(row) if may(Permission.INVENTORY_EDIT) else [],
            "pay_link": self.pay_link_of(row, payments),
            **owed_needs(row, clock.now()),
            "return_url": self.return_url(),
            "may_see_mails": may(Permission.OUTBOX_VIEW),
        }

    def _order_id(self) -> tuple[int, str]:
        order_id = row_id(request.form.get("id"))
        return order_id, self.get_url(".details_view", id=order_id)

    @expose("/start", methods=("POST",))
    @requires(Permission.ORDERS_FULFIL)
    def start(self) -> Any:
        order_id, back = self._order_id()
        return self.carry_out(
            lambda: start_processing(order_id, actor=acting(), now=clock.now()),
            done="The order is in preparation.",
            back=back,
        )

    @expose("/ship", methods=("POST",))
    @requires(Permission.ORDERS_FULFIL)
    def ship(self) -> Any:
        order_id, back = self._order_id()

        def step() -> None:
            carrier, tracking = (
                request.form.get("carrier", "").strip(),
                request.form.get("tracking_number", "").strip(),
            )
            order = self.get_one(str(order_id))
            if not order.is_pickup and not carrier:
                raise AppError("Enter the carrier, like UPS, then mark it shipped again.", field="carrier")
            ship_order(order_id, carrier=carrier, tracking_number=tracking, actor=acting(), now=clock.now())

        return self.carry_out(step, done="The order is marked as shipped.", back=back)

    @expose("/delivered", methods=("POST",))
    @requires(Permission.ORDERS_FULFIL)
    def delivered(self) -> Any:
        order_id, back = self._order_id()
        return self.carry_out(
            lambda: mark_delivered(order_id, actor=acting(), now=clock.now()),
            done="The order is marked as delivered.",
            back=back,
        )

    @expose("/returned", methods=("POST",))
    @requires(Permission.ORDERS_FULFIL)
    def returned(self) -> Any:
        order_id, back = self._order_id()
        order = self.get_one(str(order_id))
        asked = self.ask_first(
            Question(
                f"Mark {order.number} as returned?",
                "Stock and money stay as they are; both are changed by hand.",
                "Mark returned",
            ),
            back,
        )
        return asked or self.carry_out(
            lambda: mark_returned(order_id, actor=acting(), now=clock.now(), reason=request.form.get("reason", "")[:300]),
            done="The order is marked as returned.", back=back,
        )  # fmt: skip

    @expose("/cancel", methods=("POST",))
    @requires(Permission.ORDERS_CANCEL)
    def cancel(self) -> Any:
        order_id, back = self._order_id()
        asked = self.ask_first(cancel_question(self.get_one(str(order_id)), came_by_hand(order_id)), back)
        reason = request.form.get("reason", "").strip()[:300] or "Cancelled by the shop"
        return asked or self.carry_out(
            lambda: cancel_order(order_id, actor=acting(), now=clock.now(), reason=reason),
            done="The order is cancelled. Its money is being released and the buyer told.", back=back,
        )  # fmt: skip

    @staticmethod
    def may_move(move: Move) -> bool:
        return may(move.permission)
