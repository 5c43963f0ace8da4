"""The order is cancelled, and what becomes of the money."""

from __future__ import annotations

from app.mail.message import Frame, Message, write
from app.mail.order_facts import OrderFacts
from app.shared.money import ZERO, Money


def order_cancelled(
    frame: Frame,
    *,
    order: OrderFacts,
    reason: str,
    was_charged: bool,
    back_to_card: Money = ZERO,
    came_by_hand: Money = ZERO,
) -> Message:
    """`reason` may be empty; `was_charged` tells a refund from a hold that is let go, and `back_to_card` how much of it
    comes back now; `came_by_hand` is what was paid by check, transfer or cash and is given back by a person."""
    return write(
        frame,
        "order_cancelled",
        to=order.buyer_email,
        subject=f"Order {order.number} is cancelled",
        order=order,
        reason=reason,
        was_charged=was_charged,
        back_to_card=back_to_card,
        came_by_hand=came_by_hand,
        link=frame.link(f"/orders/{order.number}"),
    )
