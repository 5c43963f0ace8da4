"""Some of an order cannot be shipped: what, why, and what it costs now."""

from __future__ import annotations

from collections.abc import Sequence

from app.mail.message import Frame, Message, write
from app.mail.order_facts import OrderFacts
from app.mail.refund_facts import ShortLine


def order_shortened(
    frame: Frame, *, order: OrderFacts, short_lines: Sequence[ShortLine], money_words: str
) -> Message:
    """`money_words`: a sentence on what is charged, owed or given back."""
    return write(
        frame,
        "order_shortened",
        to=order.buyer_email,
        subject=f"Order {order.number}: some of it cannot be shipped",
        order=order,
        short_lines=short_lines,
        money_words=money_words,
        link=frame.link(f"/orders/{order.number}"),
    )
