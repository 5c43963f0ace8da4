"""Staff leave out what cannot be shipped; the money follows: a hold is taken for less, taken money goes back in part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.extensions import db
from app.orders.models import Order, OrderLine
from app.orders.shorten_order import Fallen, Shorter, check_changes, shorten
from app.payments.models import Payment, Refund, RefundLine
from app.payments.queries import find_live_payment_id, refundable
from app.payments.refund_sum import Part, RefundSum
from app.payments.request_refund import request_refund
from app.payments.settle_balance import settle_balance
from app.payments.status import GAVE_BACK, PaymentStatus, RefundKind
from app.shared.errors import Conflict
from app.shared.history import Actor
from app.shared.money import ZERO, Money
from app.shared.transaction import lock, retry_lost_races, transaction

_BUSY = "The card is being charged right now. Try again in a minute."
_MOVING = frozenset({PaymentStatus.CREATED, PaymentStatus.UNKNOWN, PaymentStatus.CAPTURING})


@dataclass(frozen=True, kw_only=True)
class ShortenOrder:
    order_id: int
    lines: Sequence[Shorter]


@retry_lost_races
def shorten_order(command: ShortenOrder, *, actor: Actor, now: datetime) -> Order:
    """Lower the lines, their stock and the order's total; request the refund of what was taken for them.

    A hold stays as it is until its capture, which takes the new total. Of a promise only the total falls. Conflict while
    the card is being charged, once the goods have left, and below what was refunded by line already.
    """
    with transaction():
        order = lock(Order, command.order_id)
        payment = _lock_live(order)
        query = db.select(OrderLine).filter_by(order_id=order.id).order_by(OrderLine.position)
        lines = {line.id: line for line in db.session.scalars(query)}
        _check_refunded(command, lines)
        fallen = shorten(order, lines, command.lines, actor=actor, now=now)
        if order.payment_method.is_promise:
            settle_balance(order, actor=actor, now=now)
        elif payment is not None and payment.status is PaymentStatus.CAPTURED:
            _give_back(order, payment, fallen, command, actor, now)
        return order


def _lock_live(order: Order) -> Payment | None:
    """The order's card payment; Conflict while it moves, and while a hold waits that is not the order's whole total."""
    payment_id = find_live_payment_id(order.id)
    if payment_id is None:
        return None
    payment = lock(Payment, payment_id)
    is_held = payment.status is PaymentStatus.AUTHORIZED
    if payment.status in _MOVING or (is_held and payment.claimed_at is not None):
        raise Conflict(_BUSY)
    if is_held and order.payment_method.is_promise:
        raise Conflict(_BUSY)
    return payment


def _check_refunded(command: ShortenOrder, lines: dict[int, OrderLine]) -> None:
    """Units that were refunded by line are paid back already: they cannot be left out a second time."""
    back = _units_back(command.order_id)
    for change in command.lines:
        line = lines.get(change.line_id)
        if line is not None and change.quantity < min(back.get(line.id, 0), line.quantity):
            raise Conflict(
                f"{back[line.id]} of {line.product_name} were refunded already, so at least as many stay in the order."
            )


def _units_back(order_id: int) -> dict[int, int]:
    query = (
        db.select(RefundLine.order_line_id, db.func.sum(RefundLine.quantity))
        .join(Refund, Refund.id == RefundLine.refund_id)
        .where(Refund.order_id == order_id, Refund.status.in_(GAVE_BACK), Refund.kind != RefundKind.SHORTENED)
        .group_by(RefundLine.order_line_id)
    )
    return {line_id: int(units) for line_id, units in db.session.execute(query)}


def _give_back(
    order: Order,
    payment: Payment,
    fallen: tuple[Fallen, ...],
    command: ShortenOrder,
    actor: Actor,
    now: datetime,
) -> None:
    """What the units cost, with the tax that fell; never above what is left of the payment."""
    tax = Money.total(each.tax for each in fallen)
    whole = Money.total(each.goods for each in fallen) + tax
    left = refundable(payment)
    amount = whole if whole <= left else left
    wanted = RefundSum(
        amount=amount,
        tax=tax if tax <= amount else amount,
        parts=tuple(
            Part(each.line_id, each.units, each.goods, each.tax if each.tax > ZERO else ZERO)
            for each in fallen
        ),
    )
    reasons = list(dict.fromkeys(each.reason.strip() for each in command.lines if each.reason.strip()))
    request_refund(
        order, payment, wanted, kind=RefundKind.SHORTENED, reason="; ".join(reasons), actor=actor, now=now
    )


def preview_total(order: Order, command: ShortenOrder) -> Money:
    """What the order, with its lines loaded, would come to; raises what `shorten_order` would. Writes nothing."""
    quantities = {each.line_id: each.quantity for each in command.lines}
    check_changes(order, {line.id: line for line in order.lines}, command.lines)
    total = order.shipping_cents + order.shipping_tax_cents
    for line in order.lines:
        goods = line.unit_price_cents.times(quantities.get(line.id, line.quantity))
        total = total + goods + goods.times(line.tax_rate)
    return total
