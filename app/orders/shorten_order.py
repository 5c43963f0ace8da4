"""Less of an order stands than was ordered: some units cannot be shipped. Its sums and its stock follow here.

What becomes of the money is decided one floor up, in payments/shorten_order.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from app.extensions import db
from app.inventory.move import release, write_off
from app.orders.models import Order, OrderLine
from app.orders.status import OrderStatus
from app.outbox.kinds import Kind
from app.outbox.post import post
from app.shared import history
from app.shared.errors import AppError, Conflict
from app.shared.history import Actor
from app.shared.money import Money

# The goods are here, and the order stands: while it is being placed, or when it failed, there is nothing to shorten.
CAN_BE_SHORTENED = frozenset({OrderStatus.PAYMENT_PENDING, OrderStatus.PAID, OrderStatus.PROCESSING})
_LONGEST_REASON = 200


@dataclass(frozen=True, kw_only=True)
class Shorter:
    """So many units of a line stand from now on, and why the buyer does not get the others.

    `is_gone`: they are written off (broken, lost); else they go back on the shelf.
    """

    line_id: int
    quantity: int
    reason: str
    is_gone: bool = False


@dataclass(frozen=True)
class Fallen:
    """What one line lost: units, their price, and the tax that fell with them."""

    line_id: int
    units: int
    goods: Money
    tax: Money


def shorten(
    order: Order, lines: Mapping[int, OrderLine], changes: Iterable[Shorter], *, actor: Actor, now: datetime
) -> tuple[Fallen, ...]:
    """Lower the lines in the open transaction, with the order locked; tell the buyer. Returns what fell.

    AppError for a change that is none or has no reason; Conflict once the goods have left or more stands already.
    """
    wanted = check_changes(order, lines, changes)
    before = order.total_cents
    _move_stock(order, lines, wanted, actor, now)
    fallen = tuple(_lower(lines[each.line_id], each) for each in wanted)
    _sum_up(order, lines.values())
    order.version += 1
    history.record(
        "order", order.id, "shortened", actor=actor, at=now, reason=_words(lines, wanted),
        total=[str(before), str(order.total_cents)],
        lines={lines[each.line_id].sku_code: {"stands": each.quantity, "is_gone": each.is_gone} for each in wanted},
    )  # fmt: skip
    db.session.flush()
    post(Kind.MAIL_ORDER_SHORTENED, order_id=order.id)
    return fallen


def check_changes(order: Order, lines: Mapping[int, OrderLine], changes: Iterable[Shorter]) -> list[Shorter]:
    """The changes that are any; raises what `shorten` raises."""
    if order.status not in CAN_BE_SHORTENED:
        raise Conflict(f"This order is {order.status.label.lower()} now, so its lines stay as they are.")
    wanted = [
        each for each in changes if each.line_id in lines and lines[each.line_id].quantity != each.quantity
    ]
    if not wanted:
        raise AppError("Enter fewer units for at least one line.", field="quantity")
    for each in wanted:
        _check(each, lines[each.line_id])
    left_out = {each.line_id: each.quantity for each in wanted}
    if not any(left_out.get(line.id, line.quantity) for line in lines.values()):
        raise AppError("Nothing would be left of this order: cancel the order instead.", field="quantity")
    return wanted


def _check(change: Shorter, line: OrderLine) -> None:
    if change.quantity < 0 or change.quantity > line.quantity:
        words = f"{line.product_name} stands at {line.quantity} units: enter as many, or fewer."
        raise Conflict(words, field=f"units_{line.id}")
    if not change.reason.strip():
        words = f"Say why {line.product_name} cannot be shipped; the buyer reads it."
        raise AppError(words, field=f"why_{line.id}")


def _move_stock(
    order: Order, lines: Mapping[int, OrderLine], changes: list[Shorter], actor: Actor, now: datetime
) -> None:
    back: dict[int, int] = {}
    gone: dict[int, int] = {}
    for change in changes:
        line = lines[change.line_id]
        pile = gone if change.is_gone else back
        units = line.quantity - change.quantity
        pile[line.sku_id] = pile.get(line.sku_id, 0) + units
        if change.is_gone:
            words = f"Order {order.number}: {change.reason.strip()}"
            history.record(
                "stock", line.sku_id, "written_off", actor=actor, at=now, reason=words, units=-units
            )
    release(back)
    write_off(gone)


def _lower(line: OrderLine, change: Shorter) -> Fallen:
    """The line as if it had been ordered so: its total and its tax anew, from its own price and rate."""
    units, total, tax = line.quantity - change.quantity, line.line_total_cents, line.tax_cents
    line.quantity = change.quantity
    line.short_reason = change.reason.strip()[:_LONGEST_REASON]
    line.line_total_cents = line.unit_price_cents.times(line.quantity)
    line.tax_cents = line.line_total_cents.times(line.tax_rate)
    return Fallen(line.id, units, total - line.line_total_cents, tax - line.tax_cents)


def _sum_up(order: Order, lines: Iterable[OrderLine]) -> None:
    """Shipping and its tax stay as they were agreed."""
    standing = list(lines)
    order.subtotal_cents = Money.total(line.line_total_cents for line in standing)
    order.tax_cents = Money.total(line.tax_cents for line in standing) + order.shipping_tax_cents
    order.total_cents = order.subtotal_cents + order.shipping_cents + order.tax_cents


def _words(lines: Mapping[int, OrderLine], changes: list[Shorter]) -> str:
    """ "Lavender soap: 10 of 12. The last case was damaged" """
    return "; ".join(
        f"{lines[each.line_id].product_name}: {each.quantity} of {lines[each.line_id].ordered_quantity}. "
        f"{each.reason.strip()[:_LONGEST_REASON]}"
        for each in changes
    )
