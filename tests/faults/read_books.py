"""Our side of the comparison, read from the tables; and how far the run is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import func, select, update

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
from app.shop.queries import get_shop
from tests.faults.books import OurBooks, OurOrder, OurPayment, OurRefund, OurStock
from tests.faults.people import Told

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
        for order_id, sku_id, units in db.session.execute(
            select(OrderLine.order_id, OrderLine.sku_id, OrderLine.quantity)
        ):
            lines[order_id][sku_id] += units
        orders = [
            OurOrder(
                each.id,
                each.number,
                each.status.value,
                each.total_cents.cents,
                each.buyer_email,
                lines[each.id],
            )
            for each in db.session.scalars(select(Order))
        ]
        payments = [
            OurPayment(
                each.id, each.order_id, each.status.value, each.amount_cents.cents, each.idempotency_key
            )
            for each in db.session.scalars(select(Payment))
        ]
        refunds = [
            OurRefund(each.payment_id, each.provider_refund_id, each.status.value, each.amount_cents.cents)
            for each in db.session.scalars(select(Refund))
        ]
        stock = [
            OurStock(each.sku_id, each.available, each.reserved, each.shipped, each.received)
            for each in db.session.scalars(select(Stock))
        ]
        mails = frozenset((address, each["subject"]) for each in caught for address in each["recipients"])
        return OurBooks(
            orders, payments, refunds, stock, get_shop().staff_email, mails,
            frozenset(told.placed), frozenset(told.cancelled),
        )  # fmt: skip
