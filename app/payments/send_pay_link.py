"""Staff send the buyer a link to pay an order by card. The link itself is made when the mail leaves."""

from __future__ import annotations

from datetime import datetime

from app.orders.models import Order
from app.outbox.kinds import Kind
from app.outbox.post import post
from app.payments.payable import find_standing
from app.shared import history
from app.shared.errors import Conflict
from app.shared.history import Actor
from app.shared.transaction import lock, retry_lost_races, transaction


@retry_lost_races
def send_pay_link(order_id: int, *, actor: Actor, now: datetime) -> Order:
    """Post the mail and note who sent it. Conflict when there is nothing a card could pay right now."""
    with transaction():
        order = lock(Order, order_id)
        standing = find_standing(order)
        if not standing.is_open:
            raise Conflict(f"There is nothing to pay by link now: {standing.state.label.lower()}.")
        post(Kind.MAIL_PAY_LINK, order_id=order.id)
        history.record("order", order.id, "payment_link_sent", actor=actor, at=now, amount=str(standing.owed))
        return order
