"""The order desk's pages about less: refunds by line and amount, lines that cannot ship, goods back on the shelf."""

from __future__ import annotations

from typing import Any

from flask import flash, make_response, redirect, request
from flask_admin import expose

from admin.access import acting, requires
from admin.order_moves import refund_question, shorten_question
from admin.page import StaffPage, row_id
from admin.refund_forms import (
    CloseRefundForm,
    RefundForm,
    ShortenForm,
    build_refund_form,
    build_shorten_form,
)
from app.accounts.permissions import Permission
from app.orders.models import Order
from app.orders.shorten_order import CAN_BE_SHORTENED
from app.payments.close_refund import close_failed_refund
from app.payments.refund_left import RefundablePayment, find_left, list_refundable_payments
from app.payments.refund_payment import (
    LEFT_THE_HOUSE,
    RefundPayment,
    preview_refund,
    put_refunded_on_the_shelf,
    refund_payment,
)
from app.payments.refund_sum import Left
from app.payments.send_refund_again import give_back_by_hand, send_refund_again
from app.payments.shorten_order import ShortenOrder, preview_total, shorten_order
from app.payments.shown_refunds import ShownRefund, list_not_on_the_shelf, list_shown_refunds
from app.shared import clock
from app.shared.errors import AppError, Conflict, NotFound
from app.shared.money import Money


class RefundDesk(StaffPage):
    """Mixed into the order desk; every page works without scripts, and asks with the sum before it acts."""

    @expose("/refund", methods=("GET", "POST"))
    @requires(Permission.ORDERS_REFUND)
    def refund(self) -> Any:
        order = self._order()
        payments = list_refundable_payments(order)
        if not payments:
            return self._nothing_left(order)
        left = find_left(order, payments[0].payment)
        form = build_refund_form(left, has_left_the_house=order.status in LEFT_THE_HOUSE)
        form.offer(payments)
        if request.method == "GET":
            return self._refund_page(order, form, left, payments)
        if not form.validate():
            return self._refund_page(order, form, left, payments, status=422)
        command = form.to_command(order.id, [each.line_id for each in left.lines], _shown())
        return self._ask_and_refund(order, form, left, payments, command)

    def _ask_and_refund(
        self,
        order: Order,
        form: RefundForm,
        left: Left,
        payments: list[RefundablePayment],
        command: RefundPayment,
    ) -> Any:
        back = self._details(order)
        try:
            _, payment, wanted = preview_refund(command)
            question = refund_question(order, payment, wanted, left.lines, sum(command.on_the_shelf.values()))
            if not question.is_answered:
                return self.ask_first(question, back)
            refund_payment(command, actor=acting(), now=clock.now())
        except AppError as refused:
            form.refuse(refused)
            status = 409 if isinstance(refused, Conflict) else 422
            return self._refund_page(self._order(), form, left, payments, status=status)
        return self.carry_out(lambda: None, done=f"The refund of {wanted.amount} is on its way.", back=back)

    def _refund_page(
        self, order: Order, form: RefundForm, left: Left, payments: list[RefundablePayment], status: int = 200
    ) -> Any:
        page = self.render(
            "admin/orders/refund.html", model=order, form=form, left=left, payments=payments,
            has_left_the_house=order.status in LEFT_THE_HOUSE, back=self._details(order),
        )  # fmt: skip
        return make_response(page, status)

    def _nothing_left(self, order: Order) -> Any:
        def refuse() -> None:
            raise Conflict(
                "There is no money that could be given back: none was taken, or all went back already."
            )

        return self.carry_out(refuse, done="", back=self._details(order))

    @expose("/shorten", methods=("GET", "POST"))
    @requires(Permission.ORDERS_FULFIL)
    def shorten(self) -> Any:
        order = self._order()
        form = build_shorten_form(order.lines)
        if request.method == "GET":
            return self._shorten_page(order, form)
        if not form.validate():
            return self._shorten_page(order, form, 422)
        command = ShortenOrder(order_id=order.id, lines=form.to_changes(order.lines))
        back = self._details(order)
        try:
            question = shorten_question(order, preview_total(order, command))
            if not question.is_answered:
                return self.ask_first(question, back)
            shorten_order(command, actor=acting(), now=clock.now())
        except AppError as refused:
            form.refuse(refused)
            return self._shorten_page(self._order(), form, 409 if isinstance(refused, Conflict) else 422)
        return self.carry_out(
            lambda: None,
            done="The order is shorter now. The buyer is told what is left out, and why.",
            back=back,
        )

    def _shorten_page(self, order: Order, form: ShortenForm, status: int = 200) -> Any:
        page = self.render(
            "admin/orders/shorten.html", model=order, form=form, back=self._details(order),
            is_open=order.status in CAN_BE_SHORTENED,
        )  # fmt: skip
        return make_response(page, status)

    @expose("/refund/again", methods=("POST",))
    @requires(Permission.ORDERS_REFUND)
    def refund_again(self) -> Any:
        order, refund_id = self._order(), row_id(request.form.get("refund_id"))
        return self.carry_out(
            lambda: send_refund_again(refund_id, actor=acting(), now=clock.now()),
            done="The refund is sent again, as a new one.",
            back=self._details(order),
        )

    @expose("/refund/by-hand", methods=("POST",))
    @requires(Permission.ORDERS_REFUND)
    def refund_by_hand(self) -> Any:
        order, refund_id = self._order(), row_id(request.form.get("refund_id"))
        given_by = request.form.get("given_by", "")
        return self.carry_out(
            lambda: give_back_by_hand(refund_id, given_by=given_by, actor=acting(), now=clock.now()),
            done="Noted as given back. The buyer gets a mail.",
            back=self._details(order),
        )

    @expose("/refund/close", methods=("GET", "POST"))
    @requires(Permission.ORDERS_REFUND)
    def close_refund(self) -> Any:
        order = self._order()
        refund, back = _get_shown(order, row_id(request.values.get("refund_id"))), self._details(order)
        form = CloseRefundForm()
        if request.method == "GET":
            return self._close_page(order, refund, form) if refund.needs_person else redirect(back, 303)
        if not form.validate():
            return self._close_page(order, refund, form, 422)
        try:
            close_failed_refund(refund.id, reason=form.reason.data or "", actor=acting(), now=clock.now())
        except AppError as refused:
            if refused.field is None:
                flash(refused.message, "danger")
                return redirect(back, 303)
            form.reason.errors = [*form.reason.errors, refused.message]
            return self._close_page(order, refund, form, 422)
        flash(f"The refund of {refund.amount_cents} is closed; nobody has to look at it any more.", "good")
        return redirect(back, 303)

    def _close_page(self, order: Order, refund: ShownRefund, form: CloseRefundForm, status: int = 200) -> Any:
        page = self.render(
            "admin/orders/close_refund.html", model=order, refund=refund, form=form, back=self._details(order),
            has_units=any(each.refund_id == refund.id for each in list_not_on_the_shelf(order)),
        )  # fmt: skip
        return make_response(page, status)

    @expose("/refund/shelf", methods=("POST",))
    @requires(Permission.INVENTORY_EDIT)
    def put_on_shelf(self) -> Any:
        order, refund_id = self._order(), row_id(request.form.get("refund_id"))
        line_id, units = row_id(request.form.get("line_id")), request.form.get("units", "").strip()

        def step() -> None:
            if not (units.isascii() and units.isdigit() and len(units) < 9):
                raise AppError("Enter how many units go back on the shelf, like 12.", field="units")
            put_refunded_on_the_shelf(refund_id, {line_id: int(units)}, actor=acting(), now=clock.now())

        return self.carry_out(step, done="The units are for sale again.", back=self._details(order))

    def _order(self) -> Order:
        order: Order = self.get_one(str(row_id(request.values.get("id"))))  # type: ignore[attr-defined]
        return order

    def _details(self, order: Order) -> str:
        address: str = self.get_url(".details_view", id=order.id)  # type: ignore[attr-defined]
        return address


def _get_shown(order: Order, refund_id: int) -> ShownRefund:
    """A refund of this order, whatever became of it."""
    found = next((each for each in list_shown_refunds(order.id) if each.id == refund_id), None)
    if found is None:
        raise NotFound()
    return found


def _shown() -> Money | None:
    """The sum that the page before asked about."""
    text = request.form.get("shown", "")
    return Money(int(text)) if text.isascii() and text.isdigit() and len(text) < 18 else None
