"""Refunds as people see them: what they are made of, why they failed, whether another one stands in their place, and who
closed them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_

from app.extensions import db
from app.orders.models import Order, OrderLine
from app.payments.models import Refund, RefundLine
from app.payments.refund_payment import LEFT_THE_HOUSE
from app.payments.status import GAVE_BACK, HAND_WORDS, RefundKind, RefundStatus
from app.shared.history import HistoryEntry
from app.shared.money import Money


@dataclass(frozen=True, kw_only=True)
class ShownRefund:
    """One refund. `parts` are words like "2 × Lavender soap"; `trouble` is why it failed, in the provider's words; the last
    three are when, by whom and why it was closed, where it was."""

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
    closed_at: datetime | None = None
    closed_by: str = ""
    close_reason: str = ""

    @property
    def hand_words(self) -> str:
        """ "by check" where staff gave it back themselves."""
        return HAND_WORDS.get(self.given_by, "")

    @property
    def has_failed(self) -> bool:
        return self.status not in GAVE_BACK

    @property
    def needs_person(self) -> bool:
        return self.has_failed and not self.is_sent_again and not self.is_closed

    @property
    def is_closed(self) -> bool:
        return self.closed_at is not None


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
    parts, (troubles, closers) = _parts(order_id), _troubles_and_closers([each.id for each in refunds])
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
            closed_at=each.closed_at,
            closed_by=closers.get(each.id, ""),
            close_reason=each.close_reason or "",
        )
        for each in refunds
    ]


def list_not_on_the_shelf(order: Order) -> list[NotOnTheShelf]:
    """Of an order that left the house: what staff may still put back, oldest refund first. What could not be shipped
    never left; a failed refund's units count with the one that was sent again, and those of a closed one no more."""
    if order.status not in LEFT_THE_HOUSE:
        return []
    again = db.select(Refund.replaces_id).where(Refund.order_id == order.id, Refund.replaces_id.is_not(None))
    query = (
        db.select(RefundLine, OrderLine.product_name)
        .join(OrderLine, OrderLine.id == RefundLine.order_line_id)
        .join(Refund, Refund.id == RefundLine.refund_id)
        .where(Refund.order_id == order.id, Refund.kind != RefundKind.SHORTENED, Refund.id.not_in(again))
        .where(Refund.closed_at.is_(None), RefundLine.restocked_quantity < RefundLine.quantity)
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


def _troubles_and_closers(refund_ids: list[int]) -> tuple[dict[int, str], dict[int, str]]:
    """The reason of the newest failure of each, and who closed it."""
    has_failed = HistoryEntry.to_status.in_([RefundStatus.REJECTED.value, RefundStatus.FAILED.value])
    was_closed = HistoryEntry.event == "closed"
    query = db.select(HistoryEntry).where(
        HistoryEntry.subject == Refund.subject,
        HistoryEntry.subject_id.in_(refund_ids),
        or_(has_failed, was_closed),
    )
    rows = list(db.session.scalars(query.order_by(HistoryEntry.id)))
    troubles = {row.subject_id: row.reason for row in rows if row.event != "closed"}
    return troubles, {row.subject_id: row.actor_name for row in rows if row.event == "closed"}
