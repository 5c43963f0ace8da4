"""Mails about orders and their payments."""

from __future__ import annotations

from app.extensions import db
from app.mail.messages.order_cancelled import order_cancelled
from app.mail.messages.order_notice import order_notice
from app.mail.messages.order_receipt import order_receipt
from app.mail.messages.order_received import order_received
from app.mail.messages.payment_failed import payment_failed
from app.mail.order_facts import find_order_facts
from app.mail.refund_facts import coming_back
from app.orders.models import Order
from app.orders.status import OrderStatus
from app.payments.decline_words import words_for
from app.payments.models import Payment
from app.payments.pay_links import make_pay_link
from app.payments.pay_state import PayState
from app.payments.payable import find_standing
from app.payments.queries import list_payments
from app.payments.status import BY_HAND, LIVE, RECEIPTS, PaymentStatus
from app.shared.history import list_history
from app.shared.money import Money
from jobs.handlers.invoice_mail import send_payment_received
from jobs.handlers.post_office import mail_frame, send_mail


def send_order_received(order_id: int) -> None:
    """Nothing to do for an order that was cancelled before the mail left: the cancellation has its own."""
    order = db.session.get(Order, order_id)
    facts = find_order_facts(order_id)
    if order is None or facts is None or order.status is OrderStatus.CANCELLED:
        return
    send_mail(order_received(mail_frame(), order=facts, card=_card_of(order_id)))


def send_order_receipt(payment_id: int) -> None:
    payment = db.session.get(Payment, payment_id)
    facts = find_order_facts(payment.order_id) if payment else None
    if payment is None or facts is None or payment.captured_at is None:
        return
    if payment.provider in RECEIPTS:
        send_payment_received(payment)
        return
    send_mail(
        order_receipt(
            mail_frame(),
            order=facts,
            amount=payment.amount_cents,
            card=payment.card_label,
            charged_at=payment.captured_at,
        )
    )


def send_order_notice(order_id: int) -> None:
    order = db.session.get(Order, order_id)
    facts = find_order_facts(order_id)
    if order is None or facts is None or order.status is OrderStatus.CANCELLED:
        return
    send_mail(order_notice(mail_frame(), order=facts, order_id=order_id))


def send_order_cancelled(order_id: int) -> None:
    order = db.session.get(Order, order_id)
    facts = find_order_facts(order_id)
    if order is None or facts is None or order.status is not OrderStatus.CANCELLED:
        return
    taken = [payment for payment in list_payments(order_id) if payment.captured_at is not None]
    send_mail(
        order_cancelled(
            mail_frame(),
            order=facts,
            reason=_reason_of_shop(order),
            was_charged=any(payment.provider not in BY_HAND for payment in taken),
            back_to_card=coming_back(taken),
            came_by_hand=Money.total(each.amount_cents for each in taken if each.provider in RECEIPTS),
        )
    )


def send_payment_failed(payment_id: int) -> None:
    """Nothing to do once the order was paid in another way, is being paid, or was given up."""
    payment = db.session.get(Payment, payment_id)
    order = db.session.get(Order, payment.order_id) if payment else None
    facts = find_order_facts(payment.order_id) if payment else None
    if payment is None or order is None or facts is None:
        return
    if find_standing(order).state not in {PayState.OPEN, PayState.ENDING}:
        return
    send_mail(
        payment_failed(
            mail_frame(),
            order=facts,
            card=payment.card_label,
            has_lapsed=payment.status is PaymentStatus.LAPSED,
            words=_why_not_charged(payment),
            link=make_pay_link(order.id),
        )
    )


def _why_not_charged(payment: Payment) -> str:
    if payment.decline_code:
        return words_for(payment.decline_code)
    was_held = payment.authorized_at is not None
    return "The order was not ready in time, so we let the hold on your card go." if was_held else ""


def _card_of(order_id: int) -> str:
    live = [payment for payment in list_payments(order_id) if payment.status in LIVE]
    return live[-1].card_label if live else ""


def _reason_of_shop(order: Order) -> str:
    """Why the shop cancelled; a buyer who cancelled knows why."""
    moves = [
        entry for entry in list_history("order", order.id) if entry.to_status == OrderStatus.CANCELLED.value
    ]
    if not moves or moves[-1].actor_id == order.user_id:
        return ""
    return moves[-1].reason
