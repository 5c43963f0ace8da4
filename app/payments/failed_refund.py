"""A refund that came to nothing and still waits for a person: only such a one is sent again, given by hand or closed."""

from __future__ import annotations

from app.extensions import db
from app.orders.models import Order
from app.payments.models import Payment, Refund
from app.payments.record import lock_order_and_payment
from app.payments.status import GAVE_BACK
from app.shared.errors import Conflict, NotFound
from app.shared.transaction import lock


def lock_failed_refund(refund_id: int) -> tuple[Order, Payment, Refund]:
    """The refund with its order and payment, all locked in the open transaction.

    NotFound without such a refund; Conflict when it did not fail, another one stands in its place, or it was closed.
    """
    found = db.session.get(Refund, refund_id)
    if found is None:
        raise NotFound()
    order, payment = lock_order_and_payment(found.payment_id)
    failed = lock(Refund, refund_id)
    if failed.status in GAVE_BACK:
        words = failed.status.label.lower()
        raise Conflict(f"This refund is {words}; there is nothing to send again or to close.")
    if db.session.scalars(db.select(Refund.id).filter_by(replaces_id=failed.id)).first() is not None:
        raise Conflict("This refund was sent again already, or given back by hand.")
    if failed.closed_at is not None:
        raise Conflict("This refund was closed already: somebody said that there is nothing more to do.")
    return order, payment, failed
