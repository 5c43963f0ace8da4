"""The card was charged."""

from __future__ import annotations

from datetime import datetime

from app.mail.message import Frame, Message, write
from app.mail.order_facts import OrderFacts
from app.shared.money import Money


def order_receipt(
    frame: Frame, *, order: OrderFacts, amount: Money, card: str, charged_at: datetime
) -> Message:
    """`card` reads like "Visa ending 1111", or is empty when no card is known."""
    return write(
        frame,
        "order_receipt",
        to=order.buyer_email,
        subject=f"Receipt for order {order.number}: {amount}",
        order=order,
        amount=amount,
        card=card,
        charged_at=charged_at,
        link=frame.link(f"/orders/{order.number}"),
    )
