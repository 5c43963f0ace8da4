"""Mails about orders on a promise: the invoice, and what came in for it."""

from __future__ import annotations

from app.extensions import db
from app.mail.messages.invoice import invoice
from app.mail.messages.payment_received import payment_received
from app.mail.order_facts import find_order_facts
from app.orders.models import Order
from app.orders.status import OrderStatus
from app.payments.ageing import days_overdue
from app.payments.models import Payment
from app.payments.pay_links import make_pay_link
from app.payments.queries import balance, received
from app.shared import clock
from app.shop.models import ShopFacts
from app.shop.queries import get_shop, shop_today
from jobs.handlers.post_office import mail_frame, send_mail


def send_invoice(order_id: int) -> None:
    """As it stands now: sent again later, it says what is owed then. Nothing for an order that was cancelled."""
    order = db.session.get(Order, order_id)
    facts = find_order_facts(order_id)
    if order is None or facts is None or order.status is OrderStatus.CANCELLED:
        return
    if order.invoice_number is None or order.invoiced_at is None or order.due_on is None:
        return
    owed = balance(order)
    send_mail(
        invoice(
            mail_frame(),
            order=facts,
            number=order.invoice_number,
            issued_on=shop_today(order.invoiced_at),
            due_on=order.due_on,
            owed=owed,
            paid=received(order_id),
            days_late=days_overdue(order.due_on, shop_today(clock.now())) if owed else 0,
            pay_to=_address_of(get_shop()),
            pay_link=make_pay_link(order_id),
        )
    )


def send_payment_received(payment: Payment) -> None:
    """To the buyer, about money that staff recorded and that still counts."""
    order = db.session.get(Order, payment.order_id)
    facts = find_order_facts(payment.order_id)
    if order is None or facts is None or payment.received_on is None:
        return
    send_mail(
        payment_received(
            mail_frame(),
            order=facts,
            amount=payment.amount_cents,
            by=payment.receipt_words,
            received_on=payment.received_on,
            owed=balance(order),
            due_on=order.due_on,
            invoice_number=order.invoice_number or "",
        )
    )


def _address_of(shop: ShopFacts) -> tuple[str, ...]:
    place = f"{shop.city}, {shop.state} {shop.postal_code}".strip(" ,")
    return tuple(line for line in (shop.name, shop.line1, shop.line2, place) if line)
