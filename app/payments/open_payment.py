"""Write the payment before anyone is asked for money, with what heals it if the next line crashes."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from app.extensions import db
from app.orders.models import Order
from app.outbox.kinds import Kind
from app.outbox.post import post
from app.payments.models import Payment
from app.payments.status import BY_HAND
from app.shared import history
from app.shared.history import Actor
from app.shared.money import Money


def open_payment(
    order: Order, *, provider: str, amount: Money, settle_after: timedelta, actor: Actor, now: datetime
) -> Payment:
    """A `created` payment of this amount, in the open transaction, with its idempotency key.

    A card payment takes the order's one live place (IntegrityError while another has it); a promise takes none.

    Also posts "settle payment", so that a crash before the answer is recorded heals itself.
    """
    payment = Payment(
        order_id=order.id,
        live_order_id=None if provider in BY_HAND else order.id,
        provider=provider,
        amount_cents=amount,
        idempotency_key=str(uuid.uuid4()),
        created_at=now,
    )
    db.session.add(payment)
    db.session.flush()
    history.record(
        "payment", payment.id, "created", actor=actor, at=now, to_status=payment.status, order=order.number
    )
    post(Kind.PAYMENT_SETTLE, due_at=now + settle_after, payment_id=payment.id)
    return payment
