"""Afterwards: the faults are over, the hours pass, and staff press the buttons that the back office shows them."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.exc import SQLAlchemyError

from app.orders.status import OrderStatus
from app.payments.gateway import OutcomeUnknown
from app.payments.post_missing_work import post_missing_work
from app.payments.providers import get_gateway
from app.payments.reconcile import reconcile
from app.shared import clock
from app.shared.history import Actor
from tests.faults.people import NoPage, Staff
from tests.faults.read_books import fresh, let_time_pass, open_rows, orders_by_status, refused_refunds
from tests.faults.world import LEASE_SECONDS, World

# Of the world's machines, not of the shop: how long until it must have come to rest.
_PATIENCE_SECONDS = 480


class NeverAtRest(Exception):
    """The outbox does not empty; the message says what stands in it."""


@dataclass
class Healed:
    """How it came to rest: in how many seconds, work that nobody would have done any more, and what the shop's own
    comparison with Square finds."""

    seconds: float = 0.0
    forgotten: int = 0
    reconciled_open: int = 0


def heal(world: World, staff: Staff) -> Healed:
    """Wait until nothing is left to do; NeverAtRest when that does not come."""
    healed = Healed()
    began = time.monotonic()
    _come_to_rest(world, staff)
    healed.seconds = time.monotonic() - began
    with fresh(world.app):
        healed.forgotten = post_missing_work(clock.now() + timedelta(hours=5))
    _come_to_rest(world, staff)
    healed.reconciled_open = _compare_as_the_shop_does(world)
    return healed


def _come_to_rest(world: World, staff: Staff) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        with suppress(SQLAlchemyError, NoPage):
            if _is_at_rest(world, staff):
                return
        if time.monotonic() > deadline:
            rows = [f"{kind.value}: {error}" for kind, _, error, _ in open_rows(world.app)]
            raise NeverAtRest("\n".join(rows[:20]) or "orders that nobody finishes")
        time.sleep(0.5)


def retry_dead_letters(world: World, staff: Staff) -> None:
    """Staff's "Try all again", where the back office shows it."""
    dead = sum(is_dead for *_, is_dead in open_rows(world.app))
    if dead and staff.press("/admin/outbox/?show=dead", "retry-all", {}):
        staff.retried += dead


def _is_at_rest(world: World, staff: Staff) -> bool:
    rows = open_rows(world.app)
    retry_dead_letters(world, staff)
    refused = refused_refunds(world.app)
    for order_id in refused:
        staff.press(f"/admin/orders/details/?id={order_id}", "refund/again", {})
    let_time_pass(world.app, clock.now() + timedelta(seconds=LEASE_SECONDS[world.mode] + 1))
    world.ask_square("POST", "/clock", {"advance_seconds": 5})
    unfinished = orders_by_status(world.app, OrderStatus.PENDING, OrderStatus.PAYMENT_PENDING)
    return not rows and not refused and not unfinished


def _compare_as_the_shop_does(world: World) -> int:
    """What `flask reconcile` would list: open differences."""
    for _ in range(20):
        with fresh(world.app), suppress(OutcomeUnknown):
            since = clock.now() - timedelta(days=1)
            return reconcile(since, gateway=get_gateway(), actor=Actor.system("Comparison")).open
        time.sleep(1)
    return -1
