"""One run: a world, its people, the faults, the healing, the comparison."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from app.orders.status import OrderStatus
from tests.faults.books import compare
from tests.faults.crowd import let_it_catch_up, let_people_in
from tests.faults.healing import heal
from tests.faults.log_reading import LogReader
from tests.faults.people import Staff, Told
from tests.faults.planner import Planner
from tests.faults.points import Fault
from tests.faults.read_books import count_orders, orders_by_status, read_our_books, stuck_carts
from tests.faults.report import Result, heal_times
from tests.faults.world import World

_BEAT = 0.1
_TELL_SECONDS = 10
_AT_FIRST = 10  # faults, with the first order


@dataclass(frozen=True)
class Wanted:
    """How long a run goes on: until so many orders and faults, `each` of every kind, or `minutes` at most; and how many
    seconds lie between two faults inside the shop or at Square, and between two kills from outside. `density`: faults per
    order at most, so that a slow machine does not meet all of them with its first few orders. `before`: what struck in
    earlier runs, which a run may complete."""

    orders: int
    faults: int
    each: int
    minutes: float
    pace: float
    outside_every: float
    density: float
    before: Counter[Fault] = field(default_factory=Counter)


def drive(
    mode: str, seed: int, wanted: Wanted, say: Callable[[str], None], logs: Path | None = None
) -> Result:
    """Run one mode from an empty database to the comparison of the books."""
    began = time.monotonic()
    with World(mode, wanted.orders + 40 * wanted.each) as world:
        try:
            return _run(world, seed, wanted, say, began)
        finally:
            if logs is not None:
                world.keep_logs(logs / mode)


def _run(world: World, seed: int, wanted: Wanted, say: Callable[[str], None], began: float) -> Result:
    told, stop = Told(), threading.Event()
    staff = Staff(world.browser(world.goods.staff))
    reader = world.read_logs()
    threads = let_people_in(world, seed, told, stop, staff)
    planner = Planner(
        world, seed, wanted.each, pace=wanted.pace, outside_every=wanted.outside_every, before=wanted.before
    )
    try:
        _let_it_happen(world, planner, wanted, say, reader)
    finally:
        stop.set()
        planner.end()
        for thread in threads:
            thread.join()
    say(f"{world.mode}: the faults are over; healing")
    healed = heal(world, staff)
    staff.close()
    caught = world.mails_caught()
    findings = compare(read_our_books(world.app, told, caught), world.ask_square("GET", "/ledger"))
    reader.close()
    statuses = Counter(status.value for _, status in orders_by_status(world.app, *OrderStatus))
    return Result(
        mode=world.mode, seed=seed, seconds=time.monotonic() - began, orders=sum(statuses.values()),
        by_status=dict(statuses.most_common()), counts=planner.counts(), before=wanted.before, missing=planner.missing(), each=wanted.each,
        findings=findings, healed=healed, stuck_carts=stuck_carts(world.app), mails=len(caught), dead_letters=staff.retried,
        heal_times=heal_times(world.app, planner.struck.entries), log_lines=reader.lines, secrets=reader.found,
    )  # fmt: skip


def _let_it_happen(
    world: World, planner: Planner, wanted: Wanted, say: Callable[[str], None], reader: LogReader
) -> None:
    until = time.monotonic() + wanted.minutes * 60
    told_at, looked_at, orders = 0.0, 0.0, 0
    while time.monotonic() < until:
        planner.beat()
        faults = sum(planner.counts().values())
        if time.monotonic() - looked_at > 1:
            looked_at = time.monotonic()
            reader.read_on()
            with suppress(SQLAlchemyError):
                orders = count_orders(world.app)
                let_it_catch_up(world)
            planner.most = _AT_FIRST + wanted.density * orders if orders else 0
            if orders >= wanted.orders and faults >= wanted.faults and not planner.missing():
                return
        if time.monotonic() - told_at > _TELL_SECONDS:
            told_at = time.monotonic()
            missing = f", {len(planner.missing())} kinds not yet {wanted.each} times" if wanted.each else ""
            say(f"{world.mode}: {orders} orders, {faults} faults{missing}")
        time.sleep(_BEAT)
