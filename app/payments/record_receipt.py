"""Staff write down money that came by check, transfer or cash; and take back what was written by mistake."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from app.extensions import db
from app.orders.models import Order
from app.orders.status import OrderStatus
from app.outbox.kinds import Kind
from app.outbox.post import post
from app.payments.hand_gateway import provider_id_of
from app.payments.models import Payment, Refund
from app.payments.queries import balance
from app.payments.record import lock_order_and_payment
from app.payments.settle_balance import settle_balance
from app.payments.status import GAVE_BACK, RECEIPTS, PaymentStatus
from app.shared.errors import AppError, Conflict
from app.shared.history import Actor
from app.shared.money import Money
from app.shared.transaction import lock, retry_lost_races, transaction

_NOT_STANDING = frozenset({OrderStatus.PENDING, OrderStatus.PAYMENT_FAILED, OrderStatus.CANCELLED})
# A card that may still be charged: were a check taken for the same money, it would be paid twice.
_ON_ITS_WAY = [
    PaymentStatus.CREATED,
    PaymentStatus.UNKNOWN,
    PaymentStatus.AUTHORIZED,
    PaymentStatus.CAPTURING,
]
_LONGEST_AGO = timedelta(days=366)


@dataclass(frozen=True, kw_only=True)
class RecordReceipt:
    """What staff typed. `by` is check, ach or cash; `key` is the form's own (a UUID), so that two presses are one receipt."""

    order_id: int
    amount: Money
    by: str
    received_on: date
    reference: str
    key: str


def record_receipt(command: RecordReceipt, *, actor: Actor, now: datetime, today: date) -> Payment:
    """The receipt, captured, with the buyer's receipt mail posted; the same one for every repeated press.

    AppError names the field: no kind, no amount, more than is open, a day to come. Conflict where nothing is to be paid
    this way: a card order, a cancelled one, or one whose card is being charged this moment.
    """
    _check_shape(command, today)
    try:
        return _write(command, actor, now)
    except IntegrityError:  # the same press was faster on another node
        return _write(command, actor, now)


@retry_lost_races
def _write(command: RecordReceipt, actor: Actor, now: datetime) -> Payment:
    with transaction():
        order = lock(Order, command.order_id)
        there: Payment | None = db.session.scalars(
            db.select(Payment).filter_by(order_id=order.id, idempotency_key=command.key)
        ).one_or_none()
        if there is not None:
            return there
        _check_order(order, command.amount)
        receipt = Payment(
            order_id=order.id,
            provider=command.by,
            amount_cents=command.amount,
            idempotency_key=command.key,
            provider_payment_id=provider_id_of(command.by, command.key),
            received_on=command.received_on,
            receipt_reference=" ".join(command.reference.split())[:60],
            captured_at=now,
            created_at=now,
        )
        db.session.add(receipt)
        db.session.flush()
        receipt.move_to(
            PaymentStatus.CAPTURED,
            actor=actor,
            at=now,
            reason=receipt.receipt_words,
            amount=str(command.amount),
        )
        order.version += 1
        settle_balance(order, actor=actor, now=now)
        post(Kind.MAIL_ORDER_RECEIPT, payment_id=receipt.id)
        return receipt


@retry_lost_races
def withdraw_receipt(payment_id: int, *, reason: str, actor: Actor, now: datetime) -> None:
    """Take back a receipt that was written by mistake: no money came, so what it paid is owed again.

    Not a refund, which is money that left the house again. AppError without a reason; Conflict for what is no receipt,
    was taken back already, or was given back in part.
    """
    if not reason.strip():
        raise AppError("Say in a few words what was wrong with it.", field="reason")
    with transaction():
        order, receipt = lock_order_and_payment(payment_id)
        if receipt.provider not in RECEIPTS or receipt.status is not PaymentStatus.CAPTURED:
            raise Conflict("This is no receipt that still counts, so there is nothing to take back.")
        if _was_given_back(receipt):
            raise Conflict("Some of this money was given back, so it did come. It cannot be taken back.")
        receipt.captured_at = None
        receipt.move_to(
            PaymentStatus.FAILED, actor=actor, at=now, reason=f"Recorded by mistake: {reason.strip()}"[:300]
        )
        order.version += 1
        settle_balance(order, actor=actor, now=now)


def _check_shape(command: RecordReceipt, today: date) -> None:
    if command.by not in RECEIPTS:
        raise AppError("Choose how the money came.", field="by")
    if command.amount.cents <= 0:
        raise AppError("Enter how much came, like 250.00.", field="amount")
    if command.received_on > today:
        raise AppError("The day it came cannot be in the future.", field="received_on")
    if command.received_on < today - _LONGEST_AGO:
        raise AppError("The day it came is more than a year ago. Check the year.", field="received_on")
    try:
        UUID(command.key)
    except ValueError:
        raise Conflict("This page is out of date. Open the order again and record it there.") from None


def _check_order(order: Order, amount: Money) -> None:
    if not order.payment_method.is_promise:
        raise Conflict("This order is paid by card, so nothing is received for it by hand.")
    if order.status in _NOT_STANDING:
        raise Conflict(f"This order is {order.status_words.lower()}, so nothing is owed for it.")
    moving = db.select(Payment.id).where(Payment.live_order_id == order.id, Payment.status.in_(_ON_ITS_WAY))
    if db.session.scalars(moving).first() is not None:
        raise Conflict(
            "A card payment for this order is on its way. Wait for its answer, then record the rest."
        )
    owed = balance(order)
    if amount > owed:
        raise AppError(
            f"Only {owed} is open on this order. Record that much, and the rest on the order it was sent for.",
            field="amount",
        )


def _was_given_back(receipt: Payment) -> bool:
    query = db.select(Refund.id).where(Refund.payment_id == receipt.id, Refund.status.in_(GAVE_BACK))
    return db.session.scalars(query.limit(1)).first() is not None
