"""The suite must be able to fail: books that were tampered with are found out, each thing by its own name."""

from __future__ import annotations

import importlib
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest

from app.payments.square_gateway import SquareGateway
from sandbox.square.faults import read_fault
from tests.faults.books import Findings, OurBooks, OurOrder, OurPayment, OurRefund, OurStock, compare
from tests.faults.desk import CHOICES
from tests.faults.points import AT_SQUARE, AT_THE_DESK, CALLS, COMMITS, FEEDERS, HELPING, all_faults

BUYER, STAFF = "ada@example.com", "staff@shop.example"


def square(key: str, status: str, refunded: int = 0, amount: int = 3500) -> dict[str, Any]:
    money = {"amount": amount, "currency": "USD"}
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
    refunds=[OurRefund(2, "back", "completed", 3500, "cancelled")],
    stock=[OurStock(7, 8, 2, 0, 10)],
    staff_address=STAFF,
    mails=(
        (BUYER, "We have your order HP-1"), (BUYER, "Receipt for order HP-1: $35.00"),
        (STAFF, "Paid order HP-1 from Palmer Goods: $35.00"), (BUYER, "Order HP-2 is cancelled"),
        (BUYER, "Order HP-3: we could not charge your card"), (BUYER, "Order HP-5: we could not charge your card"),
    ),
    told_placed=frozenset({"HP-1", "HP-2"}),
    told_cancelled=frozenset({"HP-2"}),
)  # fmt: skip


def refund_at_square(number: str, amount: int, status: str = "COMPLETED") -> dict[str, Any]:
    return {
        "id": number,
        "payment_id": "at-square-short",
        "status": status,
        "amount_money": {"amount": amount},
    }


# Money that went back in part, was lowered, promised, or came by hand; orders that wait for a card.
OTHER_LEDGER: dict[str, Any] = {
    "payments": [square("short", "COMPLETED", refunded=1400), square("lowered", "COMPLETED", amount=2500)],
    "refunds": [
        refund_at_square("cannot ship", 1000), refund_at_square("twice", 200), refund_at_square("twice more", 200),
        refund_at_square("refused", 200, "REJECTED"),
    ],
}  # fmt: skip
OTHER_BOOKS = OurBooks(
    orders=[
        OurOrder(1, "HP-1", "processing", 2500, BUYER, {}, is_short=True),
        OurOrder(2, "HP-2", "shipped", 2500, BUYER, {}, is_short=True),
        OurOrder(3, "HP-3", "payment_pending", 3500, BUYER, {}, is_promise=True),
        OurOrder(4, "HP-4", "delivered", 3500, BUYER, {}, is_promise=True, invoice="INV-1"),
        OurOrder(5, "HP-5", "cancelled", 3500, BUYER, {}, is_promise=True),
        OurOrder(6, "HP-6", "payment_failed", 3500, BUYER, {}),
        OurOrder(7, "HP-7", "payment_failed", 3500, BUYER, {}),
    ],
    payments=[
        OurPayment(1, 1, "captured", 3500, "short"),
        OurPayment(2, 2, "captured", 2500, "lowered"),
        OurPayment(3, 3, "authorized", 3500, "promised", "terms"),
        OurPayment(4, 4, "captured", 3500, "kept", "terms"),
        OurPayment(5, 4, "captured", 3000, "a check", "check"),
        OurPayment(6, 5, "voided", 3500, "let go", "terms"),
        OurPayment(7, 7, "declined", 3500, "never asked", code="CARD_SERVICE_DOWN", made_at=100),
    ],
    refunds=[
        OurRefund(1, "cannot ship", "completed", 1000, "shortened"),
        OurRefund(1, "twice", "completed", 200, "lines"),
        OurRefund(1, "twice more", "completed", 200, "amount"),
        OurRefund(1, "refused", "rejected", 200, "amount"),
        OurRefund(4, "refund-by-hand", "completed", 500, "amount"),
    ],
    stock=[],
    staff_address=STAFF,
    mails=(
        (BUYER, "We have your order HP-1"), (BUYER, "Receipt for order HP-1: $35.00"), (STAFF, "Paid order HP-1 from"),
        (BUYER, "Order HP-1: some of it cannot be shipped"), (BUYER, "Refund of $2.00 for order HP-1"),
        (BUYER, "Refund of $2.00 for order HP-1"),
        (BUYER, "We have your order HP-2"), (BUYER, "Receipt for order HP-2: $25.00"), (STAFF, "Paid order HP-2 from"),
        (BUYER, "Order HP-2: some of it cannot be shipped"),
        (BUYER, "We have your order HP-3"), (STAFF, "Order (Net 30 on account) HP-3 from"),
        (BUYER, "We have your order HP-4"), (STAFF, "Order (Net 30 on account) HP-4 from"),
        (BUYER, "Invoice INV-1 for order HP-4: $30.00"), (BUYER, "We received $30.00 for order HP-4"),
        (BUYER, "Refund of $5.00 for order HP-4"), (BUYER, "Order HP-5 is cancelled"),
        (BUYER, "Order HP-6 is written down: here is the link to pay it"),
        (BUYER, "Order HP-7 is written down: here is the link to pay it"),
        (BUYER, "Order HP-7: the link to pay it by card"),
    ),
    told_links={"HP-7": 200.0},
)  # fmt: skip


def found_otherwise(
    payments: dict[int, dict[str, Any]] | None = None,
    orders: dict[int, dict[str, Any]] | None = None,
    ledger: dict[str, Any] = OTHER_LEDGER,
    **changes: Any,
) -> dict[str, int]:
    """What is not 0 once rows of the other books, by their id, are changed so."""
    books = replace(
        OTHER_BOOKS,
        payments=[replace(each, **(payments or {}).get(each.id, {})) for each in OTHER_BOOKS.payments],
        orders=[replace(each, **(orders or {}).get(each.id, {})) for each in OTHER_BOOKS.orders],
    )
    return found(replace(books, **changes), ledger)


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


@pytest.mark.parametrize("mail", BOOKS.mails)
def test_each_mail_that_belongs_is_missed(mail):
    assert found(replace(BOOKS, mails=[each for each in BOOKS.mails if each != mail])) == {"missing_mails": 1}


def test_a_cancellation_that_was_promised_and_did_not_happen_is_found():
    assert found(replace(BOOKS, told_cancelled=frozenset({"HP-1"}))) == {"differences": 1}


@pytest.mark.parametrize(
    "refunds",
    [
        [],
        [OurRefund(2, "back", "pending", 3500, "cancelled")],
        [OurRefund(2, "back", "completed", 100, "cancelled")],
    ],
)
def test_a_refund_that_is_not_the_same_on_both_sides_is_found(refunds):
    assert found(replace(BOOKS, refunds=refunds)) == {"differences": 1}


def test_another_amount_is_found():
    payments = [replace(each, amount=3400) if each.id == 1 else each for each in BOOKS.payments]
    assert found(replace(BOOKS, payments=payments)) == {"differences": 1}


# --- Money that went back in part, was lowered, or is only promised ---------------------------------------------------


def test_books_with_refunds_promises_and_receipts_are_found_to_agree():
    assert found_otherwise() == {}


@pytest.mark.parametrize("position", range(len(OTHER_BOOKS.mails)))
def test_each_of_these_mails_is_missed_one_of_two_that_begin_alike_too(position):
    mails = [mail for index, mail in enumerate(OTHER_BOOKS.mails) if index != position]
    assert found_otherwise(mails=mails) == {"missing_mails": 1}


def test_a_card_charged_the_whole_hold_of_an_order_that_got_shorter_is_found():
    ledger = deepcopy(OTHER_LEDGER)
    ledger["payments"][1] = square("lowered", "COMPLETED")
    assert found_otherwise({2: {"amount": 3500}}, ledger=ledger) == {"differences": 1}


def test_a_card_charged_less_than_the_order_comes_to_is_found():
    assert found_otherwise(orders={2: {"total": 2600}}) == {"differences": 1}


def test_more_given_back_than_could_not_ship_is_found():
    assert found_otherwise(orders={1: {"total": 2600}}) == {"differences": 1}


def test_what_could_not_ship_and_did_not_go_back_is_found():
    refunds = [each for each in OTHER_BOOKS.refunds if each.payment_id != 1 or each.kind == "lines"]
    ledger = OTHER_LEDGER | {"refunds": [each for each in OTHER_LEDGER["refunds"] if each["id"] == "twice"]}
    assert found_otherwise(refunds=refunds, ledger=ledger) == {"differences": 1}


def test_a_promise_that_is_kept_while_something_is_owed_is_found():
    assert found_otherwise({3: {"status": "captured"}}) == {"differences": 1}


def test_a_promise_that_is_open_while_nothing_is_owed_is_found():
    assert found_otherwise({4: {"status": "authorized"}}) == {"differences": 1}


def test_an_order_that_stands_on_a_promise_nobody_made_is_found():
    payments = [each for each in OTHER_BOOKS.payments if each.id != 3]
    assert found(replace(OTHER_BOOKS, payments=payments), OTHER_LEDGER) == {"differences": 1}


def test_an_invoice_paid_by_check_and_by_card_is_found():
    card = OurPayment(9, 4, "captured", 3000, "by link")
    mails = [*OTHER_BOOKS.mails, (BUYER, "Receipt for order HP-4: $30.00")]
    ledger = OTHER_LEDGER | {
        "payments": [*OTHER_LEDGER["payments"], square("by link", "COMPLETED", amount=3000)]
    }
    books = replace(OTHER_BOOKS, payments=[*OTHER_BOOKS.payments, card], mails=mails)
    assert found(books, ledger) == {"double_charges": 1}


def test_a_promise_of_a_cancelled_order_that_stands_is_found():
    assert found_otherwise({6: {"status": "authorized"}}) == {"differences": 1}


def test_a_check_kept_for_a_cancelled_order_is_found():
    check = OurPayment(9, 5, "captured", 3500, "its check", "cash")
    mails = [*OTHER_BOOKS.mails, (BUYER, "We received $35.00 for order HP-5")]
    books = replace(OTHER_BOOKS, payments=[*OTHER_BOOKS.payments, check], mails=mails)
    assert found(books, OTHER_LEDGER) == {"double_charges": 1}


def test_a_link_is_not_missed_where_somebody_tried_to_pay_after_it_was_sent():
    mails = [each for each in OTHER_BOOKS.mails if not each[1].endswith("by card")]
    assert found_otherwise(mails=mails) == {"missing_mails": 1}
    assert found_otherwise({7: {"made_at": 300}}, mails=mails) == {}


def test_every_finding_is_told_in_words():
    findings: Findings = compare(replace(BOOKS, mails=()), LEDGER)
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


@pytest.mark.parametrize(
    "rule", [*AT_SQUARE.values(), *(each for rules in HELPING.values() for each in rules)]
)
def test_each_rule_is_one_that_the_look_alike_takes(rule):
    assert read_fault({"call": "refunds.create", "count": 1} | rule).kind == rule["kind"]


def test_what_the_desk_is_asked_for_is_something_it_does():
    assert AT_THE_DESK.keys() <= COMMITS.keys() | CALLS.keys()
    assert set(AT_THE_DESK.values()) <= CHOICES.keys()
