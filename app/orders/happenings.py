"""Gather what happened to an order, its payments and its refunds, in one query."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from sqlalchemy import and_, or_

from app.extensions import db
from app.orders.models import Order
from app.orders.timeline import Happening
from app.shared.history import HistoryEntry
from app.shared.money import Money


class _WithAmount(Protocol):
    """A payment or a refund, seen from below the street they live on."""

    @property
    def id(self) -> int: ...

    @property
    def amount_cents(self) -> Money: ...


class _Payment(_WithAmount, Protocol):
    @property
    def timeline_subject(self) -> str:
        """Whether its moves are told as a card's, a promise's or a receipt's."""


def list_happenings(
    order: Order, payments: Sequence[_Payment], refunds: Sequence[_WithAmount]
) -> list[Happening]:
    """History rows of the order and its money, oldest first, each money row with its amount in words."""
    subjects = {"order": {order.id: ""}}
    subjects["payment"] = {each.id: str(each.amount_cents) for each in payments}
    subjects["refund"] = {each.id: str(each.amount_cents) for each in refunds}
    wanted = or_(
        *(
            and_(HistoryEntry.subject == subject, HistoryEntry.subject_id.in_(amounts))
            for subject, amounts in subjects.items()
            if amounts
        )
    )
    rows = db.session.scalars(db.select(HistoryEntry).where(wanted).order_by(HistoryEntry.id))
    told_as = {each.id: each.timeline_subject for each in payments}
    return [
        Happening(
            told_as[row.subject_id] if row.subject == "payment" else row.subject, row.event, row.at, row.reason,
            subjects[row.subject][row.subject_id],
        )
        for row in rows
    ]  # fmt: skip
