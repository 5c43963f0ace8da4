"""What the stockroom does with an order: prepare, ship, deliver, take back."""

from __future__ import annotations

from datetime import datetime

from app.inventory.move import ship
from app.orders.issue_invoice import issue_invoice
from app.orders.models import Order
from app.orders.queries import reserved_quantities
from app.orders.status import OrderStatus
from app.outbox.kinds import Kind
from app.outbox.post import post
from app.shared.errors import AppError
from app.shared.history import Actor
from app.shared.transaction import lock, retry_lost_races, transaction
from app.shop.models import CaptureRule
from app.shop.queries import get_shop


@retry_lost_races
def start_processing(order_id: int, *, actor: Actor, now: datetime) -> Order:
    """Begin to pack. Before the money came only on a promise, or where the shop captures on shipment or by hand."""
    with transaction():
        order = lock(Order, order_id)
        waits_for_capture = (
            order.status is OrderStatus.PAYMENT_PENDING and not order.payment_method.is_promise
        )
        if waits_for_capture and get_shop().capture_rule is CaptureRule.AT_ONCE:
            raise AppError("The card is being charged right now. Begin once the order is paid.")
        order.move_to(OrderStatus.PROCESSING, actor=actor, at=now)
        order.version += 1
        return order


@retry_lost_races
def ship_order(order_id: int, *, carrier: str, tracking_number: str, actor: Actor, now: datetime) -> Order:
    """The goods leave: stock is consumed, the card charged where the shop captures on shipment, a promise invoiced."""
    with transaction():
        order = lock(Order, order_id)
        order.move_to(
            OrderStatus.SHIPPED, actor=actor, at=now, carrier=carrier, tracking_number=tracking_number
        )
        order.version += 1
        order.shipped_at = now
        order.carrier = carrier.strip()[:60]
        order.tracking_number = tracking_number.strip()[:80]
        ship(reserved_quantities(order.id))
        if order.payment_method.is_promise:
            issue_invoice(order, actor=actor, now=now)
        elif order.paid_at is None:
            post(Kind.PAYMENT_CAPTURE_ORDER, order_id=order.id)
        return order


@retry_lost_races
def mark_delivered(order_id: int, *, actor: Actor, now: datetime) -> Order:
    """The goods arrived, or were picked up."""
    with transaction():
        order = lock(Order, order_id)
        order.move_to(OrderStatus.DELIVERED, actor=actor, at=now)
        return order


@retry_lost_races
def mark_returned(order_id: int, *, actor: Actor, now: datetime, reason: str) -> Order:
    """The goods came back. Stock returns only when staff put it back on the shelf (inventory/correct_stock.py)."""
    with transaction():
        order = lock(Order, order_id)
        order.move_to(OrderStatus.RETURNED, actor=actor, at=now, reason=reason)
        return order
