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
    net_days: int = 0,
    credit_limit: Money | None = None,
) -> Message:
    """Minimums of nothing, and terms where there are none, are not mentioned."""
    return write(
        frame,
        "business_approved",
        to=to,
        subject=f"{business_name} is approved: prices and ordering are open",
        name=name,
        business_name=business_name,
        first_order_minimum=first_order_minimum,
        reorder_minimum=reorder_minimum,
        terms=_terms(net_days, credit_limit),
        link=frame.link("/catalog"),
    )


def _terms(net_days: int, credit_limit: Money | None) -> str:
    if not net_days:
        return ""
    limit = "" if credit_limit is None else f" Up to {credit_limit} may be open at a time."
    return (
        f"You may order on account: an invoice comes when the goods leave, due {net_days} days later.{limit}"
    )
