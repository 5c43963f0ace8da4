"""Mails that carry a link to pay an order. The link is signed here, when the mail leaves, and kept nowhere."""

from __future__ import annotations

from app.extensions import db
from app.mail.messages.order_kept import order_kept
from app.mail.messages.pay_link import pay_link
from app.mail.order_facts import find_order_facts
from app.orders.models import Order
from app.orders.status import OrderStatus
from app.payments.pay_links import GOOD_FOR, make_pay_link
from app.payments.payable import find_standing
from jobs.handlers.post_office import mail_frame, send_mail, shop_settings


def send_order_kept(order_id: int) -> None:
    """Nothing to do once the order was paid, is being paid or was cancelled."""
    order = db.session.get(Order, order_id)
    facts = find_order_facts(order_id)
    if order is None or facts is None or order.status is not OrderStatus.PAYMENT_FAILED:
        return
    days = shop_settings().abandoned_order_days
    link = make_pay_link(order_id)
    send_mail(order_kept(mail_frame(), order=facts, link=link, link_days=GOOD_FOR.days, order_days=days))


def send_pay_link(order_id: int) -> None:
    """Nothing to do once nothing is owed any more."""
    order = db.session.get(Order, order_id)
    facts = find_order_facts(order_id)
    if order is None or facts is None:
        return
    standing = find_standing(order)
    if not standing.is_open:
        return
    link = make_pay_link(order_id)
    send_mail(pay_link(mail_frame(), order=facts, owed=standing.owed, link=link, link_days=GOOD_FOR.days))
