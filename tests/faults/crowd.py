"""Who orders and who works at the desk while things go wrong: threads, each a person with a browser of their own."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from sqlalchemy.exc import SQLAlchemyError

from app.orders.status import OrderStatus
from tests.faults.healing import retry_dead_letters
from tests.faults.people import Buyer, NoPage, Staff, Told
from tests.faults.read_books import count_due, orders_by_status
from tests.faults.world import World

_RETRY_SECONDS = 15
_BEHIND = 15  # rows of the outbox that are overdue
_S = OrderStatus


def let_people_in(
    world: World, seed: int, told: Told, stop: threading.Event, staff: Staff
) -> list[threading.Thread]:
    steps: list[Callable[[], None]] = []
    for position, email in enumerate(world.goods.buyers):
        dice = random.Random(f"{seed} buyer {position}")
        buyer = Buyer(
            world.browser(email), told, dice, world.goods.plenty, world.goods.scarce, world.share_of_scarce
        )
        steps.append(lambda buyer=buyer: buyer.live(stop, world.is_behind))
    steps.append(lambda: _work_at_the_desk(world, staff, random.Random(f"{seed} staff"), stop))
    threads = [threading.Thread(target=step, daemon=True) for step in steps]
    for thread in threads:
        thread.start()
    return threads


def let_it_catch_up(world: World) -> None:
    """No new orders and no new faults while more work waits than the workers get done: they would only strike the same
    few rows, and what they had to heal would be the machine."""
    if count_due(world.app) > _BEHIND:
        world.is_behind.set()
    else:
        world.is_behind.clear()


def _work_at_the_desk(world: World, staff: Staff, dice: random.Random, stop: threading.Event) -> None:
    """Prepare, ship, deliver; now and then cancel an order or give money back."""
    retry_at = time.monotonic() + _RETRY_SECONDS
    while not stop.is_set():
        with suppress(NoPage, SQLAlchemyError):
            if time.monotonic() > retry_at:
                retry_at = time.monotonic() + _RETRY_SECONDS
                retry_dead_letters(world, staff)
            found = orders_by_status(world.app, _S.PAYMENT_PENDING, _S.PAID, _S.PROCESSING, _S.SHIPPED)
            if found:
                _press_one(staff, dice, *dice.choice(found))
        stop.wait(0.2)


def _press_one(staff: Staff, dice: random.Random, order_id: int, status: OrderStatus) -> None:
    page, chance = f"/admin/orders/details/?id={order_id}", dice.random()
    if chance < 0.04 and status is not _S.SHIPPED:
        staff.press(page, "cancel", {"reason": "Not to be had"})
    elif chance < 0.12 and status is not _S.PAYMENT_PENDING:
        staff.press(f"/admin/orders/refund?id={order_id}", "refund", {"kind": "whole", "reason": "Damaged"})
    elif status is _S.PAID and chance < 0.7:
        staff.press(page, "start", {})
    elif status is _S.PROCESSING:
        staff.press(page, "ship", {"carrier": "UPS"})
    elif status is _S.SHIPPED and chance < 0.4:
        staff.press(page, "delivered", {})
