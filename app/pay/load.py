"""What the page behind a payment link shows of one order: no more than its paper invoice would."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import joinedload

from app.extensions import db
from app.orders.models import Order
from app.payments.decline_words import words_for
from app.payments.models import Payment
from app.payments.pay_links import LinkUnknown
from app.payments.pay_state import PayState
from app.payments.payable import find_standing
from app.payments.queries import list_payments
from app.payments.status import BY_HAND, PROMISES, PaymentStatus
from app.shared.money import Money


@dataclass(frozen=True)
class Payable:
    """An order as a link shows it; `newest` is the id of its last payment row."""

    order: Order
    state: PayState
    owed: Money
    newest: int
    # Money that came in, oldest first.
    received: tuple[Payment, ...]
    # Why the last card was refused, in words; "" when it was not.
    decline: str


def load_payable(order_id: int) -> Payable:
    """The order with its lines and where its payment stands; LinkUnknown when the order is gone."""
    query = db.select(Order).filter_by(id=order_id).options(joinedload(Order.lines))
    order: Order | None = db.session.scalars(query).unique().one_or_none()
    if order is None:
        raise LinkUnknown()
    payments = list_payments(order_id)
    standing = find_standing(order, payments)
    return Payable(
        order=order,
        state=standing.state,
        owed=standing.owed,
        newest=standing.newest,
        received=tuple(each for each in payments if _is_money(each)),
        decline=_decline(payments),
    )


def _is_money(payment: Payment) -> bool:
    return payment.status is PaymentStatus.CAPTURED and payment.provider not in PROMISES


def _decline(payments: Sequence[Payment]) -> str:
    last = next((each for each in reversed(payments) if each.provider not in BY_HAND), None)
    return words_for(last.decline_code) if last is not None and last.decline_code else ""
