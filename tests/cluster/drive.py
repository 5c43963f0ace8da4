"""One run: races of two nodes, then a shop on three machines under many buyers while nodes are killed, then the books."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import httpx
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy.exc import SQLAlchemyError

from app import create_app
from app.extensions import db
from app.orders.models import Order
from app.orders.status import OrderStatus
from app.settings import Settings
from tests.cluster.looks import dishonest_pages, is_open, stale_pages, wait_for
from tests.cluster.probe import Probe
from tests.cluster.races import run_races
from tests.cluster.report import Figures
from tests.cluster.world import ClusterWorld
from tests.faults.books import compare
from tests.faults.crowd import let_it_catch_up, let_people_in
from tests.faults.healing import heal
from tests.faults.people import Staff, Told
from tests.faults.read_books import count_orders, fresh, orders_by_status, read_our_books, stuck_carts
from tests.servers import new_database
from tests.source import ROOT

SEED = 20261120
_RACE_ROUNDS, _STALE_ROUNDS = 3, 12
_AWAY_SECONDS = 6
_COMES_BACK_SECONDS = 90
_LOST_RACES = "wsrep_local_%s"
Say = Callable[[str], None]


def drive(orders: int, minutes: float, say: Say, logs: Path | None = None) -> Figures:
    """Run it all; people stop when there are so many orders, or after so many minutes."""
    began = time.monotonic()
    say("starting three database nodes, three web processes and three sets of workers")
    with ClusterWorld(orders) as world:
        figures = Figures(started_seconds=time.monotonic() - began)
        try:
            _run(world, figures, orders, time.monotonic() + minutes * 60, say)
        finally:
            if logs is not None:
                world.keep_logs(logs)
    figures.seconds = time.monotonic() - began
    return figures


def _run(world: ClusterWorld, figures: Figures, orders: int, until: float, say: Say) -> None:
    say("races: two nodes, the same moment")
    figures.races = run_races(_shop_at_each_node(world), _RACE_ROUNDS)
    figures.race_conflicts = _conflicts(world)
    figures.stale_rounds, figures.stale_pages = _STALE_ROUNDS, stale_pages(world, _STALE_ROUNDS)
    told, stop = Told(), threading.Event()
    staff = Staff(world.browser(world.goods.staff))
    began = time.monotonic()
    threads = let_people_in(world, SEED, told, stop, staff)
    try:
        with Probe(world.galera.nodes[0]) as probe:
            _until_ordered(world, orders // 3, until, say)
            _kill_one(world, figures, probe, say)
            _until_ordered(world, 2 * orders // 3, until, say)
            _lose_the_majority(world, figures, say)
            _until_ordered(world, orders, until, say)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    figures.ordering_seconds = time.monotonic() - began
    figures.conflicts += _conflicts(world) - figures.race_conflicts
    say("the faults are over; healing")
    _compare(world, figures, told, staff)


def _kill_one(world: ClusterWorld, figures: Figures, probe: Probe, say: Say) -> None:
    node, cookies = world.galera.nodes[2], _sign_in(world)
    figures.conflicts += _conflicts_at(node.statuses(_LOST_RACES % "%"))
    say("kill -9 of one node")
    killed, before = time.monotonic(), count_orders(world.app)
    node.kill()
    figures.noticed_seconds = wait_for(
        lambda: not world.balancer.is_ready(world.port(2)), _COMES_BACK_SECONDS
    )
    time.sleep(_AWAY_SECONDS)
    figures.dishonest_pages += dishonest_pages(world, 2, cookies)
    figures.stall_seconds = probe.longest_gap(killed)
    node.start_again()
    figures.rejoin_seconds, figures.rejoined_by = node.wait_until_back(), node.rejoined_by
    wait_for(lambda: is_open(world, 2), _COMES_BACK_SECONDS)
    figures.away_seconds = time.monotonic() - killed
    figures.orders_while_one_was_away = count_orders(world.app) - before
    say(f"it is back after {figures.away_seconds:.0f} s")


def _lose_the_majority(world: ClusterWorld, figures: Figures, say: Say) -> None:
    cookies = _sign_in(world)
    others = world.galera.nodes[1:]
    for node in others:
        figures.conflicts += _conflicts_at(node.statuses(_LOST_RACES % "%"))
    say("kill -9 of two nodes of three: the majority is lost")
    for node in others:
        node.kill()
    left = world.galera.nodes[0]
    figures.closed_seconds = wait_for(
        lambda: not (left.is_in_service or world.balancer.any_ready), _COMES_BACK_SECONDS
    )
    for machine in range(3):
        figures.dishonest_pages += dishonest_pages(world, machine, cookies)
    for node in others:
        node.start_again()
    figures.majority_rejoin_seconds = max(node.wait_until_back() for node in others)
    figures.reopened_seconds = wait_for(
        lambda: all(is_open(world, machine) for machine in range(3)), _COMES_BACK_SECONDS
    )
    say("the shop is open again, by itself")


def _until_ordered(world: ClusterWorld, orders: int, until: float, say: Say) -> None:
    told_at, found = time.monotonic(), 0
    while found < orders and time.monotonic() < until:
        with suppress(SQLAlchemyError):
            found = count_orders(world.app)
            let_it_catch_up(world)
        if time.monotonic() - told_at > 10:
            told_at = time.monotonic()
            say(f"{found} orders")
        time.sleep(0.5)


def _compare(world: ClusterWorld, figures: Figures, told: Told, staff: Staff) -> None:
    figures.healed = heal(world, staff)
    staff.close()
    caught = world.mails_caught()
    figures.mails, figures.dead_letters = len(caught), staff.retried
    figures.findings = compare(read_our_books(world.app, told, caught), world.ask_square("GET", "/ledger"))
    figures.by_status = Counter(status.value for _, status in orders_by_status(world.app, *OrderStatus))
    figures.stuck_carts = stuck_carts(world.app)
    with fresh(world.app):
        numbers = sorted(
            int(each.removeprefix("TP-")) for each in db.session.scalars(db.select(Order.number))
        )
    figures.gaps_in_numbers = (numbers[-1] - numbers[0] + 1 - len(numbers)) if numbers else 0


def _shop_at_each_node(world: ClusterWorld) -> list[Flask]:
    """The shop in this process, once at each node, on a database of its own: the books of the run stay apart."""
    new_database(world.galera.nodes[0], "races")
    settings = Settings.from_env(world.environment)
    apps = [create_app(replace(settings, database_url=each.url("races"))) for each in world.galera.nodes]
    with apps[0].app_context():
        upgrade(directory=str(ROOT / "migrations"))
    return apps


def _sign_in(world: ClusterWorld) -> httpx.Cookies:
    browser = world.browser(world.goods.buyers[-1])
    browser.sign_in()
    return browser.cookies


def _conflicts(world: ClusterWorld) -> int:
    return sum(_conflicts_at(node.statuses(_LOST_RACES % "%")) for node in world.galera.nodes)


def _conflicts_at(figures: dict[str, str]) -> int:
    """Transactions that lost against another node's: refused at their commit, or stopped before."""
    return int(figures["wsrep_local_cert_failures"]) + int(figures["wsrep_local_bf_aborts"])
