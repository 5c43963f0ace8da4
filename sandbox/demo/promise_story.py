"""How an order of the demo that is paid without a card went on: the promise, the invoice, what came in for it."""

from datetime import datetime, timedelta

from app.extensions import db
from app.orders.models import Order
from app.orders.numbers import next_invoice_number
from app.orders.status import OrderStatus
from app.payments.hand_gateway import provider_id_of
from app.payments.models import Payment
from app.payments.record import keep_answer
from app.payments.settle_balance import settle_balance
from app.payments.status import PaymentStatus
from app.shared import history
from app.shared.history import Actor
from app.shared.money import Money
from app.shop.queries import shop_today

_P = PaymentStatus
# Of the total, in hundredths, and by what it came.
RECEIVED: dict[str, tuple[int, str, str]] = {"half": (50, "check", "20418"), "all": (100, "ach", "FW-7731")}
RECEIVED_AFTER = timedelta(days=9)


def promise(order: Order, key: str, *, buyer: Actor, at: datetime) -> None:
    """The promise, written and accepted in one moment."""
    name = str(order.payment_method.value)
    payment = _add(order, name, order.total_cents, key, buyer, order.placed_at)
    payment.authorized_at = at
    keep_answer(payment, "authorize", "authorized", {}, at)
    payment.move_to(_P.AUTHORIZED, actor=buyer, at=at)
    order.move_to(OrderStatus.PAYMENT_PENDING, actor=buyer, at=at)


def invoice(order: Order, *, actor: Actor, at: datetime) -> None:
    """As shipping issues it, without its mail."""
    if not order.payment_method.is_promise:
        return
    order.invoice_number, order.invoiced_at = next_invoice_number(), at
    order.due_on = shop_today(at) + timedelta(days=order.terms_days)
    history.record("order", order.id, "invoiced", actor=actor, at=at, invoice=order.invoice_number)


def receive(order: Order, what: str, key: str, *, actor: Actor, at: datetime) -> None:
    """A check or a transfer over a part of the total, or all of it."""
    share, by, reference = RECEIVED[what]
    amount = Money(order.total_cents.cents * share // 100)
    receipt = _add(order, by, amount, key, actor, at)
    receipt.received_on, receipt.receipt_reference = shop_today(at), reference
    receipt.captured_at = at
    receipt.move_to(_P.CAPTURED, actor=actor, at=at, reason=receipt.receipt_words)
    settle_balance(order, actor=actor, now=at)


def _add(order: Order, provider: str, amount: Money, key: str, actor: Actor, at: datetime) -> Payment:
    payment = Payment(
        order_id=order.id,
        provider=provider,
        amount_cents=amount,
        idempotency_key=key,
        provider_payment_id=provider_id_of(provider, key),
        created_at=at,
    )
    db.session.add(payment)
    db.session.flush()
    history.record(
        "payment", payment.id, "created", actor=actor, at=at, to_status=payment.status, order=order.number
    )
    return payment
