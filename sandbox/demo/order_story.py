"""How an order of the demo went on after it was placed: payment, packing, sending, coming back, each with its moment."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

from app.accounts.models import User
from app.extensions import db
from app.inventory.move import ship
from app.orders.models import Order
from app.orders.queries import reserved_quantities
from app.orders.status import OrderStatus
from app.payments.models import Payment, Refund
from app.payments.record import keep_answer
from app.payments.status import LIVE, PaymentStatus, RefundStatus
from app.shared import history
from app.shared.history import Actor
from app.shared.money import Money
from sandbox.demo.demo_bank import Bill, Story
from sandbox.demo.orders import DemoOrder
from sandbox.demo.promise_story import RECEIVED_AFTER, invoice, promise, receive

_O, _P, _R = OrderStatus, PaymentStatus, RefundStatus

FULFILMENT = "fulfilment@harborandpine.example"
FINANCE = "finance@harborandpine.example"
CAPTURE_JOB = Actor.system("Capture job")
RELEASE_JOB = Actor.system("Release job")
REFUND_JOB = Actor.system("Refund job")

_AUTHORIZED_AFTER = timedelta(seconds=4)
_CAPTURED_AFTER = timedelta(seconds=21)
_PACKED_AFTER = timedelta(hours=20)
_SHIPPED_AFTER = timedelta(hours=27)
_DELIVERED_AFTER = timedelta(days=4, hours=6)
_RETURNED_AFTER = timedelta(days=13)
_CANCELLED_AFTER = timedelta(hours=3)
_ABANDONED_AFTER = timedelta(days=7, hours=2)

_ENDS = {
    "pending": _P.UNKNOWN,
    "payment_pending": _P.AUTHORIZED,
    "declined": _P.DECLINED,
    "abandoned": _P.DECLINED,
    "lapsed": _P.LAPSED,
    "voided": _P.VOIDED,
}
_GOES_OUT = ("processing", "shipped", "delivered", "returned")


@dataclass(frozen=True)
class Telling:
    """One order to tell on: what the demo says of it, its row, and what the bank answered."""

    demo: DemoOrder
    order: Order
    token: str
    story: Story
    now: datetime

    @property
    def placed_at(self) -> datetime:
        return self.order.placed_at

    @property
    def buyer(self) -> Actor:
        return Actor(self.order.user_id, self.order.buyer_name)


def _key(token: str, of: str = "payment") -> str:
    return str(uuid5(NAMESPACE_URL, f"{of}/{token}"))


def _ends(demo: DemoOrder) -> PaymentStatus:
    return _ENDS.get(demo.outcome or demo.status, _P.CAPTURED)


def _is_refunded(demo: DemoOrder) -> bool:
    return demo.outcome == "refunded" or demo.status == "returned"


def bill_for(demo: DemoOrder, token: str, total: Money, placed_at: datetime) -> Bill:
    """What the order asks of the bank."""
    return Bill(
        key=_key(token),
        refund_key=_key(token, "refund"),
        amount=total,
        buyer_email=demo.buyer,
        note="Demo order",
        ends=_ends(demo),
        is_refunded=_is_refunded(demo),
        placed_at=placed_at,
    )


def tell_story(telling: Telling) -> None:
    """Write payment, moves and stock in the open transaction, up to where the order stands today."""
    if telling.order.payment_method.is_promise:
        _tell_promise(telling)
        return
    payment = _open(telling)
    ends = _ends(telling.demo)
    if ends is _P.UNKNOWN:
        at = telling.placed_at + timedelta(seconds=9)
        keep_answer(payment, "authorize", "unknown", {"cause": "no answer from Square (ReadTimeout)"}, at)
        payment.move_to(_P.UNKNOWN, actor=telling.buyer, at=at, reason="no answer from Square (ReadTimeout)")
    elif ends is _P.DECLINED:
        _decline(telling, payment)
    else:
        _authorize(telling, payment)
        _go_on(telling, payment, ends)
    payment.live_order_id = telling.order.id if payment.status in LIVE else None


def _tell_promise(telling: Telling) -> None:
    order = telling.order
    promise(order, _key(telling.token), buyer=telling.buyer, at=telling.placed_at + _AUTHORIZED_AFTER)
    _send(telling)
    if telling.demo.received:
        at = telling.placed_at + RECEIVED_AFTER
        receive(order, telling.demo.received, _key(telling.token, "receipt"), actor=_staff(FINANCE), at=at)


def _go_on(telling: Telling, payment: Payment, ends: PaymentStatus) -> None:
    if ends is _P.CAPTURED:
        _capture(telling, payment)
        _send(telling)
    elif ends is _P.LAPSED:
        _lapse(telling, payment)
    elif ends is _P.VOIDED:
        _cancel(telling, _CANCELLED_AFTER, "Ordered twice by mistake")
        at = telling.placed_at + _CANCELLED_AFTER + timedelta(seconds=6)
        keep_answer(payment, "void", "voided", _answer(telling), at)
        payment.move_to(_P.VOIDED, actor=RELEASE_JOB, at=at, reason="Order cancelled")
    if _is_refunded(telling.demo):
        _refund(telling, payment)


def _open(telling: Telling) -> Payment:
    order = telling.order
    payment = Payment(
        order_id=order.id,
        live_order_id=order.id,
        amount_cents=order.total_cents,
        idempotency_key=_key(telling.token),
        created_at=order.placed_at,
    )
    db.session.add(payment)
    db.session.flush()
    history.record(
        "payment",
        payment.id,
        "created",
        actor=telling.buyer,
        at=order.placed_at,
        to_status=payment.status,
        order=order.number,
    )
    return payment


def _answer(telling: Telling) -> dict[str, object]:
    return dict(telling.story.facts.answer) if telling.story.facts else {}


def _decline(telling: Telling, payment: Payment) -> None:
    at = telling.placed_at + _AUTHORIZED_AFTER
    declined = telling.story.decline
    words = declined.message if declined else ""
    payment.decline_code = declined.code if declined else ""
    keep_answer(payment, "authorize", "declined", dict(declined.answer) if declined else {}, at)
    payment.move_to(_P.DECLINED, actor=telling.buyer, at=at, reason=words)
    telling.order.move_to(_O.PAYMENT_FAILED, actor=telling.buyer, at=at, reason=words)
    if telling.demo.outcome == "abandoned":
        _cancel(telling, _ABANDONED_AFTER, "Payment failed and the order was not finished")


def _authorize(telling: Telling, payment: Payment) -> None:
    facts = telling.story.facts
    at = telling.placed_at + _AUTHORIZED_AFTER
    if facts is not None:
        payment.provider_payment_id = facts.provider_id
        payment.card_brand, payment.card_last4 = facts.card_brand[:20], facts.card_last4[:4]
        payment.lapses_at = facts.lapses_at
    payment.authorized_at = at
    keep_answer(payment, "authorize", "authorized", _answer(telling), at)
    payment.move_to(_P.AUTHORIZED, actor=telling.buyer, at=at)
    telling.order.move_to(_O.PAYMENT_PENDING, actor=telling.buyer, at=at)


def _capture(telling: Telling, payment: Payment) -> None:
    at = telling.placed_at + _CAPTURED_AFTER
    payment.move_to(_P.CAPTURING, actor=CAPTURE_JOB, at=at - timedelta(seconds=1))
    keep_answer(payment, "capture", "captured", _answer(telling), at)
    payment.captured_at = telling.order.paid_at = at
    payment.move_to(_P.CAPTURED, actor=CAPTURE_JOB, at=at)
    telling.order.move_to(_O.PAID, actor=CAPTURE_JOB, at=at)
    if telling.demo.outcome == "refunded":
        _cancel(telling, _CANCELLED_AFTER, "The shop closed for the season")


def _lapse(telling: Telling, payment: Payment) -> None:
    at = telling.placed_at + timedelta(hours=30)
    keep_answer(payment, "capture", "voided", _answer(telling), at)
    payment.move_to(_P.CAPTURING, actor=CAPTURE_JOB, at=at)
    payment.move_to(_P.LAPSED, actor=CAPTURE_JOB, at=at, reason="The provider no longer holds the amount.")
    reason = "The hold on your card ended before it was charged."
    telling.order.move_to(_O.PAYMENT_FAILED, actor=CAPTURE_JOB, at=at, reason=reason)


def _cancel(telling: Telling, after: timedelta, reason: str) -> None:
    """Nothing goes back on the shelf: a cancelled order of the demo was never taken off it."""
    at = telling.placed_at + after
    actor = Actor.system("Abandoned orders job") if after is _ABANDONED_AFTER else telling.buyer
    telling.order.move_to(_O.CANCELLED, actor=actor, at=at, reason=reason)
    telling.order.cancelled_at = at


def _send(telling: Telling) -> None:
    """Packed, sent, arrived, come back: as far as the order got."""
    order, status = telling.order, telling.demo.status
    if status not in _GOES_OUT:
        return
    stockroom = _staff(FULFILMENT)
    order.move_to(_O.PROCESSING, actor=stockroom, at=telling.placed_at + _PACKED_AFTER)
    if status == "processing":
        return
    at = telling.placed_at + _SHIPPED_AFTER
    order.shipped_at = at
    if not order.is_pickup:
        order.carrier, order.tracking_number = "UPS", f"1Z04R8F{order.id:04d}{order.total_cents.cents:07d}"
    order.move_to(
        _O.SHIPPED, actor=stockroom, at=at, carrier=order.carrier, tracking_number=order.tracking_number
    )
    invoice(order, actor=stockroom, at=at)
    ship(reserved_quantities(order.id))
    if status in {"delivered", "returned"}:
        order.move_to(_O.DELIVERED, actor=stockroom, at=telling.placed_at + _DELIVERED_AFTER)
    if status == "returned":
        reason = "Arrived after the season; sent back unopened"
        order.move_to(_O.RETURNED, actor=stockroom, at=telling.placed_at + _RETURNED_AFTER, reason=reason)


def _refund(telling: Telling, payment: Payment) -> None:
    is_return = telling.demo.status == "returned"
    at = telling.placed_at + (_RETURNED_AFTER + timedelta(hours=1) if is_return else _CANCELLED_AFTER)
    actor = _staff(FINANCE) if is_return else RELEASE_JOB
    found = telling.story.refund
    refund = Refund(
        payment_id=payment.id,
        order_id=telling.order.id,
        amount_cents=payment.amount_cents,
        reason="Goods returned" if is_return else "Order cancelled",
        idempotency_key=_key(telling.token, "refund"),
        provider_refund_id=found.provider_id if found else None,
        created_at=at,
        completed_at=at + timedelta(hours=26),
    )
    db.session.add(refund)
    db.session.flush()
    history.record("refund", refund.id, "requested", actor=actor, at=at, to_status=_R.REQUESTED)
    refund.move_to(_R.PENDING, actor=REFUND_JOB, at=at + timedelta(seconds=8))
    keep_answer(payment, "refund", "completed", dict(found.answer) if found else {}, at + timedelta(hours=26))
    refund.move_to(_R.COMPLETED, actor=REFUND_JOB, at=at + timedelta(hours=26))


def _staff(email: str) -> Actor:
    user: User = db.session.scalars(db.select(User).filter_by(email=email)).one()
    return user.as_actor
