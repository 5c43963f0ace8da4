"""Mails about money that goes back, and about orders of which less is shipped."""

from __future__ import annotations

from app.extensions import db
from app.mail.messages.order_shortened import order_shortened
from app.mail.messages.refund_sent import refund_sent
from app.mail.order_facts import find_order_facts
from app.mail.refund_facts import find_refund_facts, list_short_lines, words_for_money
from app.orders.models import Order
from app.orders.status import OrderStatus
from app.payments.status import GAVE_BACK
from jobs.handlers.post_office import mail_frame, send_mail


def send_order_shortened(order_id: int) -> None:
    """Nothing to do for an order that was cancelled before the mail left: the cancellation has its own."""
    order = db.session.get(Order, order_id)
    facts = find_order_facts(order_id)
    short_lines = list_short_lines(order_id)
    if order is None or facts is None or not short_lines or order.status is OrderStatus.CANCELLED:
        return
    words = words_for_money(order)
    send_mail(order_shortened(mail_frame(), order=facts, short_lines=short_lines, money_words=words))


def send_refund_sent(refund_id: int) -> None:
    """Nothing to do for a refund that failed before the mail left: nothing is on its way."""
    found = find_refund_facts(refund_id)
    if found is None or found[0].status not in GAVE_BACK:
        return
    order = find_order_facts(found[0].order_id)
    if order is not None:
        send_mail(refund_sent(mail_frame(), order=order, refund=found[1]))
