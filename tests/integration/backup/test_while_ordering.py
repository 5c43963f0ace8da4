"""Orders come in while the shop is backed up: the backup is the shop at one moment, and its books balance."""

from __future__ import annotations

import threading
from contextvars import Context
from pathlib import Path

import sqlalchemy as sa
from flask import Flask

from app.backup.make_backup import make_backup
from app.backup.restore_backup import RestoreBackup, restore_backup
from app.extensions import db
from app.inventory.models import Stock
from app.orders.models import Order, OrderLine
from app.payments.models import Payment
from app.payments.providers import get_gateway
from app.shared import clock
from app.shared.money import Money
from sandbox.square import SquareServer
from tests.backups import command, settings_of
from tests.factories import make_shop, make_sku
from tests.money_shop import InterruptedGateway, MoneyShop
from tests.placing import make_ready, press

_BUYERS = 12
_AT_ONCE = 3


class Rush:
    """Buyers who press one after the other in a few threads, and a backup that waits until some have, twice."""

    def __init__(self, app: Flask):
        self._app = app
        self._pressed = threading.Semaphore(0)
        self.placed: list[int] = []
        self.raised: list[Exception] = []
        with app.app_context():
            make_shop()
            sku = make_sku(price=Money(1000), stock=1000)
            buyers = [make_ready(sku=sku) for _ in range(_BUYERS)]
            self._open = [(ready, ready.command()) for ready in buyers]
        self._threads = [threading.Thread(target=Context().run, args=(self._press,)) for _ in range(_AT_ONCE)]

    def _press(self) -> None:
        with self._app.app_context():
            while self._open:
                try:
                    ready, command = self._open.pop()
                    self.placed.append(press(ready, command).id)
                except Exception as error:  # noqa: BLE001  # looked at when all are done
                    self.raised.append(error)
                self._pressed.release()

    def start(self) -> None:
        for thread in self._threads:
            thread.start()
        self._wait_for(2)

    def _wait_for(self, count: int) -> None:
        for _ in range(count):
            assert self._pressed.acquire(timeout=60)

    def begin(self, step: str, total: int, unit: str) -> None:
        """The backup tells that a step begins: its moment is over, and people go on buying."""
        self._wait_for(3 if step == "Rows" else 1)

    def advance(self, count: int) -> None:
        """So many rows more."""

    def end(self) -> None:
        for thread in self._threads:
            thread.join(timeout=60)
        assert self.raised == []
        assert len(self.placed) == _BUYERS


def check_rows(app: Flask) -> int:
    """Every order is whole: lines that add up, one payment of its total, its goods reserved. How many there are."""
    with app.app_context():
        orders = list(db.session.scalars(sa.select(Order)))
        for order in orders:
            lines = list(db.session.scalars(sa.select(OrderLine).filter_by(order_id=order.id)))
            assert Money.total(line.line_total_cents for line in lines) == order.subtotal_cents
            [payment] = db.session.scalars(sa.select(Payment).filter_by(order_id=order.id))
            assert payment.amount_cents == order.total_cents
        [stock] = db.session.scalars(sa.select(Stock))
        assert (stock.available, stock.reserved) == (1000 - 2 * len(orders), 2 * len(orders))
        return len(orders)


def test_orders_placed_during_a_backup_are_wholly_in_it_or_not_at_all(
    selling: Flask, restored: Flask, tmp_path: Path, square_server: SquareServer
) -> None:
    rush = Rush(selling)
    path = tmp_path / "shop.zip"
    rush.start()
    with selling.app_context():
        made = make_backup(path, settings=settings_of(selling), now=clock.now(), progress=rush)
    rush.end()
    with restored.app_context():
        restore_backup(RestoreBackup(path=path), settings=settings_of(restored))
    kept = check_rows(restored)
    assert kept == made.manifest.rows_of("orders")
    assert 2 <= kept <= _BUYERS - 4

    with restored.app_context():
        gateway = InterruptedGateway(get_gateway("square"))
        restored.extensions["payment_gateways"] = {"square": gateway}
        books = MoneyShop(restored, square_server, gateway)
        books.heal()
        books.elsewhere(books._check_orders)
        books.elsewhere(books._check_stock)
        books.elsewhere(books._check_carts)
        restored.extensions["payment_gateways"].clear()
        told = command(restored, "reconcile")
    assert told.output.count("Payment the shop does not know") == _BUYERS - kept, told.output
