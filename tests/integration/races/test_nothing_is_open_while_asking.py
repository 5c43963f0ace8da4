"""While a payment provider is asked, the database itself sees no open transaction of the shop, and so no lock."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.pool import NullPool

from app.extensions import db
from app.orders.cancel_order import cancel_own_order
from app.orders.models import Order
from app.payments.gateway import Declined, PaymentGateway
from app.payments.providers import get_gateway
from app.payments.reconcile import reconcile
from app.shared import clock
from app.shared.history import Actor
from sandbox.square import SquareServer
from tests.placing import CARD_DECLINED, Ready, break_next, make_ready, press
from tests.running_jobs import run_due
from tests.worlds import engine_of

# Reads count too: the engine lists a transaction from its first statement to its end.
_OPEN = text(
    "SELECT COUNT(*) FROM information_schema.innodb_trx JOIN information_schema.processlist"
    " ON processlist.id = innodb_trx.trx_mysql_thread_id"
    " WHERE processlist.db = DATABASE() AND processlist.id <> CONNECTION_ID()"
)

# The engine keeps what this table shows for a tenth of a second after somebody looked.
_FRESH = 0.12


class Watched:
    """The shop's gateway; before each call it asks the database what is open, over a connection of its own."""

    def __init__(self, gateway: PaymentGateway, engine: Engine):
        self._gateway = gateway
        self._engine = engine
        self.calls: Counter[str] = Counter()
        self.open_at: dict[str, int] = {}

    def wait_for_silence(self) -> None:
        """Until whatever an earlier test's killed processes and threads left open is rolled back."""
        deadline = time.monotonic() + 20
        while self._count() and time.monotonic() < deadline:
            time.sleep(0.05)

    def _count(self) -> int:
        time.sleep(_FRESH)
        with self._engine.connect() as connection:
            return int(connection.execute(_OPEN).scalar_one())

    def __getattr__(self, name: str) -> Any:
        told = getattr(self._gateway, name)
        if not callable(told):
            return told

        def ask(*arguments: Any, **named: Any) -> Any:
            self.calls[name] += 1
            self.open_at[name] = max(self.open_at.get(name, 0), self._count())
            return told(*arguments, **named)

        return ask


@pytest.fixture
def watched(app: Flask, square: SquareServer) -> Iterator[Watched]:
    # Unhidden: the URL holds the password of a server that lives as long as the tests.
    url = engine_of(app).url.render_as_string(hide_password=False)
    engine = create_engine(url, poolclass=NullPool)
    gateway = Watched(get_gateway("square"), engine)
    gateway.wait_for_silence()
    app.extensions["payment_gateways"]["square"] = gateway
    yield gateway
    app.extensions.pop("payment_gateways")


def cancel(ready: Ready, order: Order) -> None:
    actor = Actor(ready.user_id, "Ada Palmer")
    cancel_own_order(order.number, ready.business_id, actor=actor, now=clock.now())


def test_the_watch_sees_a_transaction_that_stays_open(app: Flask, watched: Watched) -> None:
    make_ready()
    db.session.scalars(db.select(Order)).all()
    watched.list_payments(clock.now() - timedelta(minutes=1), clock.now())
    assert watched.open_at == {"list_payments": 1}


def test_nothing_is_open_at_any_call_of_an_orders_life(
    app: Flask, square: SquareServer, watched: Watched
) -> None:
    ready = make_ready()
    captured = press(ready)
    run_due(app)
    cancel(ready, captured)
    run_due(app, ahead=timedelta(hours=2))

    held = make_ready(sku=ready.sku)
    cancel(held, press(held))
    run_due(app, ahead=timedelta(hours=2))

    declined = make_ready(sku=ready.sku)
    with pytest.raises(Declined):
        press(declined, declined.command(CARD_DECLINED))

    for moment in ("before", "after"):
        break_next(square, "payments.create", "reset", moment)
        press(make_ready(sku=ready.sku))
        run_due(app, ahead=timedelta(hours=2))
    reconcile(clock.now() - timedelta(days=1), gateway=watched, actor=Actor.system("test"))

    expected = {"authorize", "capture", "void", "refund", "get_refund", "find", "cancel_by_key", "get"}
    assert expected | {"list_payments", "list_refunds"} <= set(watched.calls)
    assert watched.open_at == dict.fromkeys(watched.calls, 0)


def test_placing_is_one_call_and_two_transactions(app: Flask, watched: Watched) -> None:
    ready = make_ready()
    command = ready.command()
    commits: list[object] = []

    def note(connection: object) -> None:
        commits.append(connection)

    event.listen(engine_of(app), "commit", note)
    try:
        press(ready, command)
    finally:
        event.remove(engine_of(app), "commit", note)
    assert watched.calls == {"authorize": 1}
    assert len(commits) == 2
