"""Money goes back: whole, by line, by amount; never more than came; and what fails later is seen and sent again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

import httpx
import pytest

from admin.work import payment_needs_person
from app.extensions import db
from app.inventory.models import Stock
from app.orders.cancel_order import cancel_order
from app.orders.fulfil_order import ship_order, start_processing
from app.orders.models import Order, OrderLine
from app.outbox.kinds import Kind
from app.outbox.post import post
from app.payments.close_refund import close_failed_refund
from app.payments.models import Payment, Refund, RefundLine
from app.payments.queries import balance, refundable
from app.payments.refund_payment import (
    RefundPayment,
    preview_refund,
    put_refunded_on_the_shelf,
    refund_payment,
)
from app.payments.refund_sum import NotLeft
from app.payments.send_refund_again import give_back_by_hand, send_refund_again
from app.payments.shown_refunds import list_not_on_the_shelf, list_shown_refunds
from app.payments.status import PaymentStatus, RefundKind, RefundStatus
from app.shared import clock
from app.shared.errors import AppError, Conflict, NotFound
from app.shared.history import Actor, list_history
from app.shared.money import ZERO, Money
from app.shared.transaction import transaction
from sandbox.square import SquareServer
from sandbox.square.refunds import bounce
from tests.client import ShopClient, read_text, sign_in
from tests.factories import make_payment, make_tax_rate
from tests.mailbox import Mails
from tests.placing import Ready, make_ready, press

pytestmark = pytest.mark.usefixtures("app", "square")

STAFF = Actor.system("staff")
RunJobs = Callable[..., list[Kind]]


@dataclass
class Paid:
    """Twelve units at $10.00 with 7.25 % of tax ($8.70), shipped for $15.00: $143.70, taken from one card."""

    ready: Ready
    order_id: int
    payment_id: int
    line_id: int

    def ask(self, kind: RefundKind, **changes: Any) -> RefundPayment:
        values = {
            "order_id": self.order_id,
            "payment_id": self.payment_id,
            "reason": "Two were broken",
        } | changes
        return RefundPayment(kind=kind, **values)

    def refund(self, kind: RefundKind, **changes: Any) -> Refund:
        db.session.rollback()
        return refund_payment(self.ask(kind, **changes), actor=STAFF, now=clock.now())

    @property
    def stock(self) -> tuple[int, int, int]:
        db.session.rollback()
        db.session.expire_all()
        stock = db.session.get_one(Stock, self.ready.sku.id)
        return (stock.available, stock.reserved, stock.shipped)


@pytest.fixture
def paid(run_jobs: RunJobs, mails: Mails) -> Paid:
    make_tax_rate()
    ready = make_ready(quantity=12)
    order = press(ready)
    run_jobs()
    payment_id = db.session.scalars(db.select(Payment.id)).one()
    line_id = db.session.scalars(db.select(OrderLine.id)).one()
    order_id = order.id
    db.session.rollback()
    return Paid(ready, order_id, payment_id, line_id)


@pytest.fixture
def shipped(paid: Paid) -> Paid:
    start_processing(paid.order_id, actor=STAFF, now=clock.now())
    ship_order(paid.order_id, carrier="UPS", tracking_number="1Z", actor=STAFF, now=clock.now())
    return paid


def refunds() -> list[Refund]:
    db.session.rollback()
    db.session.expire_all()
    return list(db.session.scalars(db.select(Refund).order_by(Refund.id)))


def needs_person() -> bool:
    db.session.rollback()
    return (
        db.session.scalars(db.select(Payment.id).where(payment_needs_person(clock.now()))).first() is not None
    )


def test_units_go_back_with_exactly_the_tax_they_carried(paid: Paid, run_jobs: RunJobs, mails: Mails) -> None:
    refund = paid.refund(RefundKind.LINES, units={paid.line_id: 5}, with_shipping=True)
    assert (refund.amount_cents, refund.tax_cents, refund.shipping_cents) == (
        Money(5000 + 363 + 1500),
        Money(363),
        Money(1500),
    )
    run_jobs()
    run_jobs(ahead=timedelta(minutes=1))
    assert [each.status for each in refunds()] == [RefundStatus.COMPLETED]
    mail = mails.last_to(paid.ready.buyer.email)
    assert mail.subject.startswith("Refund of $68.63 for order")
    assert "Two were broken" in mail.text
    assert "5 × " in mail.text
    rest = paid.refund(RefundKind.LINES, units={paid.line_id: 7})
    assert (rest.amount_cents, rest.tax_cents) == (Money(7000 + 507), Money(507))
    order, payment = db.session.get_one(Order, paid.order_id), db.session.get_one(Payment, paid.payment_id)
    assert refundable(payment) == ZERO
    assert balance(order) == ZERO


def test_an_amount_takes_its_share_of_the_tax_and_the_rest_takes_what_is_left(paid: Paid) -> None:
    first = paid.refund(RefundKind.AMOUNT, amount=Money(5000))
    rest = paid.refund(RefundKind.WHOLE)
    assert (first.tax_cents, rest.amount_cents, rest.tax_cents) == (Money(303), Money(9370), Money(567))
    with pytest.raises(NotLeft):
        paid.refund(RefundKind.AMOUNT, amount=Money(1))


def test_a_whole_refund_names_its_tax_shipping_and_lines(paid: Paid) -> None:
    refund = paid.refund(RefundKind.WHOLE)
    assert (refund.kind, refund.amount_cents, refund.tax_cents, refund.shipping_cents) == (
        RefundKind.WHOLE,
        Money(14370),
        Money(870),
        Money(1500),
    )
    part = db.session.scalars(db.select(RefundLine)).one()
    assert (part.quantity, part.goods_cents, part.tax_cents) == (12, Money(12000), Money(870))


def test_never_more_units_or_money_than_there_are(paid: Paid) -> None:
    paid.refund(RefundKind.LINES, units={paid.line_id: 10})
    with pytest.raises(Conflict, match="Only 2 of"):
        paid.refund(RefundKind.LINES, units={paid.line_id: 3})
    with pytest.raises(Conflict, match="only"):
        paid.refund(RefundKind.AMOUNT, amount=Money(3646))
    assert len(refunds()) == 1


def test_a_sum_that_changed_since_it_was_shown_is_not_sent(paid: Paid) -> None:
    command = paid.ask(RefundKind.WHOLE)
    _, _, shown = preview_refund(command)
    paid.refund(RefundKind.AMOUNT, amount=Money(100))
    with pytest.raises(Conflict, match=r"It would be \$142.70 now, not \$143.70"):
        paid.refund(RefundKind.WHOLE, shown=shown.amount)


@pytest.mark.parametrize(
    ("kind", "changes", "words"),
    [
        (RefundKind.LINES, {}, "Enter how many units"),
        (RefundKind.AMOUNT, {}, "Enter how much"),
        (RefundKind.WHOLE, {"reason": " "}, "Say why"),
    ],
)
def test_what_was_left_out_is_asked_for(
    paid: Paid, kind: RefundKind, changes: dict[str, Any], words: str
) -> None:
    with pytest.raises(AppError, match=words):
        paid.refund(kind, **changes)


def test_another_orders_payment_gives_nothing_back(paid: Paid) -> None:
    with pytest.raises(NotFound):
        paid.refund(RefundKind.WHOLE, order_id=paid.order_id + 1)


def test_of_two_payments_each_gives_back_no_more_than_itself(paid: Paid) -> None:
    order = db.session.get_one(Order, paid.order_id)
    check = make_payment(
        order, PaymentStatus.CAPTURED, provider="check", live_order_id=None, amount_cents=Money(2000)
    )
    check_id = check.id
    with pytest.raises(NotLeft, match=r"only \$20.00"):
        paid.refund(RefundKind.LINES, payment_id=check_id, units={paid.line_id: 3})
    assert paid.refund(RefundKind.WHOLE, payment_id=check_id).amount_cents == Money(2000)


def test_a_cancellation_gives_back_and_names_what_is_left(
    paid: Paid, run_jobs: RunJobs, mails: Mails
) -> None:
    paid.refund(RefundKind.AMOUNT, amount=Money(5000))
    cancel_order(paid.order_id, actor=STAFF, now=clock.now(), reason="No longer needed")
    run_jobs()
    first, rest = refunds()
    assert (rest.kind, rest.amount_cents) == (RefundKind.CANCELLED, Money(9370))
    assert first.tax_cents + rest.tax_cents == Money(870)
    mail = next(each for each in mails.to(paid.ready.buyer.email) if "cancelled" in each.subject)
    assert "We send $93.70 back to your card" in mail.text


# --- Goods -----------------------------------------------------------------------------------------------------------


def test_stock_returns_only_when_staff_say_so(shipped: Paid) -> None:
    refund = shipped.refund(RefundKind.LINES, units={shipped.line_id: 5}, on_the_shelf={shipped.line_id: 3})
    assert shipped.stock == (91, 0, 9)
    order = db.session.get_one(Order, shipped.order_id)
    assert [each.units for each in list_not_on_the_shelf(order)] == [2]
    db.session.rollback()
    put_refunded_on_the_shelf(refund.id, {shipped.line_id: 2}, actor=STAFF, now=clock.now())
    assert shipped.stock == (93, 0, 7)
    with pytest.raises(Conflict, match="Fewer units"):
        put_refunded_on_the_shelf(refund.id, {shipped.line_id: 1}, actor=STAFF, now=clock.now())
    assert shipped.stock == (93, 0, 7)
    assert list_not_on_the_shelf(db.session.get_one(Order, shipped.order_id)) == []


def test_more_than_is_refunded_does_not_go_on_the_shelf(shipped: Paid) -> None:
    with pytest.raises(Conflict, match="Fewer units"):
        shipped.refund(RefundKind.LINES, units={shipped.line_id: 2}, on_the_shelf={shipped.line_id: 3})
    assert refunds() == []


def test_goods_that_never_left_are_not_put_back(paid: Paid) -> None:
    with pytest.raises(Conflict, match="left the house"):
        paid.refund(RefundKind.LINES, units={paid.line_id: 2}, on_the_shelf={paid.line_id: 2})
    assert refunds() == []


# --- A refund that fails later ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("outcome", ["REJECTED", "FAILED"])
def test_a_refund_that_fails_is_on_the_pile_until_it_is_sent_again(
    paid: Paid, run_jobs: RunJobs, square: SquareServer, outcome: str
) -> None:
    square.office.books.options.refund_outcome = outcome
    refund = paid.refund(RefundKind.LINES, units={paid.line_id: 5})
    key = refund.idempotency_key
    run_jobs()
    run_jobs(ahead=timedelta(minutes=1))
    square.office.books.options.refund_outcome = "COMPLETED"
    [failed] = refunds()
    assert failed.status is RefundStatus(outcome.lower())
    assert needs_person()
    [shown] = list_shown_refunds(paid.order_id)
    assert shown.needs_person
    assert shown.trouble == f"The provider reports it as {outcome.lower()}."
    db.session.rollback()
    again = send_refund_again(failed.id, actor=STAFF, now=clock.now())
    assert again.idempotency_key != key
    assert (again.amount_cents, again.tax_cents, again.kind) == (Money(5363), Money(363), RefundKind.LINES)
    assert not needs_person()
    with pytest.raises(Conflict, match="sent again already"):
        send_refund_again(failed.id, actor=STAFF, now=clock.now())
    run_jobs()
    run_jobs(ahead=timedelta(minutes=1))
    assert [each.status for each in refunds()] == [RefundStatus(outcome.lower()), RefundStatus.COMPLETED]
    with pytest.raises(NotLeft, match="Only 7"):
        paid.refund(RefundKind.LINES, units={paid.line_id: 8})


def test_a_refund_that_had_arrived_and_comes_back_is_no_refund_any_more(
    paid: Paid, run_jobs: RunJobs, square: SquareServer, client: ShopClient
) -> None:
    refund = paid.refund(RefundKind.AMOUNT, amount=Money(5000))
    run_jobs()
    run_jobs(ahead=timedelta(minutes=1))
    bounce(square.office.books, refunds()[0].provider_refund_id or "")
    with transaction():
        post(Kind.REFUND_CHECK, refund_id=refund.id)
    run_jobs()
    [failed] = refunds()
    assert (failed.status, failed.completed_at) == (RefundStatus.FAILED, None)
    assert needs_person()
    number = db.session.get_one(Order, paid.order_id).number
    sign_in(client, paid.ready.buyer)
    page = read_text(client.get(f"/orders/{number}"))
    assert "Refund of $50.00" in page
    assert "Has not arrived" in page
    assert "−$50.00" not in page


def test_money_that_went_back_in_another_way_leaves_nothing_to_send_again(
    paid: Paid, run_jobs: RunJobs, square: SquareServer
) -> None:
    square.office.books.options.refund_outcome = "FAILED"
    failed = paid.refund(RefundKind.AMOUNT, amount=Money(5000))
    run_jobs()
    run_jobs(ahead=timedelta(minutes=1))
    square.office.books.options.refund_outcome = "COMPLETED"
    paid.refund(RefundKind.WHOLE)
    assert not needs_person()
    with pytest.raises(Conflict, match="in another way"):
        send_refund_again(failed.id, actor=STAFF, now=clock.now())


def test_a_refund_the_card_does_not_take_is_given_back_by_check_once(
    paid: Paid, run_jobs: RunJobs, square: SquareServer, mails: Mails, client: ShopClient
) -> None:
    square.office.books.options.refund_outcome = "FAILED"
    failed = paid.refund(RefundKind.LINES, units={paid.line_id: 5})
    run_jobs()
    run_jobs(ahead=timedelta(minutes=1))
    square.office.books.options.refund_outcome = "COMPLETED"
    db.session.rollback()
    with pytest.raises(AppError, match="how the money was given back"):
        give_back_by_hand(failed.id, given_by="terms", actor=STAFF, now=clock.now())
    given = give_back_by_hand(failed.id, given_by="check", actor=STAFF, now=clock.now())
    assert (given.status, given.amount_cents, given.tax_cents) == (
        RefundStatus.COMPLETED,
        Money(5363),
        Money(363),
    )
    assert not needs_person()
    for again in (send_refund_again, partial(give_back_by_hand, given_by="cash")):
        with pytest.raises(Conflict, match="already"):
            again(failed.id, actor=STAFF, now=clock.now())

    run_jobs()
    assert "by check" in mails.last_to(paid.ready.buyer.email).text
    books = httpx.get(f"{square.url}/_control/ledger", timeout=5).json()
    assert [each["status"] for each in books["refunds"]] == ["FAILED"]
    with pytest.raises(NotLeft, match="Only 7"):
        paid.refund(RefundKind.LINES, units={paid.line_id: 8})
    number = db.session.get_one(Order, paid.order_id).number
    sign_in(client, paid.ready.buyer)
    page = read_text(client.get(f"/orders/{number}"))
    assert "by check" in page
    assert "−$53.63" in page


def test_a_refund_that_is_on_its_way_is_not_sent_again(paid: Paid) -> None:
    refund = paid.refund(RefundKind.AMOUNT, amount=Money(5000))
    with pytest.raises(Conflict, match="nothing to send again"):
        send_refund_again(refund.id, actor=STAFF, now=clock.now())


def test_units_on_the_shelf_stay_there_when_their_refund_is_sent_again(
    shipped: Paid, run_jobs: RunJobs, square: SquareServer
) -> None:
    square.office.books.options.refund_outcome = "FAILED"
    failed = shipped.refund(RefundKind.LINES, units={shipped.line_id: 5}, on_the_shelf={shipped.line_id: 5})
    run_jobs()
    run_jobs(ahead=timedelta(minutes=1))
    square.office.books.options.refund_outcome = "COMPLETED"
    db.session.rollback()
    again = send_refund_again(failed.id, actor=STAFF, now=clock.now())
    with pytest.raises(Conflict, match="Fewer units"):
        put_refunded_on_the_shelf(again.id, {shipped.line_id: 1}, actor=STAFF, now=clock.now())
    assert shipped.stock == (93, 0, 7)


# --- Nothing more to do about one that failed ------------------------------------------------------------------------


@pytest.fixture
def let_fail(run_jobs: RunJobs, square: SquareServer) -> Callable[..., int]:
    """Ask for a refund that Square lets fail; its id."""

    def fail(paid: Paid, kind: RefundKind, **changes: Any) -> int:
        square.office.books.options.refund_outcome = "FAILED"
        refund_id = paid.refund(kind, **changes).id
        run_jobs()
        run_jobs(ahead=timedelta(minutes=1))
        square.office.books.options.refund_outcome = "COMPLETED"
        db.session.rollback()
        return refund_id

    return fail


def close(refund_id: int, reason: str = "Its units went back with another refund") -> Refund:
    db.session.rollback()
    return close_failed_refund(refund_id, reason=reason, actor=STAFF, now=clock.now())


AGAIN = (send_refund_again, partial(give_back_by_hand, given_by="cash"))


def test_units_that_went_back_otherwise_leave_a_refund_that_can_only_be_closed(
    paid: Paid, run_jobs: RunJobs, let_fail: Callable[..., int]
) -> None:
    failed_id = let_fail(paid, RefundKind.LINES, units={paid.line_id: 5})
    paid.refund(RefundKind.LINES, units={paid.line_id: 8})
    assert needs_person()
    for again in AGAIN:
        with pytest.raises(Conflict, match="in another way"):
            again(failed_id, actor=STAFF, now=clock.now())
    before = refundable(db.session.get_one(Payment, paid.payment_id))
    version = db.session.get_one(Order, paid.order_id).version

    closed = close(failed_id, "  The units went back with the refund of eight  ")
    assert (closed.status, closed.close_reason) == (
        RefundStatus.FAILED,
        "The units went back with the refund of eight",
    )
    assert closed.closed_at is not None
    assert not needs_person()
    assert refundable(db.session.get_one(Payment, paid.payment_id)) == before
    assert db.session.get_one(Order, paid.order_id).version == version + 1
    assert len(refunds()) == 2
    told = list_history("refund", failed_id)[-1]
    assert (told.event, told.actor_name, told.reason) == ("closed", "staff", closed.close_reason)
    assert (told.from_status, told.to_status) == (None, None)
    shown = list_shown_refunds(paid.order_id)[0]
    assert (shown.needs_person, shown.closed_by, shown.close_reason) == (False, "staff", closed.close_reason)
    assert shown.trouble == "The provider reports it as failed."


def test_a_closed_refund_is_not_sent_again_given_by_hand_or_closed_twice(
    paid: Paid, run_jobs: RunJobs, let_fail: Callable[..., int], mails: Mails
) -> None:
    failed_id = let_fail(paid, RefundKind.AMOUNT, amount=Money(5000))
    told = len(mails.to(paid.ready.buyer.email))
    close(failed_id, "The buyer took other goods instead")
    for again in (*AGAIN, partial(close_failed_refund, reason="Once more")):
        db.session.rollback()
        with pytest.raises(Conflict, match="closed already"):
            again(failed_id, actor=STAFF, now=clock.now())
    [row] = refunds()
    assert row.close_reason == "The buyer took other goods instead"
    db.session.rollback()
    assert not {Kind.REFUND_SEND, Kind.REFUND_CHECK, Kind.MAIL_REFUND} & {*run_jobs(ahead=timedelta(hours=5))}
    assert len(mails.to(paid.ready.buyer.email)) == told


def test_what_a_closed_refund_was_to_give_back_can_still_go_back_with_a_new_one(
    paid: Paid, let_fail: Callable[..., int]
) -> None:
    close(let_fail(paid, RefundKind.LINES, units={paid.line_id: 12}))
    assert paid.refund(RefundKind.WHOLE).amount_cents == Money(14370)


@pytest.mark.parametrize("reason", ["", " \n "])
def test_a_refund_is_not_closed_without_a_reason(
    paid: Paid, let_fail: Callable[..., int], reason: str
) -> None:
    failed_id = let_fail(paid, RefundKind.AMOUNT, amount=Money(5000))
    with pytest.raises(AppError, match="Say in a few words") as refused:
        close(failed_id, reason)
    assert refused.value.field == "reason"
    assert needs_person()


def test_a_refund_that_arrives_or_was_sent_again_is_not_closed(
    paid: Paid, let_fail: Callable[..., int]
) -> None:
    failed_id = let_fail(paid, RefundKind.AMOUNT, amount=Money(5000))
    again_id = send_refund_again(failed_id, actor=STAFF, now=clock.now()).id
    with pytest.raises(Conflict, match="sent again already"):
        close(failed_id)
    with pytest.raises(Conflict, match="nothing to send again or to close"):
        close(again_id)
    with pytest.raises(NotFound):
        close(again_id + 1)
    assert [each.closed_at for each in refunds()] == [None, None]


def test_units_of_a_closed_refund_are_not_offered_for_the_shelf(
    shipped: Paid, let_fail: Callable[..., int]
) -> None:
    failed_id = let_fail(shipped, RefundKind.LINES, units={shipped.line_id: 5})
    order = db.session.get_one(Order, shipped.order_id)
    assert [each.units for each in list_not_on_the_shelf(order)] == [5]
    close(failed_id)
    assert list_not_on_the_shelf(db.session.get_one(Order, shipped.order_id)) == []


def test_the_buyer_is_not_told_that_we_look_after_a_refund_that_was_closed(
    paid: Paid, let_fail: Callable[..., int], client: ShopClient
) -> None:
    failed_id = let_fail(paid, RefundKind.AMOUNT, amount=Money(5000))
    close(failed_id, "They never paid for the samples")
    number = db.session.get_one(Order, paid.order_id).number
    sign_in(client, paid.ready.buyer)
    for address in (f"/orders/{number}", f"/orders/{number}/print"):
        page = read_text(client.get(address))
        assert "nothing more is sent for it" in page
        assert "You need not do anything" not in page
        assert "−$50.00" not in page
        assert "samples" not in page


# --- What the buyer sees ---------------------------------------------------------------------------------------------


def test_the_buyer_sees_reason_lines_and_tax_on_page_and_paper(
    paid: Paid, run_jobs: RunJobs, client: ShopClient
) -> None:
    paid.refund(RefundKind.LINES, units={paid.line_id: 5})
    run_jobs()
    run_jobs(ahead=timedelta(minutes=1))
    number = db.session.get_one(Order, paid.order_id).number
    sign_in(client, paid.ready.buyer)
    for address in (f"/orders/{number}", f"/orders/{number}/print"):
        page = read_text(client.get(address))
        for words in ("−$53.63", "Two were broken", "5 × ", "Sales tax in it $3.63"):
            assert words in page, (address, words)
