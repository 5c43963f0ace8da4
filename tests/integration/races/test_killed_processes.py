"""kill -9 at the worst moments: another worker finishes what the dead one began, and money moves once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from flask import Flask

from app.carts.models import Cart, CartStatus
from app.extensions import db
from app.inventory.models import Stock
from app.orders.cancel_order import cancel_own_order
from app.orders.models import Order
from app.orders.status import OrderStatus
from app.outbox.models import OutboxRow
from app.payments.models import Payment, Refund
from app.payments.status import PaymentStatus, RefundStatus
from app.settings import Settings
from app.shared import clock
from app.shared.history import Actor
from app.shared.transaction import transaction
from sandbox.square import SquareServer
from sandbox.square.faults import Fault
from tests.placing import Ready, ledger, make_ready, payments_of, press
from tests.source import ROOT

pytestmark = pytest.mark.usefixtures("app", "square")

_PATIENCE = 60.0
# The process is killed while it is held inside the call; the request itself goes on then, as it would at Square.
_HELD = 4
_GIVEN = (
    "secret_key", "data_key", "site_url", "database_url", "square_base_url", "square_access_token", "square_location_id",
    "mail_server", "mail_port", "mail_default_sender",
)  # fmt: skip
_IN_A_HURRY = {
    "JOBS": "database", "LOG_LEVEL": "WARNING", "OUTBOX_LEASE_SECONDS": "1", "OUTBOX_RETRY_SECONDS": "1,1,1,1,1,1,1,1",
    "CAPTURE_STALE_SECONDS": "1", "SETTLE_AFTER_SECONDS": "1", "SETTLE_AGAIN_SECONDS": "5",
    "SQUARE_TIMEOUT_SECONDS": "30", "OUTBOX_POLL_SECONDS": "1",
}  # fmt: skip


@pytest.fixture
def environment(app: Flask, tmp_path: Path) -> dict[str, str]:
    """The racing shop's settings for a process of its own, with short leases, claims and waits."""
    settings: Settings = app.extensions["settings"]
    given = {name.upper(): str(getattr(settings, name)) for name in _GIVEN}
    return os.environ | given | _IN_A_HURRY | {"TRADEPOST_INSTANCE": str(tmp_path)}


@contextmanager
def process(environment: dict[str, str], *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """A Python process of the shop, killed -9 at the end of the block at the latest."""
    log = Path(environment["TRADEPOST_INSTANCE"]) / f"{time.monotonic_ns()}.log"
    with log.open("wb") as told:
        child = subprocess.Popen(
            [sys.executable, "-X", "faulthandler", "-m", *arguments],
            cwd=ROOT,
            env=environment,
            stdout=told,
            stderr=told,
        )
    try:
        yield child
    except AssertionError as error:
        error.add_note(_last_words(child, log))
        raise
    finally:
        child.send_signal(signal.SIGKILL)
        child.wait()


def _last_words(child: subprocess.Popen[bytes], log: Path) -> str:
    """Why it may have gone wrong: where the process is now, and what it said."""
    status = child.poll()
    if status is None:
        child.send_signal(signal.SIGABRT)  # faulthandler then says where it hangs
        child.wait(5)
    return f"exit status {status}, and it said:\n{log.read_text(errors='replace')[-3000:]}"


def worker(environment: dict[str, str]) -> AbstractContextManager[subprocess.Popen[bytes]]:
    return process(environment, "flask", "--app", "wsgi", "jobs", "work")


def wait_until(holds: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        db.session.rollback()
        db.session.expire_all()
        if holds():
            return
        time.sleep(0.05)
    rows = [
        (row.kind.value, row.attempts, row.last_error) for row in db.session.scalars(db.select(OutboxRow))
    ]
    raise AssertionError(f"waited in vain for {what}: {rows}")


def hold(square: SquareServer, call: str, moment: str) -> None:
    """The next such call stays inside Square: before it does anything, or when it has done it but not said so."""
    square.office.faults.add(Fault(call=call, kind="latency", moment=moment, count=1, seconds=_HELD))


def is_inside(square: SquareServer) -> Callable[[], bool]:
    """Whether the held call has come in."""
    return lambda: any(fault.fired for fault in square.office.faults.rules())


def calls(square: SquareServer) -> Counter[str]:
    return Counter(each["call"] for each in square.office.calls())


def only_money() -> None:
    """Mails are no part of these stories."""
    with transaction():
        for row in db.session.scalars(db.select(OutboxRow)):
            if row.kind.queue == "mail":
                row.closed_at = clock.now()


def placed() -> tuple[Ready, Order]:
    ready = make_ready()
    order = press(ready)
    only_money()
    return ready, order


def order_is(order_id: int, status: OrderStatus) -> Callable[[], bool]:
    return lambda: db.session.get_one(Order, order_id).status is status


def is_whole(order_id: int) -> bool:
    return db.session.get_one(Order, order_id).status in {OrderStatus.PAID, OrderStatus.PAYMENT_FAILED}


def is_refunded() -> bool:
    """One refund, and Square has it: on its way or there."""
    statuses = list(db.session.scalars(db.select(Refund.status)))
    return statuses in ([RefundStatus.PENDING], [RefundStatus.COMPLETED])


def kill_inside(environment: dict[str, str], square: SquareServer, call: str, moment: str) -> None:
    """Start a worker, let it run into that call, and kill it there."""
    hold(square, call, moment)
    with worker(environment):
        wait_until(is_inside(square), f"a worker inside {call}")
        time.sleep(0.1)
    square.office.faults.clear()


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_worker_killed_inside_a_capture_leaves_it_to_the_next_which_captures_once(
    environment: dict[str, str], square: SquareServer, moment: str
) -> None:
    _, order = placed()
    order_id = order.id
    kill_inside(environment, square, "payments.complete", moment)
    assert payments_of(order)[0].status is PaymentStatus.CAPTURING

    with worker(environment):
        wait_until(order_is(order_id, OrderStatus.PAID), "the order to be paid")
    assert [each["status"] for each in ledger(square)] == ["COMPLETED"]
    assert [each.status for each in payments_of(order)] == [PaymentStatus.CAPTURED]
    if moment == "after":  # the next worker asked, and had nothing left to do
        assert calls(square)["payments.complete"] == 1


def test_an_order_cancelled_after_its_worker_died_in_the_capture_gets_its_money_back(
    environment: dict[str, str], square: SquareServer
) -> None:
    ready, order = placed()
    number = order.number
    kill_inside(environment, square, "payments.complete", "after")
    cancel_own_order(number, ready.business_id, actor=Actor.system("buyer"), now=clock.now())
    only_money()

    with worker(environment):
        wait_until(is_refunded, "the refund")
    assert [each["refunded_money"]["amount"] for each in ledger(square)] == [3500]
    stock = db.session.get_one(Stock, ready.sku.id)
    assert (stock.available, stock.reserved) == (100, 0)


def test_a_worker_killed_inside_a_refund_leaves_it_to_the_next_which_refunds_once(
    environment: dict[str, str], square: SquareServer
) -> None:
    ready, order = placed()
    order_id, number = order.id, order.number
    hold(square, "refunds.create", "after")
    with worker(environment):
        wait_until(order_is(order_id, OrderStatus.PAID), "the order to be paid")
        cancel_own_order(number, ready.business_id, actor=Actor.system("buyer"), now=clock.now())
        wait_until(is_inside(square), "a worker inside the refund")
        time.sleep(0.1)
    square.office.faults.clear()
    only_money()
    assert db.session.scalars(db.select(Refund.status)).all() == [RefundStatus.UNKNOWN]

    with worker(environment):
        wait_until(is_refunded, "the refund")
    assert calls(square)["refunds.create"] == 2
    assert [each["refunded_money"]["amount"] for each in ledger(square)] == [3500]


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_web_process_killed_while_it_asks_for_the_money_leaves_one_whole_order(
    environment: dict[str, str], square: SquareServer, moment: str
) -> None:
    ready = make_ready()
    command = ready.command()
    cart_id = ready.cart.id
    told = (
        command.checkout_token,
        str(command.shown_total.cents),
        str(ready.user_id),
        str(ready.business_id),
    )
    db.session.rollback()
    hold(square, "payments.create", moment)
    with process(environment, "tests.pressing", *told):
        wait_until(is_inside(square), "a web process inside the authorization")
        time.sleep(0.1)
    square.office.faults.clear()
    [order] = db.session.scalars(db.select(Order))
    order_id = order.id
    assert order.status is OrderStatus.PENDING

    with worker(environment):
        wait_until(lambda: is_whole(order_id), "the order to be paid or to have failed")
    held = [each["status"] for each in ledger(square)]
    cart = db.session.get_one(Cart, cart_id)
    if db.session.get_one(Order, order_id).status is OrderStatus.PAID:
        # On a slow machine the request has landed before anybody looks for it, also where it was held up before.
        assert held == ["COMPLETED"]
        assert cart.status is CartStatus.ORDERED
        return
    # The request of the dead process lands after all; the second look lets it go.
    assert moment == "before"
    assert (cart.status, cart.placing_order_id) == (CartStatus.OPEN, None)
    with worker(environment):
        wait_until(
            lambda: [each["status"] for each in ledger(square)] == ["CANCELED"], "the orphan to be let go"
        )
    assert db.session.scalars(db.select(Payment.status)).all() == [PaymentStatus.VOIDED]
