"""A link to pay an order by card, sent because staff were asked for one."""

from __future__ import annotations

from app.mail.message import Frame, Message, write
from app.mail.order_facts import OrderFacts
from app.shared.money import Money


def pay_link(frame: Frame, *, order: OrderFacts, owed: Money, link: str, link_days: int) -> Message:
    """`owed` is what the order still owes today; `link` pays it and works for `link_days`."""
    return write(
        frame,
        "pay_link",
        to=order.buyer_email,
        subject=f"Order {order.number}: the link to pay it by card",
        order=order,
        owed=owed,
        link=link,
        link_days=link_days,
    )
