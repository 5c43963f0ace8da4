"""The application is approved: prices and ordering are open."""

from __future__ import annotations

from app.mail.message import Frame, Message, write
from app.shared.money import Money


def business_approved(
    frame: Frame,
    *,
    to: str,
    name: str,
    business_name: str,
    first_order_minimum: Money,
    reorder_minimum: Money,
) -> Message:
    """Minimums of nothing are not mentioned."""
    return write(
        frame,
        "business_approved",
        to=to,
        subject=f"{business_name} is approved: prices and ordering are open",
        name=name,
        business_name=business_name,
        first_order_minimum=first_order_minimum,
        reorder_minimum=reorder_minimum,
        link=frame.link("/catalog"),
    )
