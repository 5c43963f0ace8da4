"""The invoice of an order on a promise: issued when its goods leave, and mailed."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.orders.models import Order
from app.orders.numbers import next_invoice_number
from app.outbox.kinds import Kind
from app.outbox.post import post
from app.shared import history
from app.shared.history import Actor
from app.shop.queries import shop_today


def issue_invoice(order: Order, *, actor: Actor, now: datetime) -> None:
    """Number it, date it and post its mail, in the open transaction with the order locked; once, however often called.

    Due the order's net days after the shop's own day; what is paid on pickup is due that day.
    """
    if order.invoice_number is not None:
        return
    order.invoice_number = next_invoice_number()
    order.invoiced_at = now
    order.due_on = shop_today(now) + timedelta(days=order.terms_days)
    history.record("order", order.id, "invoiced", actor=actor, at=now, invoice=order.invoice_number)
    post(Kind.MAIL_INVOICE, order_id=order.id)
