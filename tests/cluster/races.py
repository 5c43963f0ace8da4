"""Two people do the same thing on two nodes in the same moment: each node knows only its own locks.

Both are held back at their commit until both have read, decided and locked: what on one server the second would have
waited for, two nodes do side by side. `python -m tests.cluster` counts how often the rule was broken; it must be never.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy import event, update
from sqlalchemy.orm import Session

from app.accounts.deactivate_user import deactivate_user
from app.accounts.models import User, UserStatus
from app.accounts.permissions import Role
from app.businesses.add_address import add_address
from app.businesses.address_rules import NewAddress
from app.businesses.models import Address
from app.checkout.place_order import place_order
from app.extensions import db
from app.inventory.models import Stock
from app.orders.models import Order
from app.orders.payment_method import PaymentMethod
from app.orders.status import OrderStatus
from app.payments.models import Refund
from app.payments.providers import get_gateway
from app.payments.queries import balance
from app.payments.refund_payment import RefundPayment, refund_payment
from app.payments.status import PaymentStatus, RefundKind
from app.shared import clock
from app.shared.cluster import catch_up
from app.shared.errors import AppError
from app.shared.history import Actor
from app.shared.money import Money
from app.shared.transaction import transaction
from tests.factories import (
    make_address,
    make_business,
    make_buyer,
    make_cart,
    make_order,
    make_payment,
    make_shipping_method,
    make_shop,
    make_sku,
    make_staff,
    make_user,
)
from tests.on_account import STAFF, give_terms, receive_by_id, send_out_by_id
from tests.placing import Ready

_TOGETHER_SECONDS = 3
# What one order of `_buyer` comes to: two units at $10.00 and $15.00 for shipping.
_ORDER = 3500
Step = Callable[[], object]


@dataclass
class RaceResult:
    """`met`: rounds in which both stood at their commit at once (not asked where many run); `broken`: what was wrong."""

    name: str
    is_met: bool = True
    rounds: int = 0
    met: int = 0
    broken: list[str] = field(default_factory=list)


class Together:
    """Runs steps side by side, each on a node of its own, and lets none commit before all are about to."""

    def __init__(self, apps: list[Flask]):
        self._apps = apps
        self._here = threading.local()
        self.met = 0

    def run(self, *steps: Step, meet: bool = True) -> list[object]:
        """What each returned or was refused with (AppError), in their order."""
        answers: list[object] = [None] * len(steps)
        barrier = threading.Barrier(len(steps), action=self._count) if meet else None

        def on_node(number: int) -> None:
            self._here.barrier = barrier
            with self._apps[number % len(self._apps)].app_context():
                try:
                    catch_up()
                    answers[number] = steps[number]()
                except AppError as refused:
                    answers[number] = refused
                finally:
                    db.session.remove()

        threads = [threading.Thread(target=on_node, args=(number,)) for number in range(len(steps))]
        with self._held_back():
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        return answers

    def _count(self) -> None:
        self.met += 1

    @contextmanager
    def _held_back(self) -> Iterator[None]:
        event.listen(Session, "before_commit", self._wait)
        try:
            yield
        finally:
            event.remove(Session, "before_commit", self._wait)

    def _wait(self, _session: Any) -> None:
        barrier, self._here.barrier = getattr(self._here, "barrier", None), None
        if barrier is not None:
            try:
                barrier.wait(_TOGETHER_SECONDS)
            except threading.BrokenBarrierError:
                return  # the others were refused before they came so far


def run_races(apps: list[Flask], rounds: int) -> list[RaceResult]:
    """Each race so many times; `apps` are the shop at each node, on an empty migrated database."""
    with apps[0].app_context():
        make_shop()
    return [_repeat(apps, race, rounds) for race in RACES]


def _repeat(apps: list[Flask], race: Callable[[Together], str], rounds: int) -> RaceResult:
    result = RaceResult((race.__doc__ or race.__name__).strip().rstrip("."), is_met=race is not _numbers)
    together = Together(apps)
    for _ in range(rounds):
        with apps[0].app_context():
            wrong = race(together)
            db.session.remove()
        result.rounds += 1
        if wrong:
            result.broken.append(f"{result.name}: {wrong}")
    result.met = together.met
    return result


def _last_units(together: Together) -> str:
    """The last units are sold once."""
    sku = make_sku(stock=2)
    first, second = _buyer(sku=sku), _buyer(sku=sku)
    answers = together.run(_ordering(first), _ordering(second))
    stock = _fresh(Stock, sku.id)
    sold = _count(Order, answers)
    is_right = (sold, stock.available, stock.reserved) == (1, 0, 2)
    return "" if is_right else f"{sold} orders, {stock.available} left, {stock.reserved} set aside; {answers}"


def _credit_limit(together: Together) -> str:
    """Two orders of one business stay within its credit limit."""
    first = _buyer(limit=Money(_ORDER + 1000))
    second = _buyer(like=first)
    answers = together.run(_ordering(first), _ordering(second))
    return "" if _count(Order, answers) == 1 else f"{_count(Order, answers)} orders; {answers}"


def _one_cart(together: Together) -> str:
    """One cart pressed on two nodes is one order."""
    buyer = _buyer()
    step = _ordering(buyer)
    together.run(step, step)
    orders = _all(Order, user_id=buyer.user_id)
    return "" if len(orders) == 1 else f"{len(orders)} orders"


def _part_refunds(together: Together) -> str:
    """Two part refunds never give back more than was paid."""
    order = make_order(make_buyer(), {make_sku(): 4}, status=OrderStatus.PAID)
    payment = make_payment(order, PaymentStatus.CAPTURED)
    command = RefundPayment(
        order_id=order.id, payment_id=payment.id, kind=RefundKind.AMOUNT, reason="Damaged", amount=Money(2500)
    )

    def give_back() -> object:
        return refund_payment(command, actor=STAFF, now=clock.now()).id

    answers = together.run(give_back, give_back)
    back = Money.total(each.amount_cents for each in _all(Refund, payment_id=payment.id))
    return "" if back == Money(2500) else f"{back} of {payment.amount_cents} went back; {answers}"


def _receipts(together: Together) -> str:
    """Two checks never pay an order twice."""
    buyer = _buyer()
    order: Any = _ordering(buyer)()

    def receive() -> object:
        return receive_by_id(order.id, Money(2000)).id

    answers = together.run(receive, receive)
    owed = balance(_fresh(Order, order.id))
    return "" if owed == Money(_ORDER - 2000) else f"{owed} is owed still; {answers}"


def _last_owner(together: Together) -> str:
    """Two shop owners who shut each other out: one stays."""
    with transaction():
        db.session.execute(
            update(User).values(status=UserStatus.DEACTIVATED).where(User.role == Role.SHOP_OWNER)
        )
    one, other = make_staff(Role.SHOP_OWNER), make_staff(Role.SHOP_OWNER)

    def shut_out(user_id: int, by: int) -> Step:
        return lambda: deactivate_user(user_id, actor=Actor(by, "Owner"), now=clock.now()).id

    answers = together.run(shut_out(one.id, other.id), shut_out(other.id, one.id))
    left = len(_all(User, role=Role.SHOP_OWNER, status=UserStatus.ACTIVE))
    return "" if left == 1 else f"{left} are left; {answers}"


def _addresses(together: Together) -> str:
    """Of a business's first two addresses one is the default."""
    business = make_business()

    def add(line: str) -> Step:
        address = NewAddress(
            recipient="Palmer", line1=line, city="San Francisco", state="CA", postal_code="94110"
        )
        return lambda: add_address(business.id, address, now=clock.now())

    answers = together.run(add("1 First St"), add("2 Second St"))
    held = _all(Address, business_id=business.id)
    defaults = sum(each.is_default_shipping for each in held)
    return "" if (len(held), defaults) == (2, 1) else f"{len(held)} addresses, {defaults} defaults; {answers}"


def _numbers(together: Together) -> str:
    """Orders and invoices of all nodes are numbered without gaps."""
    buyers = [_buyer() for _ in range(9)]
    _ordering(_buyer())()  # the very first number of a counter is none to compare with
    before = _highest(Order.number)
    orders: list[Any] = together.run(*[_ordering(each) for each in buyers], meet=False)
    numbers = sorted(_number(each.number) for each in orders)
    invoiced = _highest(Order.invoice_number)
    together.run(*[lambda each=each: send_out_by_id(each.id).id for each in orders], meet=False)
    invoices = sorted(_number(_fresh(Order, each.id).invoice_number) for each in orders)
    wrong = [
        f"{name} {found}"
        for name, found, last in (("orders", numbers, before), ("invoices", invoices, invoiced))
        if found != list(range(last + 1, last + 1 + len(buyers)))
    ]
    return "; ".join(wrong)


RACES: tuple[Callable[[Together], str], ...] = (
    _last_units, _credit_limit, _one_cart, _part_refunds, _receipts, _last_owner, _addresses, _numbers,
)  # fmt: skip


def _buyer(*, sku: Any = None, limit: Money | None = None, like: Ready | None = None) -> Ready:
    """Somebody with terms and a cart of $35.00; `like`: of the same business as that one."""
    business = like.business if like else make_business()
    address = like.address if like else make_address(business)
    if like is None:
        give_terms(business.id, limit=limit)
    buyer = make_user(business=business)
    sku = sku or make_sku()
    method = make_shipping_method()
    cart = make_cart(buyer, {sku: 2}, shipping_address_id=address.id, shipping_method_id=method.id)
    return Ready(buyer, business, address, sku, cart, buyer.id, business.id)


def _ordering(ready: Ready) -> Step:
    command = ready.command("", payment_method=PaymentMethod.TERMS)
    user_id, business_id = ready.user_id, ready.business_id
    return lambda: place_order(
        command, user_id=user_id, business_id=business_id, actor=Actor(user_id, "Ada Palmer"),
        gateway=get_gateway("terms"), settle_after=timedelta(minutes=2),
    )  # fmt: skip


def _number(text: str | None) -> int:
    return int(text.rpartition("-")[2]) if text else 0


def _highest(column: Any) -> int:
    """Of those the counter gave out; orders that the factories wrote have numbers of their own kind."""
    db.session.rollback()
    catch_up()
    given = db.session.scalars(db.select(column).where(column.like("TP-%") | column.like("INV-%")))
    return max(map(_number, given), default=1000)


def _count(model: type, answers: list[object]) -> int:
    return sum(isinstance(each, model) for each in answers)


def _fresh(model: type[Any], row_id: int) -> Any:
    db.session.rollback()
    catch_up()
    return db.session.get_one(model, row_id, populate_existing=True)


def _all(model: type[Any], **values: Any) -> list[Any]:
    db.session.rollback()
    catch_up()
    query = db.select(model).filter_by(**values).execution_options(populate_existing=True)
    return list(db.session.scalars(query))
