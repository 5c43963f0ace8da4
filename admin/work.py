"""What waits for somebody: at most seven piles, counted in one query."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import g
from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from admin.access import may
from app.accounts.permissions import Permission
from app.businesses.models import Business, ResaleCertificate
from app.businesses.status import BusinessStatus, CertificateStatus
from app.contact.models import ContactMessage
from app.contact.status import MessageStatus
from app.extensions import db
from app.orders.models import Order
from app.orders.status import OrderStatus
from app.outbox.models import OutboxRow
from app.payments.difference_kinds import LOUD, DifferenceStatus
from app.payments.models import Difference, Payment, Refund
from app.payments.status import PaymentStatus, RefundStatus
from app.shared import clock

_SOON = timedelta(days=30)
_HOLD_ENDS_SOON = timedelta(hours=48)
_STUCK = timedelta(minutes=15)


@dataclass(frozen=True)
class Tile:
    """A pile of work: its name, the words under the number, where its list is, who works on it."""

    key: str
    name: str
    words: str
    endpoint: str
    arguments: dict[str, str]
    permission: Permission


TILES = (
    Tile("applications", "Applications", "waiting for a decision", "approvals.index", {}, Permission.BUSINESSES_REVIEW),
    Tile("to_ship", "Orders", "to prepare and ship", "orders_desk.index_view", {"show": "to_ship"}, Permission.ORDERS_FULFIL),
    Tile("payments", "Payments", "need a person", "payments.index_view", {"show": "needs_person"}, Permission.PAYMENTS_VIEW),
    Tile("holds", "Card holds", "end within two days", "payments.index_view", {"show": "ending"}, Permission.PAYMENTS_VIEW),
    Tile("messages", "Messages", "not answered yet", "messages.index", {}, Permission.CONTACT_ANSWER),
    Tile(
        "certificates", "Certificates", "expire within 30 days", "certificates.index_view", {"show": "expiring"},
        Permission.BUSINESSES_VIEW,
    ),
    Tile("dead_jobs", "Background jobs", "failed for good", "outbox.index_view", {"show": "dead"}, Permission.OUTBOX_VIEW),
)  # fmt: skip


def payment_needs_person(now: datetime) -> ColumnElement[bool]:
    """Nobody knows what became of it and the shop's own look-ups have had their time, its capture failed, the goods
    left and the hold on the card ended unused, or money that was to go back did not."""
    unclear = Payment.status.in_([PaymentStatus.UNKNOWN, PaymentStatus.CREATED, PaymentStatus.CAPTURING])
    failed = and_(Payment.status == PaymentStatus.FAILED, Payment.live_order_id.is_not(None))
    return or_(
        and_(unclear, Payment.created_at < now - _STUCK), failed, _went_out_unpaid(), _refund_was_refused()
    )


def _went_out_unpaid() -> ColumnElement[bool]:
    other = aliased(Payment)
    is_paid = exists().where(other.order_id == Payment.order_id, other.live_order_id.is_not(None))
    left = exists().where(Order.id == Payment.order_id, Order.status.in_(GONE_OUT)).correlate(Payment)
    return and_(Payment.status == PaymentStatus.LAPSED, left, ~is_paid)


def _refund_was_refused() -> ColumnElement[bool]:
    """A refund came to nothing and no newer one stands in its place."""
    newer = aliased(Refund)
    is_replaced = exists().where(newer.payment_id == Refund.payment_id, newer.id > Refund.id)
    refused = Refund.status.in_([RefundStatus.REJECTED, RefundStatus.FAILED])
    return exists().where(Refund.payment_id == Payment.id, refused, ~is_replaced).correlate(Payment)


def hold_ends_soon(now: datetime) -> ColumnElement[bool]:
    return and_(Payment.status == PaymentStatus.AUTHORIZED, Payment.lapses_at < now + _HOLD_ENDS_SOON)


def certificate_expires_soon(now: datetime) -> ColumnElement[bool]:
    today = now.date()
    return and_(
        ResaleCertificate.status == CertificateStatus.VERIFIED,
        ResaleCertificate.expires_on.between(today, today + _SOON),
    )


def is_dead_job() -> ColumnElement[bool]:
    return and_(OutboxRow.needs_person_at.is_not(None), OutboxRow.closed_at.is_(None))


def is_open_difference() -> ColumnElement[bool]:
    return Difference.status.in_([DifferenceStatus.OPEN, DifferenceStatus.REPAIRING])


def is_loud_difference() -> ColumnElement[bool]:
    """Money of nobody's order, or taken twice: shown above all else on the first page."""
    return and_(is_open_difference(), Difference.kind.in_(LOUD))


GONE_OUT = (OrderStatus.SHIPPED, OrderStatus.DELIVERED)
TO_SHIP = (OrderStatus.PAID, OrderStatus.PROCESSING)
UNANSWERED = (MessageStatus.NEW, MessageStatus.ASSIGNED)


def count_work(now: datetime) -> dict[str, int]:
    """{tile key: how many wait}, in one round trip."""
    piles: dict[str, tuple[Any, ColumnElement[bool]]] = {
        "applications": (Business.id, Business.status == BusinessStatus.SUBMITTED),
        "to_ship": (Order.id, Order.status.in_(TO_SHIP)),
        "payments": (Payment.id, payment_needs_person(now)),
        "holds": (Payment.id, hold_ends_soon(now)),
        "messages": (ContactMessage.id, ContactMessage.status.in_(UNANSWERED)),
        "certificates": (ResaleCertificate.id, certificate_expires_soon(now)),
        "dead_jobs": (OutboxRow.id, is_dead_job()),
        # No piles of their own: a number in the rail, and the warning on the first page.
        "differences": (Difference.id, is_open_difference()),
        "stray_money": (Difference.id, is_loud_difference()),
    }
    counts = [
        select(func.count(key)).where(waits).scalar_subquery().label(name)
        for name, (key, waits) in piles.items()
    ]
    return dict(db.session.execute(select(*counts)).one()._mapping)


def get_work() -> dict[str, int]:
    """`count_work`, once a request: the rail and the home page show the same numbers."""
    if "staff_work" not in g:
        g.staff_work = count_work(clock.now())
    work: dict[str, int] = g.staff_work
    return work


def tiles_for_viewer() -> list[Tile]:
    """The piles that are this person's business."""
    return [tile for tile in TILES if may(tile.permission)]
