"""The order is written down while cards could not be asked: it waits to be paid by link."""

from __future__ import annotations

from app.mail.message import Frame, Message, write
from app.mail.order_facts import OrderFacts


def order_kept(frame: Frame, *, order: OrderFacts, link: str, link_days: int, order_days: int) -> Message:
    """`link` pays the order and works for `link_days`; an order nobody pays is cancelled after `order_days`."""
    return write(
        frame,
        "order_kept",
        to=order.buyer_email,
        subject=f"Order {order.number} is written down: here is the link to pay it",
        order=order,
        link=link,
        link_days=link_days,
        order_days=order_days,
    )
