"""The buyer's orders. Somebody else's order does not exist here."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request, url_for
from flask_login import current_user

from app.businesses.guards import of_business
from app.businesses.viewer import get_viewer
from app.orders.cancel_order import cancel_own_order
from app.orders.forms import CancelForm
from app.orders.happenings import list_happenings
from app.orders.models import Order
from app.orders.queries import get_for_business, list_for_business
from app.orders.status import OrderStatus
from app.orders.timeline import build_timeline
from app.payments.ageing import days_overdue
from app.payments.models import Payment
from app.payments.pay_links import make_pay_path
from app.payments.payable import find_standing
from app.payments.queries import balance, list_payments
from app.payments.receivables import list_open_orders, list_paid_invoices, load_credit
from app.payments.shown_refunds import list_shown_refunds
from app.shared import clock
from app.shared.money import Money
from app.shop.queries import shop_today
from app.web import go_to, page, page_or_fragment

blueprint = Blueprint("orders", __name__)


@blueprint.get("/")
@of_business
def index() -> Response:
    """All orders of the business, newest first, searchable by number, PO number and sku."""
    search = request.args.get("find", "").strip()[:60]
    number = request.args.get("page", 1, type=int)
    orders = list_for_business(get_viewer().business_id or 0, search=search, page=min(max(number, 1), 10_000))
    return page_or_fragment("orders/index.html", "orders/_list.html", orders=orders, search=search)


@blueprint.get("/invoices")
@of_business
def invoices() -> Response:
    """What is open on account or to be paid on pickup, until when, and the invoices that are paid."""
    business_id = get_viewer().business_id or 0
    today = shop_today(clock.now())
    return page(
        "orders/invoices.html",
        credit=load_credit(business_id, today),
        open_orders=list_open_orders(Order.business_id == business_id),
        paid=list_paid_invoices(business_id),
        days_overdue=lambda each: days_overdue(each.due_on, today),
        pay_path=make_pay_path,
    )


@blueprint.get("/<number>")
@of_business
def show(number: str) -> Response:
    return page("orders/show.html", **_order_facts(number), form=CancelForm())


@blueprint.get("/<number>/print")
@of_business
def print_view(number: str) -> Response:
    return page("orders/print.html", **_order_facts(number))


@blueprint.post("/<number>/cancel")
@of_business
def cancel(number: str) -> Response:
    """Cancel while nobody has begun to pack; what was held is let go, what was charged is given back."""
    form = CancelForm()
    if not form.validate():
        return page("orders/show.html", status=422, **_order_facts(number), form=form)
    cancel_own_order(
        number,
        get_viewer().business_id or 0,
        actor=current_user.as_actor,
        now=clock.now(),
        reason=form.reason.data or "",
    )
    return go_to(url_for("orders.show", number=number), message=f"Order {number} is cancelled.")


def _order_facts(number: str) -> dict[str, Any]:
    order = get_for_business(number, get_viewer().business_id)
    payments, refunds = list_payments(order.id), list_shown_refunds(order.id)
    happenings = list_happenings(order, payments, refunds)
    return {
        "order": order,
        "payments": payments,
        "refunds": refunds,
        "owed": _owed(order),
        "pay_path": _pay_path(order, payments),
        "timeline": build_timeline(order.placed_at, happenings),
    }


def _owed(order: Order) -> Money | None:
    """What is still to be paid on a promise that stands; None where there is none."""
    if not order.payment_method.is_promise or order.status in {
        OrderStatus.CANCELLED,
        OrderStatus.PAYMENT_FAILED,
    }:
        return None
    return balance(order)


def _pay_path(order: Order, payments: list[Payment]) -> str:
    """Where the order can be paid by card; "" while nothing is open, or a card is at it already."""
    if any(payment.live_order_id is not None for payment in payments):
        return ""
    return make_pay_path(order.id) if find_standing(order, payments).is_open else ""
