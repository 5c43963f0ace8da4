"""Our side of the comparison, read from the tables; and how far the run is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from flask import Flask
from sqlalchemy import exists, func, select, update

from admin.work import payment_needs_person
from app.carts.models import Cart, CartStatus
from app.extensions import db
from app.inventory.models import Stock
from app.orders.models import Order, OrderLine
from app.orders.status import OrderStatus
from app.outbox.kinds import Kind
from app.outbox.models import OutboxRow
from app.payments.models import Payment, Refund
from app.payments.status import PaymentStatus
from app.shared import clock
from app.shared.transaction import transaction
from app.shop.models import CaptureRule, ShopFacts
from app.shop.queries import get_shop
from tests.faults.books import OurBooks, OurOrder, OurPayment, OurRefund, OurStock
from tests.faults.people import Told

if TYPE_CHECKING:
    from tests.faults.world import World

_ON_THE_DESK = (
    OrderStatus.PAYMENT_FAILED, OrderStatus.PAYMENT_PENDING, OrderStatus.PAID, OrderStatus.PROCESSING, OrderStatus.SHIPPED,
    OrderStatus.DELIVERED,
)  # fmt: skip
_SOON = timedelta(seconds=3)


@contextmanager
def fresh(app: Flask) -> Iterator[None]:
    """Inside, rows are read as they are now, and nothing stays open afterwards."""
    with app.app_context():
        try:
            yield
        finally:
            db.session.remove()


def count_orders(app: Flask) -> int:
    with fresh(app):
        return int(db.session.scalar(select(func.count(Order.id))) or 0)


def orders_by_status(app: Flask, *statuses: OrderStatus) -> list[tuple[int, OrderStatus]]:
    with fresh(app):
        query = select(Order.id, Order.status).where(Order.status.in_(statuses)).order_by(Order.id)
        return [(row.id, row.status) for row in db.session.execute(query)]


@dataclass(frozen=True)
class DeskOrder:
    """What the desk sees of an order: `units` of its largest line, and whether a card holds or has paid it, a promise is
    owed or invoiced, a line was left out, a refund of it was refused."""

    id: int
    number: str
    status: OrderStatus
    units: int
    is_promise: bool
    is_held: bool
    is_paid: bool
    is_owed: bool
    is_invoiced: bool
    is_short: bool
    has_refused: bool

    @property
    def page(self) -> str:
        return f"/admin/orders/details/?id={self.id}"


def list_desk_orders(app: Flask, *statuses: OrderStatus, limit: int = 150) -> list[DeskOrder]:
    """The newest orders that somebody may do something with."""
    is_held = exists().where(
        Payment.order_id == Order.id, Payment.status == PaymentStatus.AUTHORIZED, Payment.provider == "square"
    )
    is_short = exists().where(OrderLine.order_id == Order.id, OrderLine.quantity < OrderLine.ordered_quantity)
    units = select(func.max(OrderLine.quantity)).where(OrderLine.order_id == Order.id).scalar_subquery()
    refused = set(refused_refunds(app))
    with fresh(app):
        query = select(Order, units, is_held, is_short).where(Order.status.in_(statuses or _ON_THE_DESK))
        return [
            DeskOrder(
                id=order.id, number=order.number, status=order.status, units=most or 0,
                is_promise=order.payment_method.is_promise, is_held=bool(held), is_paid=order.paid_at is not None,
                is_owed=order.payment_method.is_promise and order.paid_at is None,
                is_invoiced=order.invoice_number is not None, is_short=bool(short), has_refused=order.id in refused,
            )
            for order, most, held, short in db.session.execute(query.order_by(Order.id.desc()).limit(limit))
        ]  # fmt: skip


def set_capture_rule(world: World, rule: CaptureRule) -> None:
    """The owner changes when cards are charged; the world notes the whiles in which holds wait for the shipment."""
    with fresh(world.app):
        is_other = db.session.scalars(select(ShopFacts.capture_rule)).one() is not rule
    if is_other:
        world.note_rule(is_on_shipment=True)  # before: an order of this moment may see either
        with fresh(world.app), transaction():
            db.session.get_one(ShopFacts, 1).capture_rule = rule
    world.note_rule(is_on_shipment=rule is CaptureRule.ON_SHIPMENT)


def holds_outside(app: Flask, whiles: Sequence[tuple[float, float]]) -> int:
    """Holds of orders nobody began to pack that were authorized while the rule was to charge at once: each of them had
    a job that charges it."""
    with fresh(app):
        query = select(Payment.authorized_at).join(Order, Order.id == Payment.order_id)
        held = db.session.scalars(
            query.where(
                Order.status == OrderStatus.PAYMENT_PENDING,
                Payment.status.in_([PaymentStatus.AUTHORIZED, PaymentStatus.CAPTURING]),
                Payment.provider == "square",
            )
        )
        moments = [each.timestamp() for each in held if each is not None]
    return sum(not any(begin <= at <= end for begin, end in whiles) for at in moments)


def open_rows(app: Flask) -> list[tuple[Kind, datetime, str, bool]]:
    """What stands in the outbox: kind, when it is due, the last error, and whether it gave up."""
    with fresh(app):
        query = select(OutboxRow.kind, OutboxRow.due_at, OutboxRow.last_error, OutboxRow.needs_person_at)
        rows = db.session.execute(query.where(OutboxRow.closed_at.is_(None)))
        return [(row.kind, row.due_at, row.last_error, row.needs_person_at is not None) for row in rows]


def count_due(app: Flask) -> int:
    """Rows of the outbox that ought to be worked on by now."""
    with fresh(app):
        due = select(func.count(OutboxRow.id)).where(
            OutboxRow.closed_at.is_(None), OutboxRow.needs_person_at.is_(None), OutboxRow.created_at < clock.now() - _SOON,
            OutboxRow.due_at < clock.now() + _SOON,
        )  # fmt: skip
        return int(db.session.scalar(due) or 0)


def let_time_pass(app: Flask, beyond: datetime) -> None:
    """What is due later than that is due now: the hours pass. What a worker holds is left alone, its lease is shorter."""
    with fresh(app), transaction():
        later = (
            OutboxRow.closed_at.is_(None),
            OutboxRow.needs_person_at.is_(None),
            OutboxRow.due_at > beyond,
        )
        db.session.execute(update(OutboxRow).where(*later).values(due_at=clock.now()))


def refused_refunds(app: Flask) -> list[int]:
    """Orders among the payments that need a person because their refund came to nothing."""
    with fresh(app):
        query = select(Payment.order_id).where(
            payment_needs_person(clock.now()), Payment.status == PaymentStatus.CAPTURED
        )
        return list(db.session.scalars(query))


def stuck_carts(app: Flask) -> int:
    with fresh(app):
        stuck = select(func.count(Cart.id)).where(
            Cart.status == CartStatus.OPEN, Cart.placing_order_id.is_not(None)
        )
        return int(db.session.scalar(stuck) or 0)


def read_our_books(app: Flask, told: Told, caught: list[dict[str, Any]]) -> OurBooks:
    with fresh(app):
        lines: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
        short: set[int] = set()
        for order_id, sku_id, units, ordered in db.session.execute(
            select(OrderLine.order_id, OrderLine.sku_id, OrderLine.quantity, OrderLine.ordered_quantity)
        ):
            lines[order_id][sku_id] += units
            if units < ordered:
                short.add(order_id)
        orders = [
            OurOrder(
                each.id,
                each.number,
                each.status.value,
                each.total_cents.cents,
                each.buyer_email,
                lines[each.id],
                each.payment_method.is_promise,
                each.id in short,
                each.invoice_number or "",
            )
            for each in db.session.scalars(select(Order))
        ]
        payments = [
            OurPayment(
                each.id,
                each.order_id,
                each.status.value,
                each.amount_cents.cents,
                each.idempotency_key,
                each.provider,
                each.decline_code,
                each.created_at.timestamp(),
            )
            for each in db.session.scalars(select(Payment))
        ]
        refunds = [
            OurRefund(
                each.payment_id,
                each.provider_refund_id,
                each.status.value,
                each.amount_cents.cents,
                each.kind.value,
                each.given_by,
            )
            for each in db.session.scalars(select(Refund))
        ]
        stock = [
            OurStock(each.sku_id, each.available, each.reserved, each.shipped, each.received)
            for each in db.session.scalars(select(Stock))
        ]
        mails = [(address, each["subject"]) for each in caught for address in each["recipients"]]
        return OurBooks(
            orders, payments, refunds, stock, get_shop().staff_email, mails,
            frozenset(told.placed), frozenset(told.cancelled), dict(told.links),
        )  # fmt: skip
