"""Receivables: who owes what on account or on pickup, how old it is, and every open invoice under it."""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import Any

from flask import make_response, request
from flask_admin import expose

from admin import formatters
from admin.access import may
from admin.base import StaffView
from app.accounts.permissions import Permission
from app.payments.ageing import Age, OpenOrder, age_by_business, days_overdue, sum_by_age
from app.payments.receivables import list_open_orders
from app.shared import clock
from app.shared.money import Money
from app.shop.queries import shop_today

_LONGEST = 100
_OVERDUE = "overdue"
_NAMES = {"": "All", _OVERDUE: "Overdue", **{each.value: each.label for each in Age}}
_HEAD = ("Business", "Order", "Invoice", "Payment", "Due", "Days overdue", "Age", "Total", "Open")


class ReceivablesView(StaffView):
    view_permission = Permission.PAYMENTS_VIEW
    work_tile = "receivables"
    lead = "What is owed on terms and on pickup, by how long it is overdue. An invoice is issued when the goods leave."

    @expose("/")
    def index(self) -> str:
        today = shop_today(clock.now())
        asked, age = request.args.get("find", "").strip()[:_LONGEST], request.args.get("age", "")
        every = list_open_orders()
        found = [each for each in every if _fits(each, asked, age, today)]
        return self.render(
            "admin/receivables/list.html",
            ages=list(Age),
            aged=age_by_business(found, today),
            sums=sum_by_age(found, today),
            total=Money.total(each.owed for each in found),
            orders=sorted(found, key=lambda each: (each.due_on or date.max, each.order_id)),
            days_overdue=lambda each: days_overdue(each.due_on, today),
            asked=asked,
            age=age,
            tabs=[
                (name, self.get_url(".index", age=value or None, find=asked or None))
                for value, name in _NAMES.items()
            ],
            tab_here=_NAMES.get(age, "All"),
            is_empty=not every,
            may_record=may(Permission.PAYMENTS_RECORD),
            export_url=self.get_url(".export", find=asked or None, age=age or None),
        )

    @expose("/export")
    def export(self) -> Any:
        """The open orders of the list as it is narrowed, one a line."""
        today = shop_today(clock.now())
        asked, age = request.args.get("find", "").strip()[:_LONGEST], request.args.get("age", "")
        sheet = io.StringIO()
        writer = csv.writer(sheet)
        writer.writerow(_HEAD)
        for each in list_open_orders():
            if _fits(each, asked, age, today):
                writer.writerow([formatters.safe_for_spreadsheets(cell) for cell in _cells(each, today)])
        answer = make_response(sheet.getvalue())
        answer.headers["Content-Type"] = "text/csv; charset=utf-8"
        answer.headers["Content-Disposition"] = f"attachment; filename=receivables-{today:%Y-%m-%d}.csv"
        return answer


def _fits(order: OpenOrder, asked: str, age: str, today: date) -> bool:
    """Whether it belongs to the list as it is narrowed: by a word of its business or numbers, and by age."""
    words = f"{order.business_name} {order.number} {order.invoice_number}".casefold()
    if asked and asked.casefold() not in words:
        return False
    here = order.age_on(today)
    if age == _OVERDUE:
        return here is not Age.NOT_YET_DUE
    return age not in {each.value for each in Age} or here.value == age


def _cells(order: OpenOrder, today: date) -> list[Any]:
    return [
        order.business_name, order.number, order.invoice_number, order.method,
        order.due_on.isoformat() if order.due_on else "", days_overdue(order.due_on, today), order.age_on(today).label,
        formatters.dollars(order.total), formatters.dollars(order.owed),
    ]  # fmt: skip
