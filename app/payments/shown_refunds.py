"""Refunds as people see them: what they are made of, why they failed, whether another one stands in their place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.extensions import db
from app.orders.models import Order, OrderLine
from app.payments.models import Refund, RefundLine
from app.payments.refund_payment import LEFT_THE_HOUSE
from app.payments.status import GAVE_BACK, HAND_WORDS, RefundKind, RefundStatus
from app.shared.history import HistoryEntry
from app.shared.money import Money


@dataclass(frozen=True, kw_only=True)
class ShownRefund:
    """One refund. `parts` are words like "2 × Lavender soap"; `trouble` is why it failed, in the provider's words."""

    id: int
    payment_id: int
    status: RefundStatus
    kind: RefundKind
    amount_cents: Money
    tax_cents: Money
    shipping_cents: Money
    reason: str
    created_at: datetime
    parts: tuple[str, ...] = ()
    trouble: str = ""
    given_by: str = ""
    is_sent_again: bool = False

    @property
    def hand_words(self) -> str:
        """ "by check" where staff gave it back themselves."""
        return HAND_WORDS.get(self.given_by, "")

    @property
    def has_failed(self) -> bool:
        return self.status not in GAVE_BACK

    @property
    def needs_person(self) -> bool:
        return self.has_failed and not self.is_sent_again


@dataclass(frozen=True)
class NotOnTheShelf:
    """Units that were refunded after the goods left, and that nobody has put back on the shelf."""

    refund_id: int
    line_id: int
    name: str
    units: int


def list_shown_refunds(order_id: int) -> list[ShownRefund]:
    """All refunds of an order, oldest first; two more queries however many there are."""
    refunds = list(db.session.scalars(db.select(Refund).filter_by(order_id=order_id).order_by(Refund.id)))
    if not refunds:
        return []
    parts, troubles = _parts(order_id), _troubles([each.id for each in refunds])
    replaced = {each.replaces_id for each in refunds}
    return [
        ShownRefund(
            id=each.id,
            payment_id=each.payment_id,
            status=each.status,
            kind=each.kind,
            amount_cents=each.amount_cents,
            tax_cents=each.tax_cents,
            shipping_cents=each.shipping_cents,
            reason=each.reason,
            created_at=each.created_at,
            parts=tuple(parts.get(each.id, ())),
            trouble=troubles.get(each.id, "") if each.status not in GAVE_BACK else "",
            given_by=each.given_by,
            is_sent_again=each.id in replaced,
        )
        for each in refunds
    ]


def list_not_on_the_shelf(order: Order) -> list[NotOnTheShelf]:
    """Of an order that left the house: what staff may still put back, oldest refund first. What could not be shipped
    never left; a failed refund's units count with the one that was sent again."""
    if order.status not in LEFT_THE_HOUSE:
        return []
    again = db.select(Refund.replaces_id).where(Refund.order_id == order.id, Refund.replaces_id.is_not(None))
    query = (
        db.select(RefundLine, OrderLine.product_name)
        .join(OrderLine, OrderLine.id == RefundLine.order_line_id)
        .join(Refund, Refund.id == RefundLine.refund_id)
        .where(Refund.order_id == order.id, Refund.kind != RefundKind.SHORTENED, Refund.id.not_in(again))
        .where(RefundLine.restocked_quantity < RefundLine.quantity)
        .order_by(RefundLine.id)
    )
    return [
        NotOnTheShelf(line.refund_id, line.order_line_id, name, line.quantity - line.restocked_quantity)
        for line, name in db.session.execute(query)
    ]


def _parts(order_id: int) -> dict[int, list[str]]:
    query = (
        db.select(RefundLine.refund_id, RefundLine.quantity, OrderLine.product_name, OrderLine.options_label)
        .join(OrderLine, OrderLine.id == RefundLine.order_line_id)
        .where(OrderLine.order_id == order_id)
        .order_by(RefundLine.refund_id, OrderLine.position)
    )
    found: dict[int, list[str]] = {}
    for row in db.session.execute(query):
        name = f"{row.product_name} ({row.options_label})" if row.options_label else row.product_name
        found.setdefault(row.refund_id, []).append(f"{row.quantity:,} × {name}")
    return found


def _troubles(refund_ids: list[int]) -> dict[int, str]:
    """The reason of the newest failure of each."""
    query = db.select(HistoryEntry.subject_id, HistoryEntry.reason).where(
        HistoryEntry.subject == Refund.subject,
        HistoryEntry.subject_id.in_(refund_ids),
        HistoryEntry.to_status.in_([RefundStatus.REJECTED.value, RefundStatus.FAILED.value]),
    )
    return {row.subject_id: row.reason for row in db.session.execute(query.order_by(HistoryEntry.id))}
