"""After the crowd: let the background work come to an end, then compare our books with Square's ledger, order by order."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from redis import Redis
from sqlalchemy import func, select

from app.extensions import db
from app.orders.models import Order
from app.orders.status import OrderStatus
from app.outbox.models import OutboxRow
from app.shared import clock
from bench.crowd.past import Size
from bench.crowd.shop import Shop
from bench.crowd.watch import count_tickets
from tests.faults.books import GONE_OUT, HOLDS_STOCK, Findings, OurBooks, OurOrder, OurStock, compare
from tests.faults.people import Told
from tests.faults.read_books import count_due, fresh, let_time_pass, read_our_books

_MOST_SECONDS = 1800.0
# Longer than the lease of a ticket: what a worker has in hand is left alone.
_BEYOND = timedelta(seconds=130)


@dataclass
class Settled:
    """`seconds` until no work that was due waited any more (a look at each payment follows two minutes after its order);
    what the comparison found; new orders by status; mails that arrived."""

    seconds: float
    findings: Findings
    by_status: dict[str, int]
    mails: int
    left_open: int
    gave_up: int


def settle(shop: Shop, size: Size, placed: list[str], say: Callable[[str], None]) -> Settled:
    """Wait until all is done, at most half an hour, and compare."""
    say("waiting for the background work")
    began = time.monotonic()
    seconds = _catch_up(shop, began)
    while time.monotonic() - began < _MOST_SECONDS:
        unfinished, dead = _unfinished(shop)
        if not unfinished:
            break
        # The hours pass for what waits for its time (a second look at payments), not for what is at work.
        let_time_pass(shop.app, clock.now() + _BEYOND)
        time.sleep(2)
    say("comparing the books")
    caught = shop.mails_caught()
    books = read_our_books(shop.app, Told(placed=set(placed)), caught)
    ours = of_this_run(books, size.orders)
    by_status = Counter(order.status for order in ours.orders)
    findings = compare(ours, shop.ask_square("GET", "/ledger"))
    return Settled(seconds, findings, dict(by_status.most_common()), len(caught), unfinished, dead)


def _catch_up(shop: Shop, began: float) -> float:
    """Wait until nothing is due and no ticket waits for a worker; after how many seconds."""
    with Redis.from_url(shop.redis.url) as redis:
        while time.monotonic() - began < _MOST_SECONDS:
            if not count_due(shop.app) and not count_tickets(redis):
                break
            time.sleep(1)
    return time.monotonic() - began


def _unfinished(shop: Shop) -> tuple[int, int]:
    """Rows of the outbox that somebody will do, with orders in the middle of being placed or charged; and rows that gave up."""
    with fresh(shop.app):
        is_open = OutboxRow.closed_at.is_(None)
        todo = select(func.count(OutboxRow.id)).where(
            is_open, OutboxRow.needs_person_at.is_(None), OutboxRow.period.is_(None)
        )
        dead = select(func.count(OutboxRow.id)).where(is_open, OutboxRow.needs_person_at.is_not(None))
        moving = select(func.count(Order.id)).where(
            Order.status.in_([OrderStatus.PENDING, OrderStatus.PAYMENT_PENDING])
        )
        gave_up = db.session.scalar(dead) or 0
        return (db.session.scalar(todo) or 0) + (0 if gave_up else db.session.scalar(moving) or 0), gave_up


def of_this_run(books: OurBooks, past_orders: int) -> OurBooks:
    """The books without the past, which Square's look-alike has never heard of; the shelf without what the past took."""
    past = [order for order in books.orders if order.id <= past_orders]
    held, gone = _units(past, HOLDS_STOCK), _units(past, GONE_OUT)
    return replace(
        books,
        orders=[order for order in books.orders if order.id > past_orders],
        payments=[each for each in books.payments if each.order_id > past_orders],
        stock=[_without(row, held[row.sku_id], gone[row.sku_id]) for row in books.stock],
    )


def _units(orders: list[OurOrder], statuses: frozenset[str]) -> Counter[int]:
    units: Counter[int] = Counter()
    for order in orders:
        if order.status in statuses:
            units.update(order.lines)
    return units


def _without(row: OurStock, held: int, gone: int) -> OurStock:
    return replace(
        row, reserved=row.reserved - held, shipped=row.shipped - gone, received=row.received - held - gone
    )
