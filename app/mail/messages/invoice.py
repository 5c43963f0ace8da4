"""The goods of an order on a promise left, or it is asked for once more: what is owed, until when, and how to pay it."""

from __future__ import annotations

from datetime import date

from app.mail.message import Frame, Message, write
from app.mail.order_facts import OrderFacts
from app.shared.money import Money


def invoice(
    frame: Frame,
    *,
    order: OrderFacts,
    number: str,
    issued_on: date,
    due_on: date,
    owed: Money,
    paid: Money,
    days_late: int,
    pay_to: tuple[str, ...],
    pay_link: str,
) -> Message:
    """`owed` may be zero (paid ahead); `pay_to` is the shop's name and address for a check, a line each; `pay_link` pays by
    card and is a key."""
    return write(
        frame,
        "invoice",
        to=order.buyer_email,
        subject=f"Invoice {number} for order {order.number}: {owed} due {due_on:%b} {due_on.day}, {due_on.year}"
        if owed
        else f"Invoice {number} for order {order.number}: paid",
        order=order,
        number=number,
        issued_on=issued_on,
        due_on=due_on,
        owed=owed,
        paid=paid,
        days_late=days_late,
        pay_to=pay_to,
        pay_link=pay_link,
        link=frame.link(f"/orders/{order.number}"),
        print_link=frame.link(f"/orders/{order.number}/print"),
    )
