"""Reads of orders. Every buyer-side read takes the business id: somebody else's order does not exist."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import bindparam, func, or_
from sqlalchemy.orm import joinedload

from app.extensions import db
from app.orders.models import Order, OrderLine
from app.orders.payment_method import PaymentMethod, words_of
from app.orders.status import OrderStatus
from app.shared.errors import NotFound
from app.shared.money import Money

PAGE_SIZE = 20

_S = OrderStatus
# An order that stands, or stood: it makes the next one a reorder.
_COUNTS_AS_FIRST = [_S.PAYMENT_PENDING, _S.PAID, _S.PROCESSING, _S.SHIPPED, _S.DELIVERED, _S.RETURNED]
_ONE_THAT_STOOD = (
    db.select(Order.id)
    .where(Order.business_id == bindparam("business_id"), Order.id != bindparam("besides"))
    .where(Order.status.in_(_COUNTS_AS_FIRST))
    .limit(1)
)


@dataclass(frozen=True)
class OrderRow:
    """One line of the orders list."""

    number: str
    placed_at: object
    status: OrderStatus
    po_number: str
    units: int
    total: Money
    payment_method: PaymentMethod = PaymentMethod.CARD

    @property
    def status_words(self) -> str:
        return words_of(self.status, self.payment_method)


@dataclass(frozen=True)
class OrderPage:
    rows: list[OrderRow]
    page: int
    has_next: bool

    @property
    def previous(self) -> int:
        return self.page - 1

    @property
    def following(self) -> int:
        return self.page + 1


def reserved_quantities(order_id: int) -> dict[int, int]:
    """Units of each sku the order holds in stock, by sku id."""
    query = db.select(OrderLine.sku_id, func.sum(OrderLine.quantity)).where(OrderLine.order_id == order_id)
    rows = db.session.execute(query.group_by(OrderLine.sku_id).order_by(OrderLine.sku_id))
    return {sku_id: int(units) for sku_id, units in rows}


def is_first_order(business_id: int, besides: int | None = None) -> bool:
    """Whether the business has no order yet that stood; `besides` is an order not to count."""
    # No order has the id 0.
    stood = db.session.scalars(_ONE_THAT_STOOD, {"business_id": business_id, "besides": besides or 0})
    return stood.first() is None


def get_for_business(number: str, business_id: int | None) -> Order:
    """An order with its lines; NotFound unless it is this business's own."""
    query = (
        db.select(Order).filter_by(number=number, business_id=business_id).options(joinedload(Order.lines))
    )
    order: Order | None = db.session.scalars(query).unique().one_or_none()
    if order is None or business_id is None:
        raise NotFound("We could not find that order.")
    return order


def list_for_business(business_id: int, *, search: str = "", page: int = 1) -> OrderPage:
    """A business's orders, newest first; `search` looks at number, PO number and sku code."""
    units = (
        db.select(func.coalesce(func.sum(OrderLine.quantity), 0))
        .where(OrderLine.order_id == Order.id)
        .correlate(Order)
        .scalar_subquery()
    )
    query = db.select(
        Order.number,
        Order.placed_at,
        Order.status,
        Order.po_number,
        Order.total_cents,
        Order.payment_method,
        units.label("units"),
    ).where(Order.business_id == business_id)
    if search:
        query = query.where(_matches(search))
    query = query.order_by(Order.id.desc()).offset((page - 1) * PAGE_SIZE).limit(PAGE_SIZE + 1)
    found = [
        OrderRow(
            row.number,
            row.placed_at,
            row.status,
            row.po_number,
            int(row.units),
            row.total_cents,
            row.payment_method,
        )
        for row in db.session.execute(query)
    ]
    return OrderPage(found[:PAGE_SIZE], page, len(found) > PAGE_SIZE)


def _matches(search: str) -> object:
    text = search.strip()
    with_sku = db.select(OrderLine.order_id).where(OrderLine.sku_code == text.upper())
    return or_(
        Order.number.startswith(text.upper(), autoescape=True),
        Order.po_number.contains(text, autoescape=True),
        Order.id.in_(with_sku),
    )


def find_failed_order_id(cart_id: int) -> int | None:
    """The order of this cart whose card was declined and that may be tried again."""
    query = db.select(Order.id).filter_by(cart_id=cart_id, status=OrderStatus.PAYMENT_FAILED)
    return db.session.scalars(query.order_by(Order.id.desc()).limit(1)).one_or_none()


def find_by_token(checkout_token: str) -> Order | None:
    """The order a checkout page has made already, if any."""
    query = db.select(Order).filter_by(checkout_token=checkout_token)
    order: Order | None = db.session.scalars(query).one_or_none()
    return order
