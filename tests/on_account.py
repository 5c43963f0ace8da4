"""Steps of an order without a card that several tests take: a business with terms, and its order sent out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from uuid import uuid4

from app.businesses.models import Business, CustomerGroup
from app.checkout.place_order import place_order
from app.extensions import db
from app.orders.fulfil_order import ship_order, start_processing
from app.orders.models import Order
from app.orders.payment_method import PaymentMethod
from app.payments.models import Payment
from app.payments.providers import get_gateway
from app.payments.record_receipt import RecordReceipt, record_receipt
from app.shared import clock
from app.shared.history import Actor
from app.shared.money import Money
from app.shared.transaction import transaction
from app.shop.models import ShippingMethod, ShopFacts
from app.shop.queries import shop_today
from tests.factories import make_pickup
from tests.placing import Ready, make_ready

STAFF = Actor(None, "Fay Finance")


def give_terms(business_id: int, *, days: int = 30, limit: Money | None = None) -> None:
    """The business's group pays on account from now on."""
    with transaction():
        business = db.session.get_one(Business, business_id)
        group = db.session.get_one(CustomerGroup, business.group_id)
        group.net_terms_days, group.credit_limit_cents = days, limit


def make_account(*, days: int = 30, limit: Money | None = None, **more: int) -> Ready:
    """A buyer with terms and a cart of $35.00 that can be placed."""
    ready = make_ready(**more)  # type: ignore[arg-type]
    give_terms(ready.business_id, days=days, limit=limit)
    return ready


def make_collector() -> Ready:
    """A buyer who collects $20.00 of goods and may pay then."""
    ready = make_ready()
    pickup: ShippingMethod = make_pickup()
    with transaction():
        db.session.get_one(ShopFacts, 1).allows_pay_on_pickup = True
        cart = db.session.get_one(type(ready.cart), ready.cart.id)
        cart.shipping_method_id = pickup.id
    return ready


def place(ready: Ready, method: PaymentMethod = PaymentMethod.TERMS) -> Order:
    """Press the button with this way to pay; no card is given."""
    return place_order(
        ready.command("", payment_method=method),
        user_id=ready.user_id,
        business_id=ready.business_id,
        actor=Actor(ready.user_id, "Ada Palmer"),
        gateway=get_gateway(method.value),
        settle_after=timedelta(minutes=2),
    )


def send_out(order: Order) -> Order:
    """Packed and shipped now: the invoice is issued."""
    return send_out_by_id(order.id)


def send_out_by_id(order_id: int) -> Order:
    """The same for threads, to which no row of the test's session belongs."""
    start_processing(order_id, actor=STAFF, now=clock.now())
    return ship_order(order_id, carrier="UPS", tracking_number="1Z", actor=STAFF, now=clock.now())


def fall_due(order: Order, days_ago: int) -> None:
    """The invoice was due that many days ago."""
    with transaction():
        db.session.get_one(Order, order.id).due_on = shop_today(clock.now()) - timedelta(days=days_ago)


def receive(order: Order, amount: Money, by: str = "check", **more: object) -> Payment:
    """Staff record money for it, received today."""
    return receive_by_id(order.id, amount, by, **more)


def receive_by_id(order_id: int, amount: Money, by: str = "check", **more: object) -> Payment:
    """The same for threads."""
    today: date = shop_today(clock.now())
    values: dict[str, object] = {
        "order_id": order_id, "amount": amount, "by": by, "received_on": today, "reference": "1042", "key": str(uuid4()),
    }  # fmt: skip
    command = RecordReceipt(**(values | more))  # type: ignore[arg-type]
    return record_receipt(command, actor=STAFF, now=clock.now(), today=today)


def fresh(order: Order) -> Order:
    db.session.rollback()
    return db.session.get_one(Order, order.id, populate_existing=True)


Run = Callable[..., object]
