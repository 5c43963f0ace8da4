"""What is owed to the shop: open orders on terms and pickups not paid yet. One query each, however many rows."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, and_, func, select, type_coerce

from app.businesses.models import Business, CustomerGroup
from app.extensions import db
from app.orders.models import Order
from app.orders.payment_method import PaymentMethod
from app.orders.status import OrderStatus
from app.payments.ageing import OpenOrder, days_overdue
from app.payments.credit import Credit
from app.payments.queries import owed_of_order
from app.shared.money import Money

PROMISED = [method for method in PaymentMethod if method.is_promise]
_NOTHING_OWED = [OrderStatus.CANCELLED, OrderStatus.PAYMENT_FAILED]


def is_open() -> ColumnElement[bool]:
    """Orders that stand on a promise not kept yet."""
    return and_(
        Order.payment_method.in_(PROMISED), Order.paid_at.is_(None), Order.status.not_in(_NOTHING_OWED)
    )


def is_overdue(today: date) -> ColumnElement[bool]:
    return and_(Order.due_on < today, is_open())


def list_open_orders(*conditions: ColumnElement[bool]) -> list[OpenOrder]:
    """Every order of which something is owed, with the limit of its business; by id."""
    rows = db.session.execute(_promised().where(is_open(), *conditions).order_by(Order.id))
    return [each for each in map(_open_order, rows) if each.owed.cents > 0]


def list_paid_invoices(business_id: int, limit: int = 50) -> list[OpenOrder]:
    """The business's invoices on which nothing is owed any more, newest first."""
    query = _promised().where(
        Order.business_id == business_id, Order.invoice_number.is_not(None), Order.paid_at.is_not(None)
    )
    return [_open_order(row) for row in db.session.execute(query.order_by(Order.id.desc()).limit(limit))]


def _promised() -> Any:
    """Orders on a promise, each with what is owed of it and the limit of its business."""
    limit = func.coalesce(Business.credit_limit_cents, CustomerGroup.credit_limit_cents)
    query = select(
        Order.id, Order.number, Order.business_id, Order.business_name, Order.payment_method, Order.total_cents,
        Order.invoice_number, Order.due_on, owed_of_order().label("owed"), type_coerce(limit, BigInteger).label("limit"),
    )  # fmt: skip
    return (
        query.join(Business, Business.id == Order.business_id)
        .outerjoin(CustomerGroup, CustomerGroup.id == Business.group_id)
        .where(Order.payment_method.in_(PROMISED))
    )


def load_credit(business_id: int, today: date) -> Credit:
    """The business's terms and what it has used of them. Paying on pickup is no credit and does not count."""
    query = (
        db.select(CustomerGroup.net_terms_days, Business.credit_limit_cents, CustomerGroup.credit_limit_cents)
        .select_from(Business)
        .join(CustomerGroup, CustomerGroup.id == Business.group_id)
        .where(Business.id == business_id)
    )
    row = db.session.execute(query).one_or_none()
    if row is None:
        return Credit()
    net_days, own_limit, group_limit = row
    return read_credit(business_id, net_days, own_limit if own_limit is not None else group_limit, today)


def read_credit(business_id: int, net_days: int, limit: Money | None, today: date) -> Credit:
    """The same where terms and limit are known; asks for nothing where there are no terms."""
    if not net_days:
        return Credit()
    on_account = list_open_orders(
        Order.business_id == business_id, Order.payment_method == PaymentMethod.TERMS
    )
    return Credit(
        net_days=net_days,
        limit=limit,
        owed=Money.total(each.owed for each in on_account),
        most_overdue=max((days_overdue(each.due_on, today) for each in on_account), default=0),
    )


def _open_order(row: Any) -> OpenOrder:
    return OpenOrder(
        order_id=row.id,
        number=row.number,
        business_id=row.business_id,
        business_name=row.business_name,
        method=row.payment_method.label,
        total=row.total_cents,
        owed=Money(int(row.owed)),
        invoice_number=row.invoice_number or "",
        due_on=row.due_on,
        limit=None if row.limit is None else Money(int(row.limit)),
    )
