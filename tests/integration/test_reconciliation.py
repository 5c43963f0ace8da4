"""The provider's books against ours: what differs is found once, repaired where that is safe, and closed when it is gone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from app.extensions import db
from app.orders.cancel_order import cancel_own_order
from app.orders.models import Order
from app.orders.status import OrderStatus
from app.outbox.kinds import Kind
from app.payments.difference_kinds import DifferenceKind, DifferenceStatus, Repair
from app.payments.gateway import Declined, OutcomeUnknown
from app.payments.models import Difference, Payment, Refund
from app.payments.providers import get_gateway
from app.payments.reconcile import WINDOW, Report, reconcile
from app.payments.repair_difference import note_difference, request_repair
from app.payments.status import PaymentStatus, RefundStatus
from app.shared import clock
from app.shared.history import Actor, list_history
from app.shared.money import Money
from app.shared.transaction import transaction
from app.shop.models import CaptureRule, ShopFacts
from jobs.schedule import post_periodic
from sandbox.square import SquareServer
from tests.mailbox import Mails
from tests.placing import CARD_DECLINED, break_next, ledger, make_ready, payments_of, press

pytestmark = pytest.mark.usefixtures("app", "square", "mails")

RunJobs = Callable[..., list[Kind]]
STAFF = Actor.system("Nora")


def compare() -> Report:
    return reconcile(clock.now() - WINDOW, gateway=get_gateway(), actor=Actor.system("Reconciliation"))


def listed() -> list[Difference]:
    db.session.rollback()
    db.session.expire_all()
    return list(db.session.scalars(db.select(Difference).order_by(Difference.id)))


def kinds() -> list[tuple[DifferenceKind, DifferenceStatus]]:
    return [(each.kind, each.status) for each in listed()]


def repair(difference: Difference, run_jobs: RunJobs) -> Difference:
    request_repair(difference.id, actor=STAFF, now=clock.now())
    run_jobs()
    return listed()[0]


def held_order(run_jobs: RunJobs) -> tuple[Order, Payment]:
    ready = make_ready()
    with transaction():
        db.session.get_one(ShopFacts, 1).capture_rule = CaptureRule.BY_HAND
    order = press(ready)
    run_jobs()
    return order, payments_of(order)[0]


def rewrite(square: SquareServer, **changes: Any) -> None:
    """The one payment on the provider's books, changed; with another id it is a second one."""
    books = square.office.books
    [made] = books.store.all_as_of("payment", "9999")
    with books.store.transaction():
        books.record("payment", made | changes)


def change(payment: Payment, **values: Any) -> None:
    with transaction():
        row = db.session.get_one(Payment, payment.id)
        for name, value in values.items():
            setattr(row, name, value)


def test_where_both_books_agree_nothing_is_listed(run_jobs: RunJobs) -> None:
    ready = make_ready()
    order = press(ready)
    run_jobs()
    cancel_own_order(order.number, ready.business_id, actor=STAFF, now=clock.now())
    run_jobs()
    run_jobs(ahead=timedelta(minutes=1))
    assert compare() == Report(payments=1, refunds=1, added=0, gone=0, open=0)
    assert listed() == []


def test_a_declined_try_and_a_second_card_agree_too(run_jobs: RunJobs, square: SquareServer) -> None:
    ready = make_ready()
    with pytest.raises(Declined):
        press(ready, ready.command(CARD_DECLINED))
    order = press(ready)
    run_jobs()
    assert [each["status"] for each in ledger(square)] == ["FAILED", "COMPLETED"]
    assert [each.status for each in payments_of(order)] == [PaymentStatus.DECLINED, PaymentStatus.CAPTURED]
    assert compare() == Report(payments=2, refunds=0, added=0, gone=0, open=0)


def test_a_payment_the_shop_does_not_know_is_listed_once(run_jobs: RunJobs, square: SquareServer) -> None:
    held_order(run_jobs)
    rewrite(square, id="stranger", reference_id="another till")
    assert [compare().added for _ in range(3)] == [1, 0, 0]
    [found] = listed()
    assert (found.kind, found.provider_id, found.amount_cents) == (
        DifferenceKind.UNKNOWN_PAYMENT,
        "stranger",
        Money(3500),
    )
    assert (found.repair, found.order_id) == (Repair.NONE, None)
    assert found.last_seen_at > found.first_seen_at
    assert len(list_history("difference", found.id)) == 1


def test_an_unknown_hold_that_is_let_go_at_the_provider_closes_by_itself(
    run_jobs: RunJobs, square: SquareServer
) -> None:
    held_order(run_jobs)
    rewrite(square, id="stranger", reference_id="")
    compare()
    get_gateway().void("stranger")
    assert compare().gone == 1
    assert kinds() == [(DifferenceKind.UNKNOWN_PAYMENT, DifferenceStatus.GONE)]
    assert listed()[0].closed_at is not None


def test_a_capture_made_in_the_dashboard_is_found_and_taken_over_by_one_press(
    run_jobs: RunJobs, mails: Mails
) -> None:
    order, payment = held_order(run_jobs)
    get_gateway().capture(payment.provider_payment_id or "")
    compare()
    [found] = listed()
    assert (found.kind, found.repair, found.order_id) == (
        DifferenceKind.PAYMENT_STATUS,
        Repair.APPLY,
        order.id,
    )
    assert (found.ours, found.theirs) == ("Authorized, $35.00", "Captured, $35.00")
    assert repair(found, run_jobs).status is DifferenceStatus.GONE
    assert payments_of(order)[0].status is PaymentStatus.CAPTURED
    assert db.session.get_one(Order, order.id).status is OrderStatus.PAID
    events = [(each.event, each.actor_name) for each in list_history("difference", found.id)]
    assert events == [("open", "Reconciliation"), ("repairing", "Nora"), ("gone", "Repair job")]


def test_a_hold_of_an_attempt_that_ended_is_let_go_by_one_press(
    run_jobs: RunJobs, square: SquareServer
) -> None:
    order, payment = held_order(run_jobs)
    change(payment, status=PaymentStatus.LAPSED, live_order_id=None)
    compare()
    [found] = listed()
    assert (found.kind, found.repair) == (DifferenceKind.ORPHAN_HOLD, Repair.VOID)
    assert repair(found, run_jobs).status is DifferenceStatus.GONE
    assert [each["status"] for each in ledger(square)] == ["CANCELED"]
    assert payments_of(order)[0].status is PaymentStatus.LAPSED


def test_a_repair_never_lets_go_what_an_order_needs_by_now(run_jobs: RunJobs, square: SquareServer) -> None:
    """The list is as old as the last comparison; the repair looks at what is now."""
    _, payment = held_order(run_jobs)
    change(payment, status=PaymentStatus.LAPSED, live_order_id=None)
    compare()
    change(payment, status=PaymentStatus.AUTHORIZED, live_order_id=payment.order_id)
    assert repair(listed()[0], run_jobs).status is DifferenceStatus.GONE
    assert [each["status"] for each in ledger(square)] == ["APPROVED"]


def test_an_order_charged_twice_is_named_as_that(run_jobs: RunJobs, square: SquareServer) -> None:
    order, first = held_order(run_jobs)
    change(first, status=PaymentStatus.LAPSED, live_order_id=None)
    get_gateway().capture(first.provider_payment_id or "")
    books = square.office.books
    [made] = books.store.all_as_of("payment", "9999")
    with books.store.transaction():
        books.record("payment", made | {"id": "second", "reference_id": "second-key"})
    with transaction():
        db.session.add(
            Payment(
                order_id=order.id, live_order_id=order.id, status=PaymentStatus.CAPTURED, amount_cents=Money(3500),
                idempotency_key="second-key", provider_payment_id="second", created_at=clock.now(),
            )
        )  # fmt: skip
    compare()
    [found] = listed()
    assert (found.kind, found.payment_id, found.repair) == (
        DifferenceKind.CHARGED_TWICE,
        first.id,
        Repair.NONE,
    )
    get_gateway().refund(first.provider_payment_id or "", Money(3500), "by-hand", "charged twice")
    compare()
    assert (DifferenceKind.CHARGED_TWICE, DifferenceStatus.GONE) in kinds()
    assert (DifferenceKind.UNKNOWN_REFUND, DifferenceStatus.OPEN) in kinds()


def test_another_amount_is_listed_for_a_person(run_jobs: RunJobs, square: SquareServer) -> None:
    order, _ = held_order(run_jobs)
    rewrite(square, amount_money={"amount": 3000, "currency": "USD"})
    compare()
    [found] = listed()
    assert (found.kind, found.repair) == (DifferenceKind.PAYMENT_AMOUNT, Repair.NONE)
    assert payments_of(order)[0].amount_cents == Money(3500)


def test_a_payment_the_provider_has_never_heard_of_is_listed(run_jobs: RunJobs) -> None:
    _, payment = held_order(run_jobs)
    change(payment, provider_payment_id="gone", created_at=clock.now() - timedelta(hours=3))
    compare()
    assert {each.kind for each in listed()} == {DifferenceKind.MISSING_PAYMENT, DifferenceKind.ORPHAN_HOLD}


def test_a_list_that_lags_makes_no_difference(run_jobs: RunJobs, square: SquareServer) -> None:
    """The list does not have the payment yet, or has it as it was; asked singly, the provider knows."""
    order, payment = held_order(run_jobs)
    change(payment, created_at=clock.now() - timedelta(hours=3))
    square.office.books.options.list_lag_seconds = 3600
    try:
        report = compare()
    finally:
        square.office.books.options.list_lag_seconds = 0
    assert (report.payments, report.open) == (0, 0)
    assert payments_of(order)[0].status is PaymentStatus.AUTHORIZED


def test_what_is_being_worked_on_is_left_to_its_job(run_jobs: RunJobs, square: SquareServer) -> None:
    ready = make_ready()
    break_next(square, "payments.create", "500", "after")
    order = press(ready)
    assert payments_of(order)[0].status is PaymentStatus.UNKNOWN
    assert compare().open == 0


def test_an_authorization_nobody_looked_into_for_hours_can_be_taken_over(
    run_jobs: RunJobs, square: SquareServer
) -> None:
    ready = make_ready()
    break_next(square, "payments.create", "500", "after")
    order = press(ready)
    change(payments_of(order)[0], created_at=clock.now() - timedelta(hours=3))
    compare()
    assert repair(listed()[0], run_jobs).status is DifferenceStatus.GONE
    assert payments_of(order)[0].status is PaymentStatus.CAPTURED


def test_what_was_noted_stays_off_the_list_until_it_changes(run_jobs: RunJobs, square: SquareServer) -> None:
    held_order(run_jobs)
    rewrite(square, id="stranger", reference_id="")
    compare()
    note_difference(listed()[0].id, "Market stall", actor=STAFF, now=clock.now())
    assert compare().open == 0
    assert kinds() == [(DifferenceKind.UNKNOWN_PAYMENT, DifferenceStatus.NOTED)]
    get_gateway().capture("stranger")
    assert compare().open == 1
    assert listed()[0].note == "Market stall"


def paid_and_cancelled(run_jobs: RunJobs) -> Refund:
    ready = make_ready()
    order = press(ready)
    run_jobs()
    cancel_own_order(order.number, ready.business_id, actor=STAFF, now=clock.now())
    run_jobs()
    run_jobs(ahead=timedelta(minutes=1))
    return db.session.scalars(db.select(Refund)).one()


def test_a_refund_made_in_the_dashboard_is_listed_with_its_order(run_jobs: RunJobs) -> None:
    order = press(make_ready())
    run_jobs()
    get_gateway().refund(payments_of(order)[0].provider_payment_id or "", Money(500), "dashboard", "goodwill")
    compare()
    [found] = listed()
    assert (found.kind, found.amount_cents, found.order_id) == (
        DifferenceKind.UNKNOWN_REFUND,
        Money(500),
        order.id,
    )


def test_a_refund_that_arrived_unnoticed_is_taken_over_by_one_press(run_jobs: RunJobs) -> None:
    refund = paid_and_cancelled(run_jobs)
    with transaction():
        row = db.session.get_one(Refund, refund.id)
        row.status, row.created_at = RefundStatus.PENDING, clock.now() - timedelta(hours=3)
    compare()
    [found] = listed()
    assert (found.kind, found.repair) == (DifferenceKind.REFUND_STATUS, Repair.APPLY)
    assert repair(found, run_jobs).status is DifferenceStatus.GONE
    db.session.refresh(refund)
    assert refund.status is RefundStatus.COMPLETED


def test_a_refund_that_failed_after_all_is_listed_and_closed_once_it_is_right(
    run_jobs: RunJobs, square: SquareServer
) -> None:
    refund = paid_and_cancelled(run_jobs)
    books = square.office.books
    done = books.store.find("refund", refund.provider_refund_id or "") or {}
    for status, expected in (
        ("FAILED", DifferenceStatus.OPEN),
        ("COMPLETED", DifferenceStatus.GONE),
        ("FAILED", DifferenceStatus.OPEN),
    ):
        with books.store.transaction():
            books.record("refund", done | {"status": status})
        compare()
        assert kinds() == [(DifferenceKind.REFUND_STATUS, expected)]
    assert len(listed()) == 1


def test_a_provider_that_does_not_answer_leaves_the_list_as_it_was(
    run_jobs: RunJobs, square: SquareServer
) -> None:
    held_order(run_jobs)
    rewrite(square, id="stranger", reference_id="")
    compare()
    get_gateway().void("stranger")
    break_next(square, "payments.get", "500")
    with pytest.raises(OutcomeUnknown):
        compare()
    assert kinds() == [(DifferenceKind.UNKNOWN_PAYMENT, DifferenceStatus.OPEN)]


def test_a_repair_waits_for_a_provider_that_does_not_answer(run_jobs: RunJobs, square: SquareServer) -> None:
    order, payment = held_order(run_jobs)
    get_gateway().capture(payment.provider_payment_id or "")
    compare()
    request_repair(listed()[0].id, actor=STAFF, now=clock.now())
    break_next(square, "payments.get", "500")
    run_jobs(may_fail=True)
    assert kinds() == [(DifferenceKind.PAYMENT_STATUS, DifferenceStatus.REPAIRING)]
    run_jobs(ahead=timedelta(minutes=1))
    assert kinds() == [(DifferenceKind.PAYMENT_STATUS, DifferenceStatus.GONE)]
    assert payments_of(order)[0].status is PaymentStatus.CAPTURED


def test_the_lists_are_read_to_their_last_page(run_jobs: RunJobs, square: SquareServer) -> None:
    held_order(run_jobs)
    books = square.office.books
    [made] = books.store.all_as_of("payment", "9999")
    with books.store.transaction():
        for number in range(230):
            books.record("payment", made | {"id": f"more{number}", "reference_id": "", "status": "CANCELED"})
    assert compare().payments == 231


def test_the_command_tells_what_differs_and_fails_while_something_does(
    app: Flask, run_jobs: RunJobs, square: SquareServer
) -> None:
    held_order(run_jobs)
    db.session.rollback()
    fine = app.test_cli_runner().invoke(args=["reconcile"])
    assert (fine.exit_code, "0 open" in fine.output) == (0, True), fine.output
    rewrite(square, id="stranger", reference_id="")
    wrong = app.test_cli_runner().invoke(args=["reconcile", "--since", f"{clock.now():%Y-%m-%d}"])
    assert wrong.exit_code == 1
    assert "Payment the shop does not know: stranger" in wrong.output
    assert app.test_cli_runner().invoke(args=["reconcile", "--since", "2001-01-01"]).exit_code == 2
    break_next(square, "payments.list", "500")
    silent = app.test_cli_runner().invoke(args=["reconcile"])
    assert (silent.exit_code, "Nothing was written" in silent.output) == (1, True)


def test_the_daily_job_compares(run_jobs: RunJobs, square: SquareServer) -> None:
    held_order(run_jobs)
    rewrite(square, id="stranger", reference_id="")
    db.session.rollback()
    post_periodic(clock.now())
    assert Kind.PAYMENTS_RECONCILE in run_jobs()
    assert kinds() == [(DifferenceKind.UNKNOWN_PAYMENT, DifferenceStatus.OPEN)]
