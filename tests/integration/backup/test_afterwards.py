"""A restored shop is older than Square's books: its jobs run again, and no money moves a second time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import Flask

from app.backup.make_backup import make_backup
from app.backup.restore_backup import RestoreBackup, restore_backup
from app.extensions import db
from app.orders.cancel_order import cancel_own_order
from app.orders.models import Order
from app.orders.status import OrderStatus
from app.payments.providers import get_gateway
from app.shared import clock
from app.shared.history import Actor
from sandbox.square import SquareServer
from tests.backups import command, settings_of
from tests.factories import make_shop, make_sku
from tests.money_shop import InterruptedGateway, MoneyShop
from tests.placing import Ready, ledger, make_ready, press

BUYER = Actor.system("buyer")


def money_shop(app: Flask, square: SquareServer) -> MoneyShop:
    gateway = InterruptedGateway(get_gateway("square"))
    app.extensions["payment_gateways"] = {"square": gateway}
    return MoneyShop(app, square, gateway)


def cancel(ready: Ready, number: str) -> None:
    cancel_own_order(number, ready.business_id, actor=BUYER, now=clock.now())


def at_square(square: SquareServer) -> list[tuple[Any, ...]]:
    """What was taken and what was given back, payment by payment in the order they were made."""
    return [
        (each["status"], each["total_money"]["amount"], each.get("refunded_money", {}).get("amount", 0))
        for each in ledger(square)
    ]


def test_what_happened_after_the_backup_is_not_done_again(
    selling: Flask, restored: Flask, tmp_path: Path, square_server: SquareServer
) -> None:
    path = tmp_path / "shop.zip"
    with selling.app_context():
        shop = money_shop(selling, square_server)
        make_shop()
        sku = make_sku(stock=100)
        sent_back, captured, let_go, later = (make_ready(sku=sku) for _ in range(4))
        first = press(sent_back).number
        shop.work()
        second, third = press(captured).number, press(let_go).number
        make_backup(path, settings=settings_of(selling), now=clock.now())

        cancel(sent_back, first)
        cancel(let_go, third)
        press(later)
        shop.heal()
        shop.check()
    then = at_square(square_server)
    assert then == [
        ("COMPLETED", 3500, 3500),
        ("COMPLETED", 3500, 0),
        ("CANCELED", 3500, 0),
        ("COMPLETED", 3500, 0),
    ]

    with restored.app_context():
        restore_backup(RestoreBackup(path=path), settings=settings_of(restored))
        money_shop(restored, square_server).heal()
        statuses = {order.number: order.status for order in db.session.scalars(db.select(Order))}
        restored.extensions["payment_gateways"].clear()
        told = command(restored, "reconcile").output
    assert at_square(square_server) == then
    assert statuses == {
        first: OrderStatus.PAID,
        second: OrderStatus.PAID,
        third: OrderStatus.PAYMENT_FAILED,
    }
    assert "Payment the shop does not know" in told
    assert "Refund the shop does not know" in told
