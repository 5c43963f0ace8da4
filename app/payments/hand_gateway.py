"""Payment without a card, behind the same contract: promises (net terms, pay on pickup) and receipts (check, transfer, cash).

Nobody outside is asked. What a provider would know stands on our own books, so `get` and `find` read those: a promise
that was written in placing an order is found there by "settle payment" like a card's hold at the card's provider.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from sqlalchemy import ColumnElement

from app.extensions import db
from app.orders.models import Order
from app.payments.gateway import Charge, Declined, HoldState, NotThere, PaymentFacts, RefundFacts, RefundState
from app.payments.models import Payment, Refund
from app.payments.queries import balance, given_back
from app.payments.status import BY_HAND, PROMISES, PaymentStatus, RefundStatus
from app.shared.money import Money
from app.shared.transaction import in_transaction

T = TypeVar("T")
_P, _H, _R = PaymentStatus, HoldState, RefundStatus
# A promise stands from the moment it is written with its order; a receipt is written as money that is there.
_STATE_OF = {
    _P.CREATED: _H.AUTHORIZED, _P.UNKNOWN: _H.AUTHORIZED, _P.AUTHORIZED: _H.AUTHORIZED, _P.CAPTURING: _H.AUTHORIZED,
    _P.CAPTURED: _H.CAPTURED, _P.VOIDED: _H.VOIDED, _P.LAPSED: _H.VOIDED, _P.DECLINED: _H.FAILED, _P.FAILED: _H.FAILED,
}  # fmt: skip
_REFUND_STATE_OF = {
    _R.REJECTED: RefundState.REJECTED, _R.FAILED: RefundState.FAILED, _R.COMPLETED: RefundState.COMPLETED,
}  # fmt: skip


class HandGateway:
    """One instance for each name in BY_HAND; ValueError for any other. `location` is empty: there is no till outside."""

    location = ""

    def __init__(self, name: str):
        if name not in BY_HAND:
            raise ValueError(f"not paid by hand: {name}")
        self.name = name

    def authorize(self, charge: Charge) -> PaymentFacts:
        """A promise is accepted and never lapses; a receipt is money that is there already."""
        state = _H.AUTHORIZED if self.name in PROMISES else _H.CAPTURED
        return _read(
            lambda: PaymentFacts(
                provider_id=provider_id_of(self.name, charge.key), state=state, amount=charge.amount,
                reference=charge.reference,
            )
        )  # fmt: skip

    def get(self, provider_id: str) -> PaymentFacts:
        return _read(lambda: self._facts(self._row(provider_id)))

    def find(self, reference: str, *, begin: datetime, end: datetime) -> PaymentFacts | None:
        """Ours by its reference; the window is for providers whose lists have to be searched."""
        found = _read(lambda: self._list_payments(Payment.idempotency_key == reference))
        return found[0] if found else None

    def capture(self, provider_id: str, version_token: str = "") -> PaymentFacts:
        """What our books say: captured once nothing is owed; until then the promise stands as it is."""

        def look() -> PaymentFacts:
            row = self._row(provider_id)
            facts = self._facts(row)
            is_kept = balance(db.session.get_one(Order, row.order_id)).cents <= 0
            return replace(facts, state=_H.CAPTURED) if facts.state is _H.AUTHORIZED and is_kept else facts

        return _read(look)

    def lower(self, provider_id: str, amount: Money, key: str, version_token: str) -> PaymentFacts:
        """Nothing is held that could be lowered: what is owed follows the order's total by itself."""
        return self.get(provider_id)

    def void(self, provider_id: str) -> PaymentFacts:
        """Let the promise go. Declined for money that came in: that can only be given back."""
        facts = self.get(provider_id)
        if facts.state is _H.CAPTURED:
            raise Declined("This money came in already; it can only be given back.", "ALREADY_CAPTURED")
        return replace(facts, state=_H.VOIDED)

    def cancel_by_key(self, key: str) -> None:
        """Nothing is anywhere but on our books, and those say already what became of it."""
        _read(lambda: None)

    def refund(self, provider_id: str, amount: Money, key: str, reason: str) -> RefundFacts:
        """Of a promise a credit, of a receipt money that staff hand back: done as soon as it is written. Declined for
        more than there is, all refunds together; the same key is the same refund."""

        def give() -> RefundFacts:
            row = self._row(provider_id)
            if amount > row.amount_cents - given_back(row.id, besides=key):
                raise Declined("That is more than this payment came to.", "REFUND_AMOUNT_INVALID")
            return RefundFacts(
                provider_id=f"refund-{key}",
                state=RefundState.COMPLETED,
                amount=amount,
                payment_provider_id=provider_id,
            )

        return _read(give)

    def get_refund(self, provider_id: str) -> RefundFacts:
        found = _read(
            lambda: self._list_refunds(Refund.idempotency_key == provider_id.removeprefix("refund-"))
        )
        if not found:
            raise NotThere(f"no {self.name} refund {provider_id}")
        return found[0]

    def list_payments(self, begin: datetime, end: datetime) -> list[PaymentFacts]:
        return _read(lambda: self._list_payments(Payment.created_at >= begin, Payment.created_at < end))

    def list_refunds(self, begin: datetime, end: datetime) -> list[RefundFacts]:
        return _read(lambda: self._list_refunds(Refund.created_at >= begin, Refund.created_at < end))

    def _row(self, provider_id: str) -> Payment:
        query = db.select(Payment).filter_by(provider=self.name)
        key = provider_id.removeprefix(f"{self.name}-")
        row: Payment | None = db.session.scalars(query.filter_by(idempotency_key=key)).one_or_none()
        if row is None:
            raise NotThere(f"no {self.name} payment {provider_id}")
        return row

    def _facts(self, row: Payment) -> PaymentFacts:
        return PaymentFacts(
            provider_id=provider_id_of(self.name, row.idempotency_key),
            state=_STATE_OF[row.status],
            amount=row.amount_cents,
            reference=row.idempotency_key,
            refunded=given_back(row.id),
        )

    def _list_payments(self, *conditions: ColumnElement[bool]) -> list[PaymentFacts]:
        query = db.select(Payment).where(Payment.provider == self.name, *conditions)
        return [self._facts(row) for row in db.session.scalars(query.order_by(Payment.id)).all()]

    def _list_refunds(self, *conditions: ColumnElement[bool]) -> list[RefundFacts]:
        query = db.select(Refund, Payment.idempotency_key).join(Payment, Payment.id == Refund.payment_id)
        query = query.where(Payment.provider == self.name, *conditions)
        return [
            RefundFacts(
                provider_id=f"refund-{row.idempotency_key}",
                state=_REFUND_STATE_OF.get(row.status, RefundState.PENDING),
                amount=row.amount_cents,
                payment_provider_id=provider_id_of(self.name, key),
            )
            for row, key in db.session.execute(query.order_by(Refund.id))
        ]


def provider_id_of(name: str, key: str) -> str:
    """The id of a payment by hand, as a provider would have given it one."""
    return f"{name}-{key}"


def _read(step: Callable[[], T]) -> T:
    """Run it outside every transaction, as a call to any provider, and let the connection go afterwards."""
    if in_transaction():
        raise RuntimeError("no transaction may be open while a provider is called")
    try:
        return step()
    finally:
        db.session.rollback()
