"""What may still go back of an order and of one of its payments, read from the rows as they are now."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func

from app.extensions import db
from app.orders.models import Order, OrderLine
from app.payments.models import Payment, Refund, RefundLine
from app.payments.queries import balance, refundable
from app.payments.refund_sum import Left, LineLeft
from app.payments.status import GAVE_BACK, PROMISES, PaymentStatus, RefundKind
from app.shared.money import ZERO, Money

# What a line that could not ship gave back is no part of what stands: the total went down with it.
_OF_WHAT_STANDS = (Refund.status.in_(GAVE_BACK), Refund.kind != RefundKind.SHORTENED)


def find_left(order: Order, payment: Payment) -> Left:
    """What may still go back to this payment; read behind the order's lock it is what is true until the commit."""
    db.session.flush()
    amount, tax, shipping = _given_back(order.id)
    has_shipping = not shipping.cents
    return Left(
        lines=tuple(_lines(order.id)),
        value=_not_below_nothing(order.total_cents - amount),
        tax=_not_below_nothing(order.tax_cents - tax),
        shipping=order.shipping_cents if has_shipping else ZERO,
        shipping_tax=order.shipping_tax_cents if has_shipping else ZERO,
        limit=_limit(order, payment),
    )


@dataclass(frozen=True)
class RefundablePayment:
    """A payment of which something can go back, and how much."""

    payment: Payment
    left: Money


def list_refundable_payments(order: Order) -> list[RefundablePayment]:
    """The payments that a refund can go back to, oldest first: money that came, or a promise of which some is owed."""
    rows = db.session.scalars(db.select(Payment).filter_by(order_id=order.id).order_by(Payment.id))
    found = [RefundablePayment(each, _limit(order, each)) for each in rows if can_refund(each)]
    return [each for each in found if each.left.cents > 0]


def can_refund(payment: Payment) -> bool:
    """Money that was taken; or a promise that is still open, of which some can be credited."""
    is_open_promise = payment.provider in PROMISES and payment.status is PaymentStatus.AUTHORIZED
    return payment.status is PaymentStatus.CAPTURED or is_open_promise


def _limit(order: Order, payment: Payment) -> Money:
    limit = refundable(payment)
    if payment.provider not in PROMISES:
        return limit
    # A credit takes away from what is owed, and nothing more: money that came is given back where it came from.
    owed = balance(order)
    return _not_below_nothing(owed if owed < limit else limit)


def _given_back(order_id: int) -> tuple[Money, Money, Money]:
    sums = [
        func.coalesce(func.sum(column), 0)
        for column in (Refund.amount_cents, Refund.tax_cents, Refund.shipping_cents)
    ]
    row = db.session.execute(db.select(*sums).where(Refund.order_id == order_id, *_OF_WHAT_STANDS)).one()
    amount, tax, shipping = (each if isinstance(each, Money) else Money(int(each)) for each in row)
    return amount, tax, shipping


def _lines(order_id: int) -> list[LineLeft]:
    query = (
        db.select(
            RefundLine.order_line_id,
            func.sum(RefundLine.quantity).label("units"),
            func.sum(RefundLine.tax_cents).label("tax"),
        )
        .join(Refund, Refund.id == RefundLine.refund_id)
        .where(Refund.order_id == order_id, *_OF_WHAT_STANDS)
        .group_by(RefundLine.order_line_id)
    )
    back = {row.order_line_id: row for row in db.session.execute(query)}
    lines = db.session.scalars(db.select(OrderLine).filter_by(order_id=order_id).order_by(OrderLine.position))
    return [_line(each, back.get(each.id)) for each in lines]


def _line(line: OrderLine, back: object) -> LineLeft:
    units = int(back.units) if back is not None else 0  # type: ignore[attr-defined]
    tax = back.tax if back is not None else ZERO  # type: ignore[attr-defined]
    return LineLeft(
        line_id=line.id,
        name=line.product_name,
        quantity=line.quantity,
        unit_price=line.unit_price_cents,
        tax=line.tax_cents,
        units_back=units,
        tax_back=tax if isinstance(tax, Money) else Money(int(tax)),
    )


def _not_below_nothing(amount: Money) -> Money:
    return amount if amount.cents > 0 else ZERO
