"""A check, a transfer or cash came in for an order on a promise."""

from __future__ import annotations

from datetime import date

from app.mail.message import Frame, Message, write
from app.mail.order_facts import OrderFacts
from app.shared.money import Money


def payment_received(
    frame: Frame,
    *,
    order: OrderFacts,
    amount: Money,
    by: str,
    received_on: date,
    owed: Money,
    due_on: date | None,
    invoice_number: str,
) -> Message:
    """`by` reads like "check 1042"; `owed` is what is still open; before the goods left there is no invoice and no due day."""
    return write(
        frame,
        "payment_received",
        to=order.buyer_email,
        subject=f"We received {amount} for order {order.number}",
        order=order,
        amount=amount,
        by=by,
        received_on=received_on,
        owed=owed,
        due_on=due_on,
        invoice_number=invoice_number,
        link=frame.link(f"/orders/{order.number}"),
    )
