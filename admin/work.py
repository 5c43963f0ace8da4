"""What waits for somebody: at most seven piles, counted in one query."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import g
from sqlalchemy import BigInteger, ColumnElement, Select, and_, exists, func, or_, select, type_coerce, union
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
from app.payments.hold_clock import AMBER_AFTER, LAST_DAY, RED_AFTER
from app.payments.models import Difference, Payment, Refund
from app.payments.receivables import PROMISED, is_overdue
from app.payments.status import BY_HAND, GAVE_BACK, RECEIPTS, PaymentStatus
from app.shared import clock
from app.shop.models import CaptureRule
from app.shop.queries import find_shop, shop_today

_SOON = timedelta(days=30)
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
    Tile("holds", "Card holds", "four days old or more", "payments.index_view", {"show": "ending"}, Permission.PAYMENTS_VIEW),
    Tile("messages", "Messages", "not answered yet", "messages.index", {}, Permission.CONTACT_ANSWER),
    Tile(
        "certificates", "Certificates", "expire within 30 days", "certificates.index_view", {"show": "expiring"},
        Permission.BUSINESSES_VIEW,
    ),
    Tile("dead_jobs", "Background jobs", "failed for good", "outbox.index_view", {"show": "dead"}, Permission.OUTBOX_VIEW),
)  # fmt: skip


def payment_needs_person(now: datetime) -> ColumnElement[bool]:
    """Nobody knows what became of it and the shop's own look-ups have had their time, its capture failed, the goods
    left and the hold on the card ended unused, money that was to go back did not, or is to be given back by hand.

    Each reason finds its few rows by an index of its own. As one condition with OR every payment there ever was would be
    looked at, on every page of the back office.
    """
    unclear = Payment.status.in_([PaymentStatus.UNKNOWN, PaymentStatus.CREATED, PaymentStatus.CAPTURING])
    found = union(
        select(Payment.id).where(unclear, Payment.created_at < now - _STUCK),
        select(Payment.id).where(Payment.status == PaymentStatus.FAILED, Payment.live_order_id.is_not(None)),
        _went_out_unpaid(),
        _refund_was_refused(),
        _is_to_be_given_back(),
    ).subquery()
    return Payment.id.in_(select(found.c.id))


def _went_out_unpaid() -> Select[int]:
    other = aliased(Payment)
    is_paid = exists().where(other.order_id == Payment.order_id, other.live_order_id.is_not(None))
    left = select(Payment.id).join(Order, Order.id == Payment.order_id).where(Order.status.in_(GONE_OUT))
    return left.where(Payment.status == PaymentStatus.LAPSED, ~is_paid)


def _refund_was_refused() -> Select[int]:
    """A refund came to nothing, it was neither sent again nor closed, and what it was to give back has not gone back in
    another way."""
    other = aliased(Refund)
    is_replaced = exists().where(other.replaces_id == Refund.id)
    gone_back = select(func.coalesce(func.sum(other.amount_cents), 0)).where(
        other.payment_id == Refund.payment_id, other.status.in_(GAVE_BACK)
    )
    is_left = type_coerce(Payment.amount_cents, BigInteger) - gone_back.scalar_subquery() >= type_coerce(
        Refund.amount_cents, BigInteger
    )
    refused = select(Payment.id).join(Refund, Refund.payment_id == Payment.id)
    waits = (Refund.status.not_in(GAVE_BACK), Refund.closed_at.is_(None))
    return refused.where(*waits, ~is_replaced, is_left)


def _is_to_be_given_back() -> Select[int]:
    """A check, a transfer or cash for an order that was cancelled then: no provider sends it back, a person does."""
    given = select(func.coalesce(func.sum(Refund.amount_cents), 0)).where(
        Refund.payment_id == Payment.id, Refund.status.in_(GAVE_BACK)
    )
    received = select(Payment.id).join(Order, Order.id == Payment.order_id)
    return received.where(
        Payment.provider.in_(RECEIPTS),
        Payment.status == PaymentStatus.CAPTURED,
        Order.status == OrderStatus.CANCELLED,
        type_coerce(Payment.amount_cents, BigInteger) > given.correlate(Payment).scalar_subquery(),
    )


def is_to_ship() -> ColumnElement[bool]:
    """Orders that may be prepared: paid ones, those on a promise, and held ones where the shop charges later."""
    shop = find_shop()
    waits = Order.status == OrderStatus.PAYMENT_PENDING
    is_charged_later = shop is not None and shop.capture_rule is not CaptureRule.AT_ONCE
    may_begin = waits if is_charged_later else and_(waits, Order.payment_method.in_(PROMISED))
    return or_(Order.status.in_([OrderStatus.PAID, OrderStatus.PROCESSING]), may_begin)


def hold_ends_soon(now: datetime) -> ColumnElement[bool]:
    """Amber or red by the payment clock (app/payments/hold_clock.py)."""
    is_aged = or_(Payment.authorized_at <= now - AMBER_AFTER, Payment.lapses_at <= now + LAST_DAY)
    return and_(_is_card_hold(), is_aged)


def hold_is_red(now: datetime) -> ColumnElement[bool]:
    is_last_day = or_(Payment.authorized_at <= now - RED_AFTER, Payment.lapses_at <= now + LAST_DAY)
    return and_(_is_card_hold(), is_last_day)


def _is_card_hold() -> ColumnElement[bool]:
    return and_(Payment.status == PaymentStatus.AUTHORIZED, Payment.provider.not_in(BY_HAND))


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
UNANSWERED = (MessageStatus.NEW, MessageStatus.ASSIGNED)


def count_work(now: datetime) -> dict[str, int]:
    """{tile key: how many wait}, in one round trip."""
    piles: dict[str, tuple[Any, ColumnElement[bool]]] = {
        "applications": (Business.id, Business.status == BusinessStatus.SUBMITTED),
        "to_ship": (Order.id, is_to_ship()),
        "payments": (Payment.id, payment_needs_person(now)),
        "holds": (Payment.id, hold_ends_soon(now)),
        # A part of the pile above, told beside its number.
        "red_holds": (Payment.id, hold_is_red(now)),
        "messages": (ContactMessage.id, ContactMessage.status.in_(UNANSWERED)),
        "certificates": (ResaleCertificate.id, certificate_expires_soon(now)),
        "dead_jobs": (OutboxRow.id, is_dead_job()),
        # No piles of their own: a number in the rail, and the warning on the first page.
        "differences": (Difference.id, is_open_difference()),
        "receivables": (Order.id, is_overdue(shop_today(now))),
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
