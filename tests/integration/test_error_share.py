"""Which questions to payment providers count as asked, and which as errors: what the alarm and the figures rest on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from app.extensions import db
from app.orders.payment_method import PaymentMethod
from app.outbox.kinds import Kind
from app.payments.error_share import ErrorShare, count_errors
from app.payments.gateway import Declined, NotThere, OutcomeUnknown
from app.payments.guarded_gateway import CROWDED, LEFT_ALONE, ProviderLeftAlone
from app.payments.models import ProviderAnswer
from app.payments.outcomes import NOT_ASKED, outcome_of
from app.payments.providers import get_gateway
from app.payments.refund_payment import RefundPayment, refund_payment
from app.payments.send_refund import send_refund
from app.payments.settle_payment import settle_payment
from app.payments.status import PaymentStatus, RefundKind
from app.shared import clock
from app.shared.history import Actor
from app.shared.transaction import transaction
from sandbox.square import SquareServer
from tests.factories import make_buyer, make_order, make_payment, make_shop
from tests.placing import CARD_DECLINED, break_next, make_ready, payments_of, press

pytestmark = pytest.mark.usefixtures("app", "square")
RunJobs = Callable[..., list[Kind]]
WORKER = Actor.system("worker")


def share() -> ErrorShare:
    db.session.rollback()
    found = count_errors(clock.now() - timedelta(minutes=15))
    db.session.rollback()
    return found


def have_answers(outcomes: list[str], **payment: object) -> None:
    row = make_payment(make_order(make_buyer()), **payment)
    with transaction():
        for outcome in outcomes:
            at = clock.now()
            db.session.add(ProviderAnswer(payment_id=row.id, call="authorize", outcome=outcome, at=at))


def test_promises_and_receipts_ask_no_provider_and_thin_nothing_out() -> None:
    make_shop()
    have_answers(["authorized"] * 50, provider="terms", live_order_id=None)
    have_answers(["captured"] * 50, provider="check", live_order_id=None, status=PaymentStatus.CAPTURED)
    have_answers(["authorized"] * 9 + ["unknown"])
    assert share() == ErrorShare(1, 10)


def test_what_was_not_asked_is_no_question() -> None:
    make_shop()
    have_answers([NOT_ASKED] * 50 + ["unknown", "authorized"])
    assert share() == ErrorShare(1, 2)


def test_a_failed_payment_read_later_is_a_decline_and_no_error() -> None:
    make_shop()
    have_answers(["failed", "declined", "refused", "absent", "not_there"])
    assert share() == ErrorShare(0, 5)


@pytest.mark.parametrize(
    ("trouble", "outcome"),
    [
        (Declined("no", "CARD_DECLINED"), "declined"),
        (Declined("busy", CROWDED), NOT_ASKED),
        (Declined("resting", LEFT_ALONE), NOT_ASKED),
        (OutcomeUnknown("time-out"), "unknown"),
        (NotThere("nothing of this id"), "not_there"),
        (ProviderLeftAlone(30), NOT_ASKED),
    ],
)
def test_a_trouble_is_kept_under_the_name_of_what_it_was(
    trouble: Declined | OutcomeUnknown, outcome: str
) -> None:
    assert outcome_of(trouble) == outcome


def test_a_declined_card_is_an_answer_and_a_lost_one_an_error(square: SquareServer) -> None:
    ready = make_ready()
    with pytest.raises(Declined):
        press(ready, ready.command(CARD_DECLINED))
    assert share() == ErrorShare(0, 1)
    break_next(square, "payments.create", "500")
    press(ready)
    assert share() == ErrorShare(1, 2)


def test_an_order_on_terms_is_no_question(square: SquareServer) -> None:
    make_shop()
    order = make_order(make_buyer(), payment_method=PaymentMethod.TERMS)
    make_payment(order, provider="terms", live_order_id=None)
    assert share() == ErrorShare(0, 0)


def test_a_settling_that_gets_no_answer_is_an_error(square: SquareServer) -> None:
    break_next(square, "payments.create", "500")
    order = press(make_ready())
    payment_id = payments_of(order)[0].id
    assert share() == ErrorShare(1, 1)
    for call in ("payments.list", "payments.cancel_by_idempotency_key"):
        break_next(square, call, "500")
        with pytest.raises(OutcomeUnknown):
            settle_payment(
                payment_id, gateway=get_gateway("square"), look_again_after=timedelta(hours=1), actor=WORKER
            )
    # Asked: the card, the list twice (once in vain), the key once (in vain).
    assert share() == ErrorShare(3, 4)


def test_a_refund_that_gets_no_answer_is_an_error(square: SquareServer, run_jobs: RunJobs) -> None:
    order = press(make_ready())
    run_jobs()
    [payment] = payments_of(order)
    asked = share()
    assert asked.errors == 0
    db.session.rollback()
    wanted = RefundPayment(
        kind=RefundKind.WHOLE, order_id=order.id, payment_id=payment.id, reason="Two were broken"
    )
    refund_id = refund_payment(wanted, actor=WORKER, now=clock.now()).id
    db.session.rollback()
    break_next(square, "refunds.create", "500")
    with pytest.raises(OutcomeUnknown):
        send_refund(refund_id, gateway=get_gateway("square"), actor=WORKER)
    assert share() == ErrorShare(1, asked.asked + 1)
    send_refund(refund_id, gateway=get_gateway("square"), actor=WORKER)
    assert share() == ErrorShare(1, asked.asked + 2)
