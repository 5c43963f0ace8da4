"""The order is cancelled, and what becomes of the money."""

from __future__ import annotations

from app.mail.message import Frame, Message, write
from app.mail.order_facts import OrderFacts


def order_cancelled(frame: Frame, *, order: OrderFacts, reason: str, was_charged: bool) -> Message:
    """`reason` may be empty; `was_charged` tells a refund from a hold that is let go."""
    return write(
        frame,
        "order_cancelled",
        to=order.buyer_email,
        subject=f"Order {order.number} is cancelled",
        order=order,
        reason=reason,
        was_charged=was_charged,
        link=frame.link(f"/orders/{order.number}"),
    )
