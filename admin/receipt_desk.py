"""The order desk's pages about money without a card: what is owed, checks and cash that came, the invoice once more."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import uuid4

from flask import flash, make_response, redirect, request
from flask_admin import expose
from wtforms import DateField, HiddenField, SelectChoice, SelectField, StringField
from wtforms.validators import InputRequired

from admin.access import acting, may, requires
from admin.confirm import Question
from admin.fields import MoneyField, StaffForm
from admin.form_rules import at_most, strip
from admin.page import StaffPage, row_id
from app.accounts.permissions import Permission
from app.extensions import db
from app.orders.models import Order
from app.orders.status import OrderStatus
from app.payments.ageing import days_overdue
from app.payments.models import Payment
from app.payments.queries import balance, refundable
from app.payments.record_receipt import RecordReceipt, record_receipt, withdraw_receipt
from app.payments.send_invoice_again import send_invoice_again
from app.payments.status import RECEIPTS, PaymentStatus
from app.shared import clock
from app.shared.errors import AppError, Conflict, NotFound
from app.shared.money import ZERO, Money
from app.shop.queries import shop_today

_NOTHING_OWED = frozenset({OrderStatus.PENDING, OrderStatus.PAYMENT_FAILED, OrderStatus.CANCELLED})


class ReceiptForm(StaffForm):
    amount = MoneyField("Amount", validators=[InputRequired("Enter how much came, like 250.00.")])
    by = SelectField(
        "How it came",
        choices=[
            SelectChoice("check", "Check"),
            SelectChoice("ach", "Bank transfer (ACH)"),
            SelectChoice("cash", "Cash"),
        ],
        validate_choice=False,
    )
    received_on = DateField(
        "Day it came", validators=[InputRequired("Enter the day it came, like 2026-11-20.")]
    )
    reference = StringField(
        "Check number or reference",
        filters=[strip],
        validators=at_most(60),
        description="The buyer reads it on the receipt.",
    )
    key = HiddenField()

    def to_command(self, order_id: int) -> RecordReceipt:
        return RecordReceipt(
            order_id=order_id,
            amount=self.amount.data or ZERO,
            by=self.by.data or "",
            received_on=self.received_on.data or date.min,
            reference=self.reference.data or "",
            key=self.key.data or "",
        )


class ReceiptDesk(StaffPage):
    """Mixed into the order desk. Recording and taking back are use cases; these pages only ask for them."""

    @expose("/receive", methods=("GET", "POST"))
    @requires(Permission.PAYMENTS_RECORD)
    def receive(self) -> Any:
        order = _get_promise(request.values.get("id"))
        back = self.get_url(".details_view", id=order.id)  # type: ignore[attr-defined]
        owed = balance(order)
        now = clock.now()
        today = shop_today(now)
        if request.method == "GET":
            form = ReceiptForm(
                formdata=None, data={"amount": owed, "received_on": today, "key": str(uuid4())}
            )
            return self._receipt_page(order, form, owed, back)
        form = ReceiptForm(formdata=request.form)
        if not form.validate():
            return self._receipt_page(order, form, owed, back, status=422)
        try:
            receipt = record_receipt(form.to_command(order.id), actor=acting(), now=now, today=today)
        except AppError as refused:
            if refused.field is None:
                flash(refused.message, "danger")
                return redirect(back, 303)
            form[refused.field].errors = [*form[refused.field].errors, refused.message]
            return self._receipt_page(order, form, owed, back, status=422)
        flash(f"{receipt.amount_cents} was recorded. The buyer gets a receipt.", "good")
        return redirect(back, 303)

    def _receipt_page(
        self, order: Order, form: ReceiptForm, owed: Money, back: str, *, status: int = 200
    ) -> Any:
        page = self.render("admin/orders/receive.html", order=order, form=form, owed=owed, back=back)
        return make_response(page, status)

    @expose("/withdraw-receipt", methods=("POST",))
    @requires(Permission.PAYMENTS_RECORD)
    def withdraw(self) -> Any:
        receipt = db.session.get(Payment, row_id(request.form.get("payment_id")))
        if receipt is None:
            raise NotFound()
        back = self.get_url(".details_view", id=receipt.order_id)  # type: ignore[attr-defined]
        asked = self.ask_first(withdraw_question(receipt), back)
        payment_id, reason = receipt.id, request.form.get("reason", "")
        return asked or self.carry_out(
            lambda: withdraw_receipt(payment_id, reason=reason, actor=acting(), now=clock.now()),
            done="The receipt no longer counts; its amount is owed again.", back=back,
        )  # fmt: skip

    @expose("/send-invoice", methods=("POST",))
    @requires(Permission.PAYMENTS_RECORD)
    def send_invoice(self) -> Any:
        order_id = _get_promise(request.form.get("id")).id
        here = self.get_url(".details_view", id=order_id)  # type: ignore[attr-defined]
        is_listed = request.form.get("back") == "receivables"
        return self.carry_out(
            lambda: send_invoice_again(order_id, actor=acting(), now=clock.now()),
            done="The invoice is on its way once more, with what is owed now.",
            back=self.get_url("receivables.index") if is_listed else here,  # type: ignore[attr-defined]
        )


def withdraw_question(receipt: Payment) -> Question:
    return Question(
        f"Take back {receipt.amount_cents} by {receipt.receipt_words}?",
        "Only for what was recorded by mistake: no money came. It is owed again. Money that did come is refunded instead.",
        "Take it back",
    )


def came_by_hand(order_id: int) -> Money:
    """What came for an order by check, transfer or cash and was not given back."""
    return Money.total(refundable(each) for each in _list_receipts(order_id))


def _list_receipts(order_id: int) -> list[Payment]:
    query = db.select(Payment).where(
        Payment.order_id == order_id, Payment.provider.in_(RECEIPTS), Payment.status == PaymentStatus.CAPTURED
    )
    return list(db.session.scalars(query.order_by(Payment.id)))


def owed_needs(order: Order, now: datetime) -> dict[str, Any]:
    """What the order's page shows of a promise: what is owed, since when, and the receipts that count. Empty for a card."""
    if not order.payment_method.is_promise:
        return {"owed": None}
    owed = ZERO if order.status in _NOTHING_OWED else balance(order)
    return {
        "owed": owed,
        "days_late": days_overdue(order.due_on, shop_today(now)) if owed else 0,
        "receipts": _list_receipts(order.id),
        "withdraw_question": withdraw_question,
        "may_record": may(Permission.PAYMENTS_RECORD),
    }


def _get_promise(typed: str | None) -> Order:
    order = db.session.get(Order, row_id(typed))
    if order is None:
        raise NotFound()
    if not order.payment_method.is_promise:
        raise Conflict("This order is paid by card, so nothing is received for it by hand.")
    return order
