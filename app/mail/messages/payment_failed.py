"""The card was declined after the order was placed, or its authorization ran out."""

from __future__ import annotations

from app.mail.message import Frame, Message, write
from app.mail.order_facts import OrderFacts


def payment_failed(
    frame: Frame, *, order: OrderFacts, card: str, has_lapsed: bool, words: str, link: str
) -> Message:
    """`words` is the decline in plain words, or empty; `has_lapsed` when the hold ran out, or was let go, before it was
    charged; `link` pays the order."""
    return write(
        frame,
        "payment_failed",
        to=order.buyer_email,
        subject=f"Order {order.number}: we could not charge your card",
        order=order,
        card=card,
        has_lapsed=has_lapsed,
        words=words,
        link=link,
    )
