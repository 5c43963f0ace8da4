"""Money that nobody would ever look at again gets its job back.

Every step posts the next in its own transaction, so there should be none. But the shop's capture rule may change under
an order, rows may be deleted by hand, and a restored backup is older than the provider: this is the net below.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_

from app.extensions import db
from app.orders.models import Order
from app.orders.status import GONE_OUT, OrderStatus
from app.outbox.kinds import Kind
from app.outbox.models import OutboxRow
from app.outbox.post import post
from app.payments.models import Payment, Refund
from app.payments.status import BY_HAND, PROMISES, PaymentStatus, RefundStatus
from app.shared.transaction import retry_lost_races, transaction
from app.shop.models import CaptureRule
from app.shop.queries import get_shop

# Long after every ordinary job had its turn.
_LONG = timedelta(hours=1)
_MOST = 500
_KINDS = (
    Kind.PAYMENT_SETTLE, Kind.PAYMENT_CAPTURE, Kind.PAYMENT_CAPTURE_ORDER, Kind.PAYMENT_RELEASE, Kind.REFUND_SEND,
    Kind.REFUND_CHECK,
)  # fmt: skip

_P, _R = PaymentStatus, RefundStatus
# A kind of work, and the name and number of the row it is about.
Job = tuple[Kind, str, int]


@retry_lost_races
def post_missing_work(now: datetime) -> int:
    """Post the next step of each payment and refund that waits for an hour with no open job. Returns how many."""
    with transaction():
        there = open_jobs()
        missing = [job for job in dict.fromkeys(_wanted(now)) if job not in there]
        for kind, name, row_id in missing:
            post(kind, due_at=now, **{name: row_id})
        return len(missing)


def open_jobs() -> set[Job]:
    """What stands in the outbox, dead work included: that waits for a person, and one of it is enough."""
    query = db.select(OutboxRow.kind, OutboxRow.ids).where(
        OutboxRow.closed_at.is_(None), OutboxRow.kind.in_(_KINDS)
    )
    return {(kind, name, row_id) for kind, ids in db.session.execute(query) for name, row_id in ids.items()}


def _wanted(now: datetime) -> Iterator[Job]:
    before = now - _LONG
    unanswered = and_(Payment.status.in_([_P.CREATED, _P.UNKNOWN]), Payment.created_at < before)
    yield from ((Kind.PAYMENT_SETTLE, "payment_id", each) for each in _payments(unanswered))
    claimed = or_(Payment.claimed_at.is_(None), Payment.claimed_at < before)
    stuck = and_(Payment.status == _P.CAPTURING, claimed, Payment.authorized_at < before)
    is_held = and_(Payment.status == _P.AUTHORIZED, Payment.provider.not_in(BY_HAND))
    due = and_(is_held, Payment.authorized_at < before, _is_to_capture())
    yield from ((Kind.PAYMENT_CAPTURE, "payment_id", each) for each in _payments(or_(stuck, due)))
    yield from ((Kind.PAYMENT_RELEASE, "order_id", each) for each in _cancelled_with_money(before))
    yield from (
        (Kind.REFUND_SEND, "refund_id", each) for each in _refunds([_R.REQUESTED, _R.UNKNOWN], before)
    )
    yield from ((Kind.REFUND_CHECK, "refund_id", each) for each in _refunds([_R.PENDING], before))


def _is_to_capture() -> ColumnElement[bool]:
    """What left the house is charged whatever the rule; an order not begun, where the shop captures at once (now)."""
    statuses = list(GONE_OUT)
    if get_shop().capture_rule is CaptureRule.AT_ONCE:
        statuses.append(OrderStatus.PAYMENT_PENDING)
    return Order.status.in_(statuses)


def _payments(condition: ColumnElement[bool]) -> list[int]:
    query = db.select(Payment.id).join(Order, Order.id == Payment.order_id).where(condition)
    return list(db.session.scalars(query.order_by(Payment.id).limit(_MOST)))


def _cancelled_with_money(before: datetime) -> list[int]:
    """Cancelled orders with a hold, with captured money of which nothing was ever asked back, or with a promise."""
    asked_back = db.select(Refund.id).where(Refund.payment_id == Payment.id).exists()
    has_money = or_(
        Payment.status.in_([_P.AUTHORIZED, _P.CAPTURING]), and_(Payment.status == _P.CAPTURED, ~asked_back)
    )
    has_card_money = and_(Payment.live_order_id == Order.id, has_money)
    is_promised = and_(Payment.status == _P.AUTHORIZED, Payment.provider.in_(PROMISES))
    query = db.select(Order.id).join(Payment, Payment.order_id == Order.id)
    query = query.where(
        Order.status == OrderStatus.CANCELLED, Order.cancelled_at < before, or_(has_card_money, is_promised)
    )
    return list(db.session.scalars(query.order_by(Order.id).distinct().limit(_MOST)))


def _refunds(statuses: list[RefundStatus], before: datetime) -> list[int]:
    query = db.select(Refund.id).where(Refund.status.in_(statuses), Refund.created_at < before)
    return list(db.session.scalars(query.order_by(Refund.id).limit(_MOST)))
