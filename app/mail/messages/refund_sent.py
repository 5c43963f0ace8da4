"""A refund is on its way to the buyer: how much, for what, and why."""

from __future__ import annotations

from app.mail.message import Frame, Message, write
from app.mail.order_facts import OrderFacts
from app.mail.refund_facts import RefundFacts


def refund_sent(frame: Frame, *, order: OrderFacts, refund: RefundFacts) -> Message:
    return write(
        frame,
        "refund_sent",
        to=order.buyer_email,
        subject=f"Refund of {refund.amount} for order {order.number}",
        order=order,
        refund=refund,
        link=frame.link(f"/orders/{order.number}"),
    )
