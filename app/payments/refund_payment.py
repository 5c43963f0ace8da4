"""Staff give money back: all that is left of a payment, some units of its lines, or an amount."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from app.extensions import db
from app.inventory.move import take_back
from app.orders.models import Order, OrderLine
from app.orders.status import OrderStatus
from app.payments.models import Payment, Refund, RefundLine
from app.payments.record import lock_order_and_payment
from app.payments.refund_left import can_refund, find_left
from app.payments.refund_sum import RefundSum, sum_of_amount, sum_of_lines, sum_of_rest
from app.payments.request_refund import request_refund
from app.payments.status import RefundKind
from app.shared import history
from app.shared.errors import AppError, Conflict, NotFound
from app.shared.history import Actor
from app.shared.money import Money
from app.shared.transaction import retry_lost_races, transaction

# Only what left the house can come back on the shelf.
LEFT_THE_HOUSE = frozenset({OrderStatus.SHIPPED, OrderStatus.DELIVERED, OrderStatus.RETURNED})


@dataclass(frozen=True, kw_only=True)
class RefundPayment:
    """What staff asked for. `units` and `on_the_shelf` are by order line; `shown` is the sum they agreed to."""

    order_id: int
    payment_id: int
    kind: RefundKind
    reason: str
    units: Mapping[int, int] = field(default_factory=dict)
    with_shipping: bool = False
    amount: Money | None = None
    on_the_shelf: Mapping[int, int] = field(default_factory=dict)
    shown: Money | None = None


def preview_refund(command: RefundPayment) -> tuple[Order, Payment, RefundSum]:
    """What would be given back now; raises what `refund_payment` would. Writes nothing."""
    order = db.session.get(Order, command.order_id)
    payment = db.session.get(Payment, command.payment_id)
    if order is None or payment is None:
        raise NotFound()
    return order, payment, _sum(order, payment, command)


@retry_lost_races
def refund_payment(command: RefundPayment, *, actor: Actor, now: datetime) -> Refund:
    """Write the refund and post its sending; put on the shelf what staff say came back.

    AppError for what was left out or cannot be; Conflict when somebody else gave it back first, or the sum is no longer
    the one that was shown.
    """
    with transaction():
        order, payment = lock_order_and_payment(command.payment_id)
        wanted = _sum(order, payment, command)
        if command.shown is not None and wanted.amount != command.shown:
            raise Conflict(
                f"It would be {wanted.amount} now, not {command.shown}: something was refunded meanwhile."
            )
        refund = request_refund(
            order, payment, wanted, kind=command.kind, reason=command.reason, actor=actor, now=now
        )
        if refund is None:
            raise Conflict("There is nothing left to give back.")
        _put_on_the_shelf(order, refund, command.on_the_shelf, actor, now)
        return refund


@retry_lost_races
def put_refunded_on_the_shelf(
    refund_id: int, units: Mapping[int, int], *, actor: Actor, now: datetime
) -> Refund:
    """Later, when the goods are back: so many units of each line of a refund are for sale again.

    Conflict for more than were refunded and not put back yet; AppError when nothing is chosen.
    """
    with transaction():
        refund = db.session.get(Refund, refund_id)
        if refund is None:
            raise NotFound()
        order, _ = lock_order_and_payment(refund.payment_id)
        if not any(units.values()):
            raise AppError("Enter how many units go back on the shelf.", field="on_the_shelf")
        _put_on_the_shelf(order, refund, units, actor, now)
        return refund


def _sum(order: Order, payment: Payment, command: RefundPayment) -> RefundSum:
    if not command.reason.strip():
        raise AppError("Say why in a few words; the buyer can read it.", field="reason")
    if payment.order_id != command.order_id:
        raise NotFound()
    if not can_refund(payment):
        raise Conflict("No money was taken with this payment, so there is nothing to give back.")
    left = find_left(order, payment)
    if command.kind is RefundKind.LINES:
        return sum_of_lines(left, command.units, with_shipping=command.with_shipping)
    if command.kind is RefundKind.AMOUNT:
        if command.amount is None:
            raise AppError("Enter how much is refunded, like 12.50.", field="amount")
        return sum_of_amount(left, command.amount)
    return sum_of_rest(left)


def _put_on_the_shelf(
    order: Order, refund: Refund, units: Mapping[int, int], actor: Actor, now: datetime
) -> None:
    chosen = {line_id: count for line_id, count in units.items() if count}
    if not chosen:
        return
    if order.status not in LEFT_THE_HOUSE:
        raise Conflict("Only goods that left the house can be put back on the shelf.")
    query = db.select(RefundLine, OrderLine).join(OrderLine, OrderLine.id == RefundLine.order_line_id)
    rows = {line.id: (part, line) for part, line in db.session.execute(query.filter_by(refund_id=refund.id))}
    back: dict[int, int] = {}
    for line_id, count in chosen.items():
        if line_id not in rows or count < 0:
            raise AppError("Choose units of the lines that are refunded.", field="on_the_shelf")
        part, line = rows[line_id]
        if count > part.quantity - part.restocked_quantity or count + _on_the_shelf(line) > line.quantity:
            raise Conflict(f"Fewer units of {line.product_name} came back than that.")
        part.restocked_quantity += count
        back[line.sku_id] = back.get(line.sku_id, 0) + count
        words = f"Order {order.number}: {refund.reason}"
        history.record("stock", line.sku_id, "put_back", actor=actor, at=now, reason=words, units=count)
    order.version += 1
    take_back(back)


def _on_the_shelf(line: OrderLine) -> int:
    """Units of the line that any refund put back already."""
    query = db.select(db.func.coalesce(db.func.sum(RefundLine.restocked_quantity), 0))
    return int(db.session.scalars(query.filter_by(order_line_id=line.id)).one())
