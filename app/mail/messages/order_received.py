"""The order is placed and the card authorized; nothing is charged yet."""

from __future__ import annotations

from app.mail.message import Frame, Message, write
from app.mail.order_facts import OrderFacts


def order_received(frame: Frame, *, order: OrderFacts, card: str) -> Message:
    """`card` reads like "Visa ending 1111", or is empty when no card is known."""
    return write(
        frame,
        "order_received",
        to=order.buyer_email,
        subject=f"We have your order {order.number}",
        order=order,
        card=card,
        link=frame.link(f"/orders/{order.number}"),
    )
