"""Pay an order by card from its link: a failed order is taken up again, an open invoice is charged what it still owes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError

from app.businesses.models import Business
from app.businesses.status import BusinessStatus
from app.carts.models import Cart, CartStatus
from app.extensions import db
from app.inventory.move import OutOfStock, reserve
from app.orders.models import Order, OrderLine
from app.orders.payment_method import PaymentMethod
from app.orders.queries import reserved_quantities
from app.orders.status import OrderStatus
from app.payments.authorize import Asking, authorize, build_asking
from app.payments.gateway import PaymentGateway
from app.payments.open_payment import open_payment
from app.payments.payable import find_standing
from app.shared import clock
from app.shared.errors import AppError, NotFound
from app.shared.history import Actor
from app.shared.money import Money
from app.shared.transaction import lock, retry_lost_races, transaction


class AmountChanged(AppError):
    """What is owed is not what the page asked for: a check came in, say, or a line could not ship."""

    def __init__(self, shown: Money, owed: Money):
        super().__init__(
            f"What is owed changed from {shown} to {owed} while this page was open. Nothing was charged. "
            "Check the new amount and pay it."
        )


class GoodsGone(AppError):
    """Some lines of the order cannot be set aside any more; `names` are their products."""

    def __init__(self, names: Iterable[str]):
        super().__init__(
            f"We no longer have enough of {' and '.join(names)} for this order. Nothing was charged. "
            "Write or call us and we find out what we can send, or place a new order with what is left."
        )


@dataclass(frozen=True, kw_only=True)
class PayOrder:
    """What was pressed: the order of the link, the amount and the last payment its page knew, the card's source."""

    order_id: int
    shown_amount: Money
    after: int
    source: str
    provider: str = "square"


def pay_order(command: PayOrder, *, actor: Actor, gateway: PaymentGateway, settle_after: timedelta) -> Order:
    """Ask the card for what the order owes, once however often the button was pressed.

    Returns the order: its payments tell what came of it. One that needs no payment now, or for which another press or
    tab has asked since the page was made, is returned as it is. Raises AmountChanged, GoodsGone, AppError (the
    business may not order) before anything is asked, and Declined after: then the order is as payable as before.
    """
    try:
        asking = _write(command, actor, settle_after, clock.now())
    except IntegrityError:
        # On another node somebody took the order's one live place: the next look sees their payment.
        asking = _write(command, actor, settle_after, clock.now())
    if isinstance(asking, Order):
        return asking
    return authorize(asking, gateway=gateway, actor=actor)


@retry_lost_races
def _write(command: PayOrder, actor: Actor, settle_after: timedelta, now: datetime) -> Asking | Order:
    with transaction():
        cart, order = _lock_cart_and_order(command.order_id)
        standing = find_standing(order)
        if not standing.is_open or standing.newest != command.after:
            return order
        if standing.owed != command.shown_amount:
            raise AmountChanged(command.shown_amount, standing.owed)
        if order.status is OrderStatus.PAYMENT_FAILED:
            _take_up_again(order, cart, actor, now)
        order.version += 1
        payment = open_payment(
            order,
            provider=command.provider,
            amount=standing.owed,
            settle_after=settle_after,
            actor=actor,
            now=now,
        )
        return build_asking(order, payment, command.source)


def _lock_cart_and_order(order_id: int) -> tuple[Cart | None, Order]:
    """The order, and before it its cart: checkout takes them in this order, too."""
    row = db.session.execute(db.select(Order.cart_id).filter_by(id=order_id)).one_or_none()
    if row is None:
        raise NotFound()
    cart = lock(Cart, row.cart_id) if row.cart_id is not None else None
    return cart, lock(Order, order_id)


def _take_up_again(order: Order, cart: Cart | None, actor: Actor, now: datetime) -> None:
    """A failed order with its own lines and prices: its goods are set aside again. From now on it is a card's order.

    Its cart goes along only while it is still the one that was ordered. A cart the buyer changed since, or goods that
    joined another one, are another order's business: this order lets go of them for good.
    """
    _check_business(order.business_id)
    try:
        reserve(reserved_quantities(order.id))
    except OutOfStock as short:
        raise GoodsGone(_names(order.id, short.sku_ids)) from short
    order.move_to(OrderStatus.PENDING, actor=actor, at=now, reason="Paid by link")
    order.payment_method, order.terms_days = PaymentMethod.CARD, 0
    if cart is not None and _is_as_ordered(cart, order):
        cart.placing_order_id = order.id
    else:
        order.cart_id = None


def _is_as_ordered(cart: Cart, order: Order) -> bool:
    is_same = cart.id == order.cart_id and cart.version == order.cart_version
    return is_same and cart.status is CartStatus.OPEN and cart.placing_order_id is None


def _check_business(business_id: int) -> None:
    status = db.session.scalars(db.select(Business.status).filter_by(id=business_id)).one()
    if status is not BusinessStatus.APPROVED:
        raise AppError(
            "Ordering is closed for this business at the moment, so this order cannot be paid. Nothing was charged. "
            "Please write or call us."
        )


def _names(order_id: int, sku_ids: list[int]) -> list[str]:
    query = db.select(OrderLine.product_name, OrderLine.options_label).filter_by(order_id=order_id)
    rows = db.session.execute(query.where(OrderLine.sku_id.in_(sku_ids)).order_by(OrderLine.position))
    return [f"{name} ({options})" if options else name for name, options in rows]
