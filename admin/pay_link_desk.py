"""The order desk's part about payment links: the link to copy, and the button that mails it to the buyer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import request, url_for
from flask_admin import expose

from admin.access import acting, may, requires
from admin.page import StaffPage, row_id
from app.accounts.permissions import Permission
from app.orders.models import Order
from app.payments.models import Payment
from app.payments.pay_links import make_pay_link
from app.payments.payable import find_standing
from app.payments.send_pay_link import send_pay_link
from app.shared import clock


class PayLinkDesk(StaffPage):
    """Mixed into the order desk."""

    @staticmethod
    def pay_link_of(order: Order, payments: Sequence[Payment]) -> str:
        """The link, for whoever may send it, while a card could pay something; else ""."""
        is_at_it = any(payment.live_order_id is not None for payment in payments)
        if is_at_it or not may(Permission.ORDERS_PAY_LINK):
            return ""
        return make_pay_link(order.id) if find_standing(order, payments).is_open else ""

    @expose("/pay-link", methods=("POST",))
    @requires(Permission.ORDERS_PAY_LINK)
    def send_pay_link(self) -> Any:
        order_id = row_id(request.form.get("id"))
        return self.carry_out(
            lambda: send_pay_link(order_id, actor=acting(), now=clock.now()),
            done="The payment link is on its way to the buyer.",
            back=url_for("orders_desk.details_view", id=order_id),
        )
