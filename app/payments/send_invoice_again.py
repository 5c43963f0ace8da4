"""Staff ask for an invoice once more, so that it is mailed again with what is owed now."""

from __future__ import annotations

from datetime import datetime

from app.orders.models import Order
from app.orders.status import OrderStatus
from app.outbox.kinds import Kind
from app.outbox.post import post
from app.shared import history
from app.shared.errors import Conflict
from app.shared.history import Actor
from app.shared.transaction import lock, retry_lost_races, transaction


@retry_lost_races
def send_invoice_again(order_id: int, *, actor: Actor, now: datetime) -> None:
    """Post the invoice mail; Conflict before the goods left, or for a cancelled order."""
    with transaction():
        order = lock(Order, order_id)
        if order.invoice_number is None or order.status is OrderStatus.CANCELLED:
            raise Conflict("This order has no invoice: it is issued when the goods leave.")
        post(Kind.MAIL_INVOICE, order_id=order.id)
        history.record(
            "order", order.id, "invoice_sent_again", actor=actor, at=now, invoice=order.invoice_number
        )
