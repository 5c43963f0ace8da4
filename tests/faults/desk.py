"""Somebody at the order desk: prepares, ships and delivers, leaves out what broke, gives money back, writes down checks."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from bs4 import Tag
from sqlalchemy.exc import SQLAlchemyError

from app.orders.status import OrderStatus
from app.shop.models import CaptureRule
from tests.faults.healing import retry_dead_letters
from tests.faults.people import NoPage, Staff, Told
from tests.faults.points import AT_THE_DESK
from tests.faults.read_books import DeskOrder, list_desk_orders, set_capture_rule
from tests.faults.world import World

_RETRY_SECONDS = 15
# How long one capture rule stands, and how often the other is chosen for the next while.
_RULE_SECONDS, _ON_SHIPMENT, _ON_SHIPMENT_WHERE_WANTED = 12, 0.35, 0.85
_AS_WISHED = 0.5
_S = OrderStatus
_UNSHIPPED = frozenset({_S.PAYMENT_PENDING, _S.PAID, _S.PROCESSING})
_PAID_FOR = frozenset({_S.PAID, _S.PROCESSING, _S.SHIPPED})


def _can_be_refunded(it: DeskOrder) -> bool:
    """Of a card's order, and not while an earlier refund was refused: that is sent again first."""
    return it.status in _PAID_FOR and it.is_paid and not it.is_promise and not it.has_refused


def _can_be_shorter(it: DeskOrder) -> bool:
    return it.status in _UNSHIPPED and it.units > 1 and not it.is_short


@dataclass(frozen=True)
class _Choice:
    """Something the desk does now and then: how often, and with which orders."""

    often: float
    fits: Callable[[DeskOrder], bool]


CHOICES = {
    "cancel": _Choice(0.03, lambda it: it.status in _UNSHIPPED),
    "cancel a promise": _Choice(0.01, lambda it: it.is_promise and it.status in _UNSHIPPED),
    "refund": _Choice(0.08, _can_be_refunded),
    "refund again": _Choice(0.02, lambda it: it.has_refused),
    "leave out": _Choice(0.08, _can_be_shorter),
    "leave out and ship": _Choice(0.08, lambda it: it.is_held),
    "receipt": _Choice(0.06, lambda it: it.is_invoiced and it.is_owed),
    "send a link": _Choice(0.04, lambda it: it.status is _S.PAYMENT_FAILED),
}


class Desk:
    """One person, one order at a time; what the fault planner waits for comes first half of the time."""

    def __init__(self, world: World, staff: Staff, told: Told, dice: random.Random):
        self._world, self._staff, self._told, self._dice = world, staff, told, dice
        self._acts: dict[str, Callable[[DeskOrder], bool]] = {
            "cancel": self._cancel,
            "cancel a promise": self._cancel,
            "refund": self._refund,
            "refund again": self._refund_again,
            "leave out": self._leave_out,
            "leave out and ship": self._leave_out_and_ship,
            "receipt": self._receive,
            "send a link": self._send_link,
        }

    def work(self, stop: threading.Event) -> None:
        """Until told to stop. The capture rule is changed under the orders' feet, and in the end is "on shipment": what
        is held by then waits for `heal`."""
        retry_at = time.monotonic() + _RETRY_SECONDS
        rule_until = time.monotonic() + _RULE_SECONDS
        while not stop.is_set():
            with suppress(NoPage, SQLAlchemyError):
                if time.monotonic() > retry_at:
                    retry_at = time.monotonic() + _RETRY_SECONDS
                    retry_dead_letters(self._world, self._staff)
                if time.monotonic() > rule_until:
                    rule_until = time.monotonic() + _RULE_SECONDS
                    self._change_rule()
                self._take_one(list_desk_orders(self._world.app))
            stop.wait(0.2)

    def _change_rule(self) -> None:
        wanted = "leave out and ship" in self._wishes()
        chance = _ON_SHIPMENT_WHERE_WANTED if wanted else _ON_SHIPMENT
        is_late = self._dice.random() < chance
        set_capture_rule(self._world, CaptureRule.ON_SHIPMENT if is_late else CaptureRule.AT_ONCE)

    def _wishes(self) -> set[str]:
        return {AT_THE_DESK[point] for point in self._world.waits_for if point in AT_THE_DESK}

    def _take_one(self, orders: list[DeskOrder]) -> None:
        wishes = sorted(self._wishes())
        if wishes and self._dice.random() < _AS_WISHED:
            self._do(self._dice.choice(wishes), orders)
            return
        roll = self._dice.random()
        for name, choice in CHOICES.items():
            roll -= choice.often
            if roll < 0:
                self._do(name, orders)
                return
        packing = [each for each in orders if each.status in _UNSHIPPED or each.status is _S.SHIPPED]
        if packing:
            self._move_on(self._dice.choice(packing))

    def _do(self, name: str, orders: list[DeskOrder]) -> None:
        fitting = [each for each in orders if CHOICES[name].fits(each)]
        if fitting:
            self._acts[name](self._dice.choice(fitting))

    # --- What the desk does ------------------------------------------------------------------------------------

    def _move_on(self, it: DeskOrder) -> bool:
        if it.status is _S.PROCESSING:
            return self._staff.press(it.page, "ship", {"carrier": "UPS"})
        if it.status is _S.SHIPPED:
            return self._dice.random() < 0.4 and self._staff.press(it.page, "delivered", {})
        return self._staff.press(it.page, "start", {})

    def _cancel(self, it: DeskOrder) -> bool:
        return self._staff.press(it.page, "cancel", {"reason": "Not to be had"})

    def _refund(self, it: DeskOrder) -> bool:
        kind = self._dice.choice(["whole", "lines", "lines", "amount"])
        values = {"kind": kind, "reason": "Damaged"}
        if kind == "amount":
            values["amount"] = f"{self._dice.randint(1, 9)}.37"

        def fill(form: Tag) -> dict[str, str]:
            units = [str(each["name"]) for each in form.select('input[name^="units_"]')]
            return values | ({self._dice.choice(units): "1"} if kind == "lines" and units else {})

        return self._staff.press(f"/admin/orders/refund?id={it.id}", "refund", fill)

    def _refund_again(self, it: DeskOrder) -> bool:
        return self._staff.press(it.page, "refund/again", {})

    def _leave_out(self, it: DeskOrder) -> bool:
        is_gone = self._dice.random() < 0.5

        def fill(form: Tag) -> dict[str, str]:
            """One unit less of the first line that has more than one."""
            values = {str(each["name"]): "gone" if is_gone else "back" for each in form.select("select")}
            for field in form.select('input[name^="units_"]'):
                if int(str(field["value"])) > 1:
                    line_id = str(field["name"]).removeprefix("units_")
                    lower = str(int(str(field["value"])) - 1)
                    return values | {f"units_{line_id}": lower, f"why_{line_id}": "One of them broke"}
            return values

        return self._staff.press(f"/admin/orders/shorten?id={it.id}", "shorten", fill)

    def _leave_out_and_ship(self, it: DeskOrder) -> bool:
        """What is held is lowered when it is captured, and under "on shipment" that is when it ships."""
        return self._leave_out(it) if _can_be_shorter(it) else self._move_on(it)

    def _receive(self, it: DeskOrder) -> bool:
        """A check for all that is open, as the form offers it; now and then for half of it first."""

        def fill(form: Tag) -> dict[str, str]:
            day = form.select_one('input[name="received_on"]')
            amount = form.select_one('input[name="amount"]')
            values = {"by": "check", "reference": "1042", "received_on": str(day["value"]) if day else ""}
            if amount is not None and self._dice.random() < 0.3:
                values["amount"] = "5.00"
            return values

        return self._staff.press(f"/admin/orders/receive?id={it.id}", "receive", fill)

    def _send_link(self, it: DeskOrder) -> bool:
        is_sent = self._staff.press(it.page, "pay-link", {}, done="is on its way to the buyer")
        if is_sent:
            with self._told.lock:
                self._told.links[it.number] = time.time()
        return is_sent
