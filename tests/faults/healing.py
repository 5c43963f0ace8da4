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
from app.shop.models import CaptureRule
from tests.faults.people import NoPage, Staff
from tests.faults.read_books import (
    fresh,
    holds_outside,
    let_time_pass,
    list_desk_orders,
    open_rows,
    refused_refunds,
    set_capture_rule,
)
from tests.faults.world import LEASE_SECONDS, World

_S = OrderStatus
_ALL = 10_000
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
    set_capture_rule(world, CaptureRule.ON_SHIPMENT)
    _come_to_rest(world, staff, _S.PENDING)
    healed.seconds = time.monotonic() - began
    healed.forgotten = holds_outside(world.app, world.late_whiles) + _look_for_missing_work(world)
    # What waits for its shipment still is charged by the hourly look, as wherever this rule is changed under orders.
    set_capture_rule(world, CaptureRule.AT_ONCE)
    _look_for_missing_work(world)
    _come_to_rest(world, staff, _S.PENDING, _S.PAYMENT_PENDING)
    healed.forgotten += _look_for_missing_work(world)
    _come_to_rest(world, staff, _S.PENDING, _S.PAYMENT_PENDING)
    healed.reconciled_open = _compare_as_the_shop_does(world)
    return healed


def _look_for_missing_work(world: World) -> int:
    """The hourly look, as if hours had passed: how much work it posts that nobody would have done any more."""
    with fresh(world.app):
        return post_missing_work(clock.now() + timedelta(hours=5))


def _come_to_rest(world: World, staff: Staff, *unfinished: OrderStatus) -> None:
    """Until nothing is left to do and no card's order stands in one of these."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        with suppress(SQLAlchemyError, NoPage):
            if _is_at_rest(world, staff, unfinished):
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


def _is_at_rest(world: World, staff: Staff, unfinished: tuple[OrderStatus, ...]) -> bool:
    rows = open_rows(world.app)
    retry_dead_letters(world, staff)
    refused = refused_refunds(world.app)
    for order_id in refused:
        staff.press(f"/admin/orders/details/?id={order_id}", "refund/again", {})
    let_time_pass(world.app, clock.now() + timedelta(seconds=LEASE_SECONDS[world.mode] + 1))
    world.ask_square("POST", "/clock", {"advance_seconds": 5})
    packed = [each for each in list_desk_orders(world.app, _S.PROCESSING, limit=_ALL) if each.is_held]
    for each in packed:
        staff.press(each.page, "ship", {"carrier": "UPS"})
    moving = [each for each in list_desk_orders(world.app, *unfinished, limit=_ALL) if not each.is_promise]
    return not rows and not refused and not packed and not moving


def _compare_as_the_shop_does(world: World) -> int:
    """What `flask reconcile` would list: open differences."""
    for _ in range(20):
        with fresh(world.app), suppress(OutcomeUnknown):
            since = clock.now() - timedelta(days=1)
            return reconcile(since, gateway=get_gateway(), actor=Actor.system("Comparison")).open
        time.sleep(1)
    return -1
