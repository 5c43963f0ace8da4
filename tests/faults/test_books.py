"""The suite must be able to fail: books that were tampered with are found out, each thing by its own name."""

from __future__ import annotations

import importlib
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest

from app.payments.square_gateway import SquareGateway
from tests.faults.books import Findings, OurBooks, OurOrder, OurPayment, OurRefund, OurStock, compare
from tests.faults.points import CALLS, COMMITS, FEEDERS, HELPING, all_faults

BUYER, STAFF = "ada@example.com", "staff@shop.example"


def square(key: str, status: str, refunded: int = 0) -> dict[str, Any]:
    money = {"amount": 3500, "currency": "USD"}
    back = {"refunded_money": {"amount": refunded, "currency": "USD"}} if refunded else {}
    return {"id": f"at-square-{key}", "reference_id": key, "status": status, "total_money": money} | back


LEDGER: dict[str, Any] = {
    "payments": [
        square("paid", "COMPLETED"),
        square("off", "COMPLETED", refunded=3500),
        square("let go", "CANCELED"),
        square("refused", "FAILED"),
    ],
    "refunds": [
        {"id": "back", "payment_id": "at-square-off", "status": "COMPLETED", "amount_money": {"amount": 3500}}
    ],
}
BOOKS = OurBooks(
    orders=[
        OurOrder(1, "HP-1", "paid", 3500, BUYER, {7: 2}),
        OurOrder(2, "HP-2", "cancelled", 3500, BUYER, {7: 2}),
        OurOrder(3, "HP-3", "payment_failed", 3500, BUYER, {7: 2}),
        OurOrder(4, "HP-4", "payment_failed", 3500, BUYER, {7: 2}),
        OurOrder(5, "HP-5", "payment_failed", 3500, BUYER, {7: 2}),
    ],
    payments=[
        OurPayment(1, 1, "captured", 3500, "paid"),
        OurPayment(2, 2, "captured", 3500, "off"),
        OurPayment(3, 3, "voided", 3500, "let go"),
        OurPayment(4, 4, "declined", 3500, "refused"),
        OurPayment(5, 5, "voided", 3500, "never heard of"),
    ],
    refunds=[OurRefund(2, "back", "completed", 3500)],
    stock=[OurStock(7, 8, 2, 0, 10)],
    staff_address=STAFF,
    mails=frozenset({
        (BUYER, "We have your order HP-1"), (BUYER, "Receipt for order HP-1: $35.00"),
        (STAFF, "Paid order HP-1 from Palmer Goods: $35.00"), (BUYER, "Order HP-2 is cancelled"),
        (BUYER, "Order HP-3: we could not charge your card"), (BUYER, "Order HP-5: we could not charge your card"),
    }),
    told_placed=frozenset({"HP-1", "HP-2"}),
    told_cancelled=frozenset({"HP-2"}),
)  # fmt: skip


def found(books: OurBooks = BOOKS, ledger: dict[str, Any] = LEDGER) -> dict[str, int]:
    """What is not 0."""
    return {name: count for name, count in compare(books, ledger).counts().items() if count}


def ledger_with(*payments: dict[str, Any]) -> dict[str, Any]:
    ledger = deepcopy(LEDGER)
    ledger["payments"].extend(payments)
    return ledger


def orders_with(number: int, **changes: Any) -> OurBooks:
    orders = [replace(order, **changes) if order.id == number else order for order in BOOKS.orders]
    return replace(BOOKS, orders=orders)


def test_books_that_agree_are_found_to_agree():
    assert found() == {}


def test_an_order_charged_twice_is_found():
    other = OurPayment(9, 1, "captured", 3500, "again")
    books = replace(BOOKS, payments=[*BOOKS.payments, other])
    assert found(books, ledger_with(square("again", "COMPLETED"))) == {"double_charges": 1}


def test_a_charge_under_the_same_key_twice_is_found():
    assert found(ledger=ledger_with(square("paid", "COMPLETED"))) == {"double_charges": 1}


def test_money_kept_of_a_cancelled_order_is_found():
    ledger = deepcopy(LEDGER)
    ledger["payments"][1] = square("off", "COMPLETED", refunded=3000)
    assert found(ledger=ledger) == {"double_charges": 1}


def test_money_taken_for_an_attempt_that_we_wrote_off_is_found():
    assert found(ledger=ledger_with(square("never heard of", "COMPLETED"))) == {
        "double_charges": 1,
        "differences": 1,
    }


def test_a_lost_row_of_an_order_is_found_by_its_money_and_by_its_buyer():
    books = replace(
        BOOKS, orders=BOOKS.orders[1:], payments=BOOKS.payments[1:], stock=[OurStock(7, 10, 0, 0, 10)]
    )
    assert found(books) == {"lost_orders": 2}


def test_an_order_that_stands_unpaid_is_found():
    ledger = deepcopy(LEDGER)
    del ledger["payments"][0]
    assert found(ledger=ledger) == {"lost_orders": 1, "differences": 1}


@pytest.mark.parametrize("status", ["pending", "payment_pending"])
def test_an_order_that_never_came_to_an_end_is_found(status):
    assert found(orders_with(1, status=status)) == {"lost_orders": 1}


@pytest.mark.parametrize("key", ["let go", "never heard of", "of nobody"])
def test_a_hold_that_stays_is_found(key):
    ledger = deepcopy(LEDGER)
    ledger["payments"] = [each for each in ledger["payments"] if each["reference_id"] != key]
    ledger["payments"].append(square(key, "APPROVED"))
    assert found(ledger=ledger)["orphaned_holds"] == 1


def test_units_sold_that_were_never_there_are_found():
    books = replace(orders_with(1, lines={7: 13}), stock=[OurStock(7, -3, 13, 0, 10)])
    assert found(books) == {"oversold_units": 3, "differences": 1}


@pytest.mark.parametrize(
    "row", [OurStock(7, 8, 2, 1, 10), OurStock(7, 6, 4, 0, 10), OurStock(7, 8, 0, 2, 10)]
)
def test_stock_that_does_not_add_up_or_is_not_what_the_orders_say_is_found(row):
    assert found(replace(BOOKS, stock=[row]))["differences"] >= 1


@pytest.mark.parametrize("mail", sorted(BOOKS.mails))
def test_each_mail_that_belongs_is_missed(mail):
    assert found(replace(BOOKS, mails=BOOKS.mails - {mail})) == {"missing_mails": 1}


def test_a_cancellation_that_was_promised_and_did_not_happen_is_found():
    assert found(replace(BOOKS, told_cancelled=frozenset({"HP-1"}))) == {"differences": 1}


@pytest.mark.parametrize(
    "refunds", [[], [OurRefund(2, "back", "pending", 3500)], [OurRefund(2, "back", "completed", 100)]]
)
def test_a_refund_that_is_not_the_same_on_both_sides_is_found(refunds):
    assert found(replace(BOOKS, refunds=refunds)) == {"differences": 1}


def test_another_amount_is_found():
    payments = [replace(each, amount=3400) if each.id == 1 else each for each in BOOKS.payments]
    assert found(replace(BOOKS, payments=payments)) == {"differences": 1}


def test_every_finding_is_told_in_words():
    findings: Findings = compare(replace(BOOKS, mails=frozenset()), LEDGER)
    assert len(findings.lines) == findings.missing_mails == len(BOOKS.mails)


# --- The points are where the list says -------------------------------------------------------------------------------


@pytest.mark.parametrize("place", sorted(COMMITS.values()))
def test_each_commit_named_is_one_of_the_shop(place):
    module, _, name = place.partition(":")
    assert callable(getattr(importlib.import_module(module), name))


@pytest.mark.parametrize("name", sorted(name for name, _ in CALLS.values()))
def test_each_call_named_is_one_of_the_gateway(name):
    assert callable(getattr(SquareGateway, name))


def test_what_helps_to_a_point_is_a_fault_or_a_help_by_name():
    known = set(all_faults("rq"))
    feeders = [(point, kind) for feeders in FEEDERS.values() for point, kind in feeders]
    assert all(
        kind in HELPING or (point, kind) in {(each.point, each.kind) for each in known}
        for point, kind in feeders
    )
