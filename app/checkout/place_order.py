"""Place the order: write it, ask for the money, write the answer. Ten presses make one order and one authorization."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError

from app.carts.models import Cart, CartStatus
from app.checkout.keep_order import keep_for_link
from app.checkout.load import load_checkout
from app.checkout.payment_ways import hold_account, list_ways, pick_way
from app.checkout.write_order import write_order
from app.extensions import db
from app.inventory.move import reserve
from app.orders.models import Order
from app.orders.payment_method import PaymentMethod
from app.orders.queries import find_by_token, find_failed_order_id
from app.orders.status import OrderStatus
from app.payments.authorize import Asking, authorize, build_asking
from app.payments.gateway import Declined, PaymentGateway
from app.payments.guarded_gateway import LEFT_ALONE
from app.payments.open_payment import open_payment
from app.payments.queries import find_live_payment_id
from app.shared import clock
from app.shared.errors import AppError, Conflict, RulesBroken
from app.shared.history import Actor
from app.shared.money import Money
from app.shared.transaction import lock, retry_lost_races, transaction


class TotalChanged(AppError):
    """The total is not what the buyer saw: prices, stock or rules changed while the page was open."""

    def __init__(self, shown: Money, total: Money):
        super().__init__(
            f"The total changed from {shown} to {total} while you were looking. "
            "Nothing was charged. Check the new total and place the order again."
        )


@dataclass(frozen=True, kw_only=True)
class PlaceOrder:
    """What the buyer pressed: the page's token, the total it showed, how it is to be paid (a card's single-use source; a
    promise has none), where the bill goes."""

    checkout_token: str
    shown_total: Money
    source: str
    payment_method: PaymentMethod = PaymentMethod.CARD
    billing_address_id: int | None = None
    # Write the order down without asking a card, because cards cannot be asked: a link pays it later.
    pays_later: bool = False

    @property
    def provider(self) -> str:
        """The name of the gateway that is asked."""
        return str(self.payment_method.value)


def place_order(
    command: PlaceOrder,
    *,
    user_id: int,
    business_id: int,
    actor: Actor,
    gateway: PaymentGateway,
    settle_after: timedelta,
) -> Order:
    """Place the buyer's open cart as one order and hold its total on the card, or take the promise to pay it later.

    Returns the order, also to every repeated press with the same token: its status says whether the provider has
    answered. Raises RulesBroken, TotalChanged, CannotPayThisWay, OutOfStock or Conflict before anything is asked of the
    provider (and then nothing is written), and Declined after it said no (then the order waits for another card).

    Where cards cannot be asked, or `pays_later` says so, the order comes back as "payment failed": kept, with nothing
    held or set aside, and a link to pay it in the mail.
    """
    try:
        asking = _write(command, user_id, business_id, actor, settle_after, clock.now())
    except IntegrityError:
        # Another press was faster on another node (its token leads to its order), or another buyer with the counter's
        # first row: either way the next look sees what they wrote.
        asking = _write(command, user_id, business_id, actor, settle_after, clock.now())
    if isinstance(asking, Order):
        return asking
    try:
        return authorize(asking, gateway=gateway, actor=actor)
    except Declined as declined:
        kept = find_by_token(command.checkout_token) if declined.code == LEFT_ALONE else None
        if kept is None:
            raise
        return kept


@retry_lost_races
def _write(
    command: PlaceOrder, user_id: int, business_id: int, actor: Actor, settle_after: timedelta, now: datetime
) -> Asking | Order:
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
        if command.payment_method is PaymentMethod.TERMS:
            hold_account(business_id, now)
        retried = _lock_failed_order(cart)
        checkout = load_checkout(
            cart, business_id, now, billing_address_id=command.billing_address_id, besides=retried
        )
        if checkout.quote.violations:
            raise RulesBroken(checkout.quote.violations)
        if checkout.quote.total != command.shown_total:
            raise TotalChanged(command.shown_total, checkout.quote.total)
        way = pick_way(command.payment_method, list_ways(checkout, now))
        if not command.pays_later:
            reserve({line.sku_id: line.quantity for line in checkout.quote.lines})
        order = write_order(
            checkout, cart, retried, way=way, token=command.checkout_token, actor=actor, now=now
        )
        if command.pays_later:
            is_new = retried is None or retried.id != order.id
            return keep_for_link(order, is_new=is_new, actor=actor, now=now)
        payment = open_payment(
            order,
            provider=command.provider,
            amount=order.total_cents,
            settle_after=settle_after,
            actor=actor,
            now=now,
        )
        cart.placing_order_id = order.id
        return build_asking(order, payment, command.source)


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
    is_unchanged = order is not None and order.cart_version == cart.version
    if order is not None and is_unchanged and find_live_payment_id(order.id) is not None:
        raise Conflict("The hold on your earlier card is being let go. Try again in a minute.")
    # It may have been cancelled while we waited for its lock: then this is a new order.
    return order if order is not None and order.status is OrderStatus.PAYMENT_FAILED else None
