"""Who orders and who works at the desk while things go wrong: threads, each a person with a browser of their own."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable

from tests.faults.desk import Desk
from tests.faults.people import Buyer, Staff, Told
from tests.faults.read_books import count_due
from tests.faults.world import World

_BEHIND = 15  # rows of the outbox that are overdue


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
    desk = Desk(world, staff, told, random.Random(f"{seed} staff"))
    steps.append(lambda: desk.work(stop))
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
