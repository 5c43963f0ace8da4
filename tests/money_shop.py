"""A shop in which anything about money may go wrong at any moment, and the books that must balance afterwards."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from contextvars import Context
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

import httpx
from flask import Flask
from sqlalchemy import select, update

from admin.work import payment_needs_person
from app.carts.models import Cart, CartStatus
from app.extensions import db
from app.inventory.models import Stock
from app.orders.models import Order, OrderLine
from app.orders.queries import reserved_quantities
from app.orders.status import OrderStatus
from app.outbox.kinds import Kind
from app.outbox.models import OutboxRow
from app.outbox.retry import retry_row
from app.payments.gateway import Charge, Declined, OutcomeUnknown, PaymentGateway
from app.payments.models import Payment, Refund, RefundLine
from app.payments.post_missing_work import post_missing_work
from app.payments.queries import balance, refundable
from app.payments.send_refund_again import send_refund_again
from app.payments.status import GAVE_BACK, LIVE, PaymentStatus, RefundKind, RefundStatus
from app.shared import clock
from app.shared.errors import Conflict
from app.shared.history import Actor, list_history
from app.shared.money import Money
from app.shared.transaction import transaction
from jobs.relay import Ticket
from jobs.runner import run
from sandbox.square import SquareServer

R = TypeVar("R")
STAFF = Actor.system("staff")
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


class Died(BaseException):
    """The process was killed here: nothing after this line ran, and no handler saw it."""


@dataclass
class Plan:
    """What happens around the next call of that name: `before` it leaves, or `after` Square did it."""

    call: str
    moment: str
    action: Callable[[], None]


class InterruptedGateway:
    """The real gateway, with things happening around its calls."""

    name = "square"

    def __init__(self, real: PaymentGateway):
        self._real = real
        self.plans: list[Plan] = []
        # Requests that left a process which died, and are still on their way.
        self.on_the_way: list[Charge] = []

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self._real, name)

        def call(*args: Any, **named: Any) -> Any:
            self._happen(name, "before", args)
            answer = method(*args, **named)
            self._happen(name, "after", args)
            return answer

        return call

    def _happen(self, call: str, moment: str, args: tuple[Any, ...]) -> None:
        due = [plan for plan in self.plans if (plan.call, plan.moment) == (call, moment)]
        self.plans = [plan for plan in self.plans if plan not in due]
        for plan in due:
            if call == "authorize" and moment == "before" and plan.action is die:
                self.on_the_way.append(args[0])
            plan.action()


def die() -> None:
    raise Died


@dataclass
class MoneyShop:
    """Runs jobs as a worker would, heals what can heal, and checks that everything adds up."""

    app: Flask
    square: SquareServer
    gateway: InterruptedGateway
    stock: dict[int, int] = field(default_factory=dict)

    def elsewhere(self, step: Callable[[], R]) -> R:
        """Run a step with a session of its own, as another process would."""

        def go() -> R:
            with self.app.app_context():
                return step()

        db.session.rollback()
        try:
            return Context().run(go)
        finally:
            db.session.rollback()
            db.session.expire_all()

    def work(self, ahead: timedelta = timedelta(0)) -> None:
        """One try at every row that is due; mails are not sent here. Dies where a plan says so."""
        for row_id in self.elsewhere(lambda: self._due(clock.now() + ahead)):
            self.elsewhere(lambda row_id=row_id: self._run(row_id))

    def _due(self, until: datetime) -> list[int]:
        with transaction():
            mails = OutboxRow.kind.in_([kind for kind in Kind if kind.queue == "mail"])
            db.session.execute(update(OutboxRow).where(mails).values(closed_at=clock.now()))
        due = select(OutboxRow.id).where(
            OutboxRow.closed_at.is_(None), OutboxRow.needs_person_at.is_(None), OutboxRow.due_at <= until
        )
        ids = list(db.session.scalars(due.order_by(OutboxRow.id)))
        db.session.rollback()
        return ids

    def _run(self, row_id: int) -> None:
        row = db.session.get_one(OutboxRow, row_id)
        ticket = Ticket(row.id, row.attempts, row.kind)
        db.session.rollback()
        run(ticket)

    def heal(self) -> None:
        """The faults are over, the hours pass, and staff press the buttons the back office shows them."""
        self.square.office.faults.clear()
        self.square.office.books.options.list_lag_seconds = 0
        self.square.office.books.options.refund_outcome = "COMPLETED"
        self.gateway.plans.clear()
        for _ in range(15):
            self.elsewhere(self._press_buttons)
            self.work(timedelta(hours=5))
            if not self.elsewhere(self._is_busy):
                return
        raise AssertionError(f"it never comes to rest: {self.elsewhere(self._open_rows)}")

    def _press_buttons(self) -> None:
        dead = select(OutboxRow.id).where(
            OutboxRow.closed_at.is_(None), OutboxRow.needs_person_at.is_not(None)
        )
        for row_id in list(db.session.scalars(dead)):
            retry_row(row_id, actor=STAFF, now=clock.now())
        for refund_id in list(db.session.scalars(select(Refund.id).where(Refund.status.not_in(GAVE_BACK)))):
            try:
                send_refund_again(refund_id, actor=STAFF, now=clock.now())
            except Conflict:
                db.session.rollback()

    def check_that_nothing_was_forgotten(self) -> None:
        """The net below catches only what fell by a change of the capture rule: all else had its next step posted."""

        def go() -> list[Kind]:
            post_missing_work(clock.now() + timedelta(hours=5))
            return [kind for kind, _, _ in self._open_rows()]

        assert set(self.elsewhere(go)) <= {Kind.PAYMENT_CAPTURE}

    def has_work(self) -> bool:
        """Whether anything about money stands in the outbox."""
        return bool(self.elsewhere(self._open_rows))

    def _open_rows(self) -> list[tuple[Kind, dict[str, Any], str]]:
        rows = select(OutboxRow.kind, OutboxRow.ids, OutboxRow.last_error).where(
            OutboxRow.closed_at.is_(None)
        )
        return [tuple(row) for row in db.session.execute(rows) if row.kind.queue != "mail"]  # type: ignore[misc]

    def _is_busy(self) -> bool:
        refused = select(Payment.id).where(payment_needs_person(clock.now()), Payment.status == _P.CAPTURED)
        return bool(self._open_rows()) or db.session.scalars(refused).first() is not None

    def let_arrive(self) -> None:
        """Requests of processes that died reach Square now, unless the shop has looked for them a last time."""
        charges, self.gateway.on_the_way = self.gateway.on_the_way, []
        for charge in charges:
            if self.elsewhere(lambda charge=charge: self._is_still_looked_for(charge)):
                with suppress(OutcomeUnknown, Declined):
                    self.gateway._real.authorize(charge)

    def _is_still_looked_for(self, charge: Charge) -> bool:
        payment_id = db.session.scalars(
            select(Payment.id).filter_by(idempotency_key=charge.key)
        ).one_or_none()
        looks = select(OutboxRow.ids).where(
            OutboxRow.kind == Kind.PAYMENT_SETTLE, OutboxRow.closed_at.is_(None)
        )
        is_found = payment_id is not None and {"payment_id": payment_id} in list(db.session.scalars(looks))
        db.session.rollback()
        return is_found

    # --- The books ---------------------------------------------------------------------------------------------

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
        noted = select(Refund.amount_cents).where(Refund.status == RefundStatus.COMPLETED)
        assert sent_back == Money.total(db.session.scalars(noted)).cents

    def _check_orders(self) -> None:
        for order in list(db.session.scalars(select(Order))):
            payments = list(db.session.scalars(select(Payment).filter_by(order_id=order.id)))
            live = [payment.status for payment in payments if payment.status in LIVE]
            told = f"{order.status.value}: {[payment.status.value for payment in payments]}"
            if order.status in {_O.CANCELLED, _O.PAYMENT_FAILED}:
                assert set(live) <= {_P.CAPTURED}, told
                assert order.status is _O.CANCELLED or not live, told
                assert all(not refundable(each).cents for each in payments if each.status is _P.CAPTURED), (
                    told
                )
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
