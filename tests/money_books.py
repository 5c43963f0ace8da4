"""What must balance once all is healed: Square's ledger against our payments, orders, refunds, stock and carts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import TypeVar

import httpx
from sqlalchemy import select

from admin.work import payment_needs_person
from app.carts.models import Cart, CartStatus
from app.extensions import db
from app.inventory.models import Stock
from app.orders.models import Order, OrderLine
from app.orders.queries import reserved_quantities
from app.orders.status import OrderStatus
from app.payments.models import Payment, Refund, RefundLine
from app.payments.queries import balance, refundable
from app.payments.status import GAVE_BACK, LIVE, PaymentStatus, RefundKind, RefundStatus
from app.shared import clock
from app.shared.history import list_history
from app.shared.money import Money
from sandbox.square import SquareServer

R = TypeVar("R")
_O, _P = OrderStatus, PaymentStatus
HOLDS_STOCK = frozenset({_O.PENDING, _O.PAYMENT_PENDING, _O.PAID, _O.PROCESSING})
GONE_OUT = frozenset({_O.SHIPPED, _O.DELIVERED, _O.RETURNED})
_AT_SQUARE = {
    _P.AUTHORIZED: {"APPROVED"},
    _P.CAPTURED: {"COMPLETED"},
    _P.DECLINED: {"FAILED"},
    _P.VOIDED: {"CANCELED", "FAILED"},  # an attempt we wrote off may be declined when it arrives after all
    _P.LAPSED: {"CANCELED"},
}


def _closed(payment: Payment) -> Money:
    """What staff said nothing more is to do about: of a cancelled order only that may be kept."""
    query = select(Refund.amount_cents).where(Refund.payment_id == payment.id, Refund.closed_at.is_not(None))
    return Money.total(db.session.scalars(query))


class MoneyBooks:
    """The checks, for a shop that names its Square and its stock of the beginning, and runs a step elsewhere."""

    square: SquareServer
    stock: dict[int, int]

    def elsewhere(self, step: Callable[[], R]) -> R:
        """Run a step with a session of its own, as another process would."""
        raise AssertionError("a shop says where its steps run")

    def check(self) -> None:
        """Everything that must hold once all is healed."""
        self.elsewhere(self._check_square_against_rows)
        self.elsewhere(self._check_orders)
        self.elsewhere(self._check_refunds)
        self.elsewhere(self._check_stock)
        self.elsewhere(self._check_carts)

    def _check_square_against_rows(self) -> None:
        books = httpx.get(f"{self.square.url}/_control/ledger", timeout=5).json()
        ours = {row.idempotency_key: row for row in db.session.scalars(select(Payment))}
        for theirs in books["payments"]:
            row = ours[theirs["reference_id"]]
            assert theirs["total_money"]["amount"] == row.amount_cents.cents
            assert theirs["status"] in _AT_SQUARE[row.status], (row.status, theirs["status"])
        at_square = {each["reference_id"] for each in books["payments"]}
        for row in ours.values():
            assert row.status in {_P.VOIDED} or row.idempotency_key in at_square, row.status
            assert (row.live_order_id is not None) == (row.status in LIVE)
        sent_back = sum(
            each["amount_money"]["amount"] for each in books["refunds"] if each["status"] == "COMPLETED"
        )
        noted = select(Refund.amount_cents).filter_by(status=RefundStatus.COMPLETED, given_by="")
        assert sent_back == Money.total(db.session.scalars(noted)).cents

    def _check_orders(self) -> None:
        for order in list(db.session.scalars(select(Order))):
            payments = list(db.session.scalars(select(Payment).filter_by(order_id=order.id)))
            live = [payment.status for payment in payments if payment.status in LIVE]
            told = f"{order.status.value}: {[payment.status.value for payment in payments]}"
            if order.status in {_O.CANCELLED, _O.PAYMENT_FAILED}:
                assert set(live) <= {_P.CAPTURED}, told
                assert order.status is _O.CANCELLED or not live, told
                for each in payments:
                    assert each.status is not _P.CAPTURED or refundable(each) <= _closed(each), told
            elif order.status is _O.PAYMENT_PENDING:
                assert live == [_P.AUTHORIZED], told
            elif order.status is _O.PAID:
                assert live == [_P.CAPTURED], told
            elif order.status is _O.PROCESSING:
                assert live in ([_P.CAPTURED], [_P.AUTHORIZED]), told
            else:
                assert order.status in GONE_OUT, told
                assert live == [_P.CAPTURED] or self._is_shown_to_staff(order), told

    def _is_shown_to_staff(self, order: Order) -> bool:
        """Goods that left while the hold had ended: nothing heals that, so somebody must see it."""
        shown = select(Payment.id).where(Payment.order_id == order.id, payment_needs_person(clock.now()))
        return order.status is _O.RETURNED or db.session.scalars(shown).first() is not None

    def _check_stock(self) -> None:
        reserved: Counter[int] = Counter()
        shipped: Counter[int] = Counter()
        for order in list(db.session.scalars(select(Order))):
            pile = (
                reserved
                if order.status in HOLDS_STOCK
                else shipped
                if order.status in GONE_OUT
                else Counter()
            )
            pile.update(reserved_quantities(order.id))
        shipped.subtract(self._back_on_the_shelf())
        for row in db.session.scalars(select(Stock)):
            assert (row.reserved, row.shipped) == (reserved[row.sku_id], shipped[row.sku_id])
            assert row.received == row.available + row.reserved + row.shipped
            gone = [
                each.details["units"]
                for each in list_history("stock", row.sku_id)
                if each.event == "written_off"
            ]
            assert row.received == self.stock.get(row.sku_id, row.received - sum(gone)) + sum(gone)

    def _back_on_the_shelf(self) -> Counter[int]:
        query = select(OrderLine.sku_id, RefundLine.restocked_quantity).join(
            OrderLine, OrderLine.id == RefundLine.order_line_id
        )
        back: Counter[int] = Counter()
        for sku_id, units in db.session.execute(query):
            back[sku_id] += units
        return back

    def _check_refunds(self) -> None:
        """Of each order: no more tax, units or money went back than there were; all money back means all tax back."""
        for order in list(db.session.scalars(select(Order))):
            counted = select(Refund).where(Refund.order_id == order.id, Refund.status.in_(GAVE_BACK))
            refunds = list(db.session.scalars(counted))
            lines = {
                line.id: line for line in db.session.scalars(select(OrderLine).filter_by(order_id=order.id))
            }
            assert all(
                line.line_total_cents.times(line.tax_rate) == line.tax_cents for line in lines.values()
            )
            standing = [each for each in refunds if each.kind is not RefundKind.SHORTENED]
            amount = Money.total(each.amount_cents for each in standing)
            tax = Money.total(each.tax_cents for each in standing)
            assert tax <= order.tax_cents
            assert all(each.tax_cents + each.shipping_cents <= each.amount_cents for each in refunds)
            if amount == order.total_cents:
                assert tax == order.tax_cents
            units: Counter[int] = Counter()
            for part in db.session.scalars(
                select(RefundLine).where(RefundLine.refund_id.in_([each.id for each in standing]))
            ):
                units[part.order_line_id] += part.quantity
                assert 0 <= part.restocked_quantity <= part.quantity
            assert all(units[line_id] <= line.quantity for line_id, line in lines.items())
            for payment in db.session.scalars(select(Payment).filter_by(order_id=order.id)):
                assert refundable(payment).cents >= 0
            if order.status in GONE_OUT | {_O.PAID}:
                assert balance(order).cents <= 0 or self._is_shown_to_staff(order)

    def _check_carts(self) -> None:
        stuck = select(Cart.id).where(Cart.status == CartStatus.OPEN, Cart.placing_order_id.is_not(None))
        assert list(db.session.scalars(stuck)) == []
