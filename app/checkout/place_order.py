"""Place the order: write it, ask for the money, write the answer. Ten presses make one order and one authorization."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError

from app.carts.models import Cart, CartStatus
from app.checkout.load import load_checkout
from app.checkout.write_order import write_order
from app.extensions import db
from app.inventory.move import reserve
from app.orders.models import Order
from app.orders.queries import find_by_token, find_failed_order_id
from app.orders.status import OrderStatus
from app.outbox.kinds import Kind
from app.outbox.post import post
from app.payments.gateway import Charge, Declined, HoldState, OutcomeUnknown, PaymentFacts, PaymentGateway
from app.payments.models import Payment
from app.payments.open_payment import open_payment
from app.payments.record import keep_answer, lock_order_and_payment, record_authorized, record_declined
from app.payments.status import PaymentStatus
from app.shared import clock
from app.shared.errors import AppError, Conflict, RulesBroken
from app.shared.history import Actor
from app.shared.money import Money
from app.shared.transaction import lock, retry_lost_races, transaction

_UNSETTLED = frozenset({PaymentStatus.CREATED, PaymentStatus.UNKNOWN})
# Longer than the provider's list lags behind, so that the second look sees what landed late.
_LIST_LAG = timedelta(seconds=30)


class TotalChanged(AppError):
    """The total is not what the buyer saw: prices, stock or rules changed while the page was open."""

    def __init__(self, shown: Money, total: Money):
        super().__init__(
            f"The total changed from {shown} to {total} while you were looking. "
            "Nothing was charged. Check the new total and place the order again."
        )


@dataclass(frozen=True, kw_only=True)
class PlaceOrder:
    """What the buyer pressed: the page's token, the total it showed, the card's single-use source, where the bill goes."""

    checkout_token: str
    shown_total: Money
    source: str
    provider: str = "square"
    billing_address_id: int | None = None


@dataclass(frozen=True)
class _Placing:
    order_id: int
    payment_id: int
    charge: Charge


def place_order(
    command: PlaceOrder,
    *,
    user_id: int,
    business_id: int,
    actor: Actor,
    gateway: PaymentGateway,
    settle_after: timedelta,
) -> Order:
    """Place the buyer's open cart as one order and hold its total on the card.

    Returns the order, also to every repeated press with the same token: its status says whether the provider has
    answered. Raises RulesBroken, TotalChanged, OutOfStock or Conflict before anything is asked of the provider (and then nothing is
    written), and Declined after it said no (then the order waits for another card).
    """
    try:
        placing = _write(command, user_id, business_id, actor, settle_after, clock.now())
    except IntegrityError:
        # Another press was faster on another node (its token leads to its order), or another buyer with the counter's
        # first row: either way the next look sees what they wrote.
        placing = _write(command, user_id, business_id, actor, settle_after, clock.now())
    if isinstance(placing, Order):
        return placing
    return _authorize(placing, gateway, actor)


@retry_lost_races
def _write(
    command: PlaceOrder, user_id: int, business_id: int, actor: Actor, settle_after: timedelta, now: datetime
) -> _Placing | Order:
    """Transaction 1: everything that must be true before money is asked for, and what heals a crash right after."""
    with transaction():
        cart = _lock_cart(command.checkout_token, user_id)
        existing = find_by_token(command.checkout_token)
        if existing is not None:
            return _if_own(existing, user_id)
        if cart.placing_order_id is not None:
            return db.session.get_one(Order, cart.placing_order_id)
        if cart.status is not CartStatus.OPEN or cart.checkout_token != command.checkout_token:
            raise Conflict("This page is out of date. Check your order once more and place it from here.")
        retried = _lock_failed_order(cart)
        checkout = load_checkout(
            cart, business_id, now, billing_address_id=command.billing_address_id, besides=retried
        )
        if checkout.quote.violations:
            raise RulesBroken(checkout.quote.violations)
        if checkout.quote.total != command.shown_total:
            raise TotalChanged(command.shown_total, checkout.quote.total)
        reserve({line.sku_id: line.quantity for line in checkout.quote.lines})
        order = write_order(checkout, cart, retried, token=command.checkout_token, actor=actor, now=now)
        payment = open_payment(
            order, provider=command.provider, settle_after=settle_after, actor=actor, now=now
        )
        cart.placing_order_id = order.id
        return _Placing(order.id, payment.id, _charge(command, order, payment))


def _lock_cart(token: str, user_id: int) -> Cart:
    """The cart this page was made for: the open one, or (a repeated press) the one it was ordered from."""
    of_user = db.select(Cart.id).where(Cart.user_id == user_id)
    cart_id = db.session.scalars(of_user.where(Cart.checkout_token == token).limit(1)).first()
    if cart_id is None:
        cart_id = db.session.scalars(of_user.where(Cart.status == CartStatus.OPEN).limit(1)).first()
    if cart_id is None:
        raise Conflict("Your cart is empty: this order may have been placed already. See your orders.")
    return lock(Cart, cart_id)


def _if_own(order: Order, user_id: int) -> Order:
    if order.user_id != user_id:
        raise Conflict("This page is out of date. Open your cart again.")
    return order


def _lock_failed_order(cart: Cart) -> Order | None:
    """The order of this cart whose card was declined, if there is one."""
    order_id = find_failed_order_id(cart.id)
    order = lock(Order, order_id) if order_id is not None else None
    # It may have been cancelled while we waited for its lock: then this is a new order.
    return order if order is not None and order.status is OrderStatus.PAYMENT_FAILED else None


def _charge(command: PlaceOrder, order: Order, payment: Payment) -> Charge:
    return Charge(
        source=command.source,
        amount=payment.amount_cents,
        key=payment.idempotency_key,
        reference=payment.idempotency_key,
        buyer_email=order.buyer_email,
        note=f"Order {order.number}",
    )


def _authorize(placing: _Placing, gateway: PaymentGateway, actor: Actor) -> Order:
    """No transaction is open here. What is not a clear answer is left to "settle payment"."""
    try:
        facts = gateway.authorize(placing.charge)
    except Declined as declined:
        _record_decline(placing, declined, actor, clock.now())
        raise
    except OutcomeUnknown as unknown:
        return _record_unknown(placing, unknown.cause, actor, clock.now())
    if facts.state is not HoldState.AUTHORIZED:
        return _record_unknown(placing, f"answered {facts.state.value}", actor, clock.now())
    return _record_answer(placing, facts, actor, clock.now())


@retry_lost_races
def _record_answer(placing: _Placing, facts: PaymentFacts, actor: Actor, now: datetime) -> Order:
    """Transaction 2, approved. Settle may have been faster: then there is nothing to record, or an orphan to let go."""
    with transaction():
        order, payment = lock_order_and_payment(placing.payment_id)
        keep_answer(payment, "authorize", facts.state.value, facts.answer, now)
        if payment.status in _UNSETTLED:
            record_authorized(order, payment, facts, actor=actor, now=now)
        elif payment.status is PaymentStatus.VOIDED and payment.provider_payment_id is None:
            post(Kind.PAYMENT_SETTLE, due_at=now + _LIST_LAG, payment_id=payment.id)
        return order


@retry_lost_races
def _record_decline(placing: _Placing, declined: Declined, actor: Actor, now: datetime) -> None:
    with transaction():
        order, payment = lock_order_and_payment(placing.payment_id)
        keep_answer(payment, "authorize", "declined", declined.answer, now)
        if payment.status in _UNSETTLED:
            record_declined(order, payment, declined, actor=actor, now=now)


@retry_lost_races
def _record_unknown(placing: _Placing, cause: str, actor: Actor, now: datetime) -> Order:
    """Transaction 2, no clear answer: the buyer sees an honest page, and settle finds out."""
    with transaction():
        order, payment = lock_order_and_payment(placing.payment_id)
        keep_answer(payment, "authorize", "unknown", {"cause": cause}, now)
        if payment.status is PaymentStatus.CREATED:
            payment.move_to(PaymentStatus.UNKNOWN, actor=actor, at=now, reason=cause)
        return order
