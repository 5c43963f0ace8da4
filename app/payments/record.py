"""Write down what the provider answered. Each runs inside the caller's transaction, with order and payment locked."""

from __future__ import annotations

from datetime import datetime

from app.carts.finish import close_ordered_cart, reopen_cart
from app.extensions import db
from app.inventory.move import release
from app.orders.models import Order
from app.orders.queries import reserved_quantities
from app.orders.status import OrderStatus
from app.outbox.kinds import Kind
from app.outbox.post import post
from app.payments.gateway import Declined, PaymentFacts
from app.payments.lowered import give_back_excess
from app.payments.models import Payment, ProviderAnswer
from app.payments.queries import balance
from app.payments.settle_balance import settle_balance
from app.payments.status import PaymentStatus
from app.shared.errors import NotFound
from app.shared.history import Actor
from app.shared.transaction import lock
from app.shop.models import CaptureRule
from app.shop.queries import get_shop

# Nothing is set aside for these, so no money is held or kept for them either.
GIVEN_UP = frozenset({OrderStatus.CANCELLED, OrderStatus.PAYMENT_FAILED})


def lock_order_and_payment(payment_id: int) -> tuple[Order, Payment]:
    """Both rows, locked from the root down; NotFound without such a payment. The order's id never changes, so it may be
    read before the lock."""
    order_id = db.session.scalars(db.select(Payment.order_id).where(Payment.id == payment_id)).one_or_none()
    if order_id is None:
        raise NotFound()
    order = lock(Order, order_id)
    return order, lock(Payment, payment_id)


def keep_answer(payment: Payment, call: str, outcome: str, answer: dict[str, object], now: datetime) -> None:
    db.session.add(ProviderAnswer(payment_id=payment.id, call=call, outcome=outcome, answer=answer, at=now))


def record_authorized(
    order: Order, payment: Payment, facts: PaymentFacts, *, actor: Actor, now: datetime
) -> None:
    """The money is held or promised: the order stands, the cart is done, capture and mail follow by the shop's rule.

    If the order was cancelled while the provider was thinking, the hold is let go instead. A card that pays what an
    order still owes (by link) is charged at once, whatever the rule.
    """
    payment.provider_payment_id = facts.provider_id
    payment.card_brand, payment.card_last4 = facts.card_brand[:20], facts.card_last4[:4]
    payment.lapses_at = facts.lapses_at
    payment.authorized_at = now
    payment.move_to(PaymentStatus.AUTHORIZED, actor=actor, at=now)
    order.version += 1
    if order.status is not OrderStatus.PENDING:
        _charge_what_is_owed(order, payment)
        return
    order.move_to(OrderStatus.PAYMENT_PENDING, actor=actor, at=now)
    close_ordered_cart(order.cart_id, now)
    if order.payment_method.is_promise:
        post(
            Kind.MAIL_ORDER_NOTICE, order_id=order.id
        )  # it may be prepared at once; no capture will tell staff
    elif get_shop().capture_rule is CaptureRule.AT_ONCE:
        post(Kind.PAYMENT_CAPTURE, payment_id=payment.id)
    post(Kind.MAIL_ORDER_RECEIVED, order_id=order.id)


def _charge_what_is_owed(order: Order, payment: Payment) -> None:
    """A card for an order that is not being placed. If a check came in meanwhile, the hold is let go."""
    if order.status in GIVEN_UP or is_covered(order, payment):
        post(Kind.PAYMENT_RELEASE, order_id=order.id)
    else:
        post(Kind.PAYMENT_CAPTURE, payment_id=payment.id)


def is_covered(order: Order, payment: Payment) -> bool:
    """Whether a promise was kept in another way while a card was held for it, so that it owes less than is held."""
    is_held = payment.status is PaymentStatus.AUTHORIZED
    return is_held and order.payment_method.is_promise and balance(order) < payment.amount_cents


def record_declined(
    order: Order, payment: Payment, declined: Declined, *, actor: Actor, now: datetime
) -> None:
    """Nothing is held: the cart is as it was and another card can be tried on the same order."""
    payment.decline_code = declined.code[:60]
    _end(payment, PaymentStatus.DECLINED, actor, now, reason=declined.message)
    fail_order(order, actor=actor, now=now, reason=declined.message)


def record_absent(order: Order, payment: Payment, *, actor: Actor, now: datetime) -> None:
    """The provider never heard of it: the attempt is void, and the buyer is told where to try again."""
    _end(payment, PaymentStatus.VOIDED, actor, now, reason="The provider holds nothing for this attempt.")
    words = "Your card was not charged: the payment service did not answer."
    if fail_order(order, actor=actor, now=now, reason=words) or order.payment_method.is_promise:
        post(Kind.MAIL_PAYMENT_FAILED, payment_id=payment.id)


def record_captured(order: Order, payment: Payment, *, actor: Actor, now: datetime) -> None:
    """The money is ours: receipt to the buyer, notice to staff. What came for an order given up goes back instead."""
    payment.captured_at = now
    payment.claimed_at = None
    payment.move_to(PaymentStatus.CAPTURED, actor=actor, at=now)
    order.version += 1
    if order.status in GIVEN_UP:
        post(Kind.PAYMENT_RELEASE, order_id=order.id)
        return
    give_back_excess(order, payment, actor=actor, now=now)
    settle_balance(order, actor=actor, now=now)
    post(Kind.MAIL_ORDER_RECEIPT, payment_id=payment.id)
    if not order.payment_method.is_promise:
        post(Kind.MAIL_ORDER_NOTICE, order_id=order.id)


def record_gone(order: Order, payment: Payment, *, actor: Actor, now: datetime) -> None:
    """The hold lapsed or was let go at the provider before it was captured."""
    _end(payment, PaymentStatus.LAPSED, actor, now, reason="The provider no longer holds the amount.")
    if fail_order(order, actor=actor, now=now, reason="The hold on your card ended before it was charged."):
        post(Kind.MAIL_PAYMENT_FAILED, payment_id=payment.id)


def fail_order(order: Order, *, actor: Actor, now: datetime, reason: str) -> bool:
    """Move the order to "payment failed" and let its stock go; False when the order is in no state to fail."""
    order.version += 1
    if order.payment_method.is_promise and order.status is not OrderStatus.PENDING:
        return False  # a card that says no leaves what is owed as it was
    if order.status not in {OrderStatus.PENDING, OrderStatus.PAYMENT_PENDING, OrderStatus.PROCESSING}:
        return False
    release(reserved_quantities(order.id))
    order.move_to(OrderStatus.PAYMENT_FAILED, actor=actor, at=now, reason=reason)
    reopen_cart(order.cart_id, now)
    return True


def _end(payment: Payment, status: PaymentStatus, actor: Actor, now: datetime, *, reason: str) -> None:
    payment.live_order_id = None
    payment.claimed_at = None
    payment.move_to(status, actor=actor, at=now, reason=reason)
