"""When two books agree, when they do not, and which repair is safe: a table of cases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.payments.compare import (
    OurPayment,
    OurRefund,
    compare_payment,
    compare_refund,
    is_payment_in_motion,
    is_refund_in_motion,
    missing_payment,
    missing_refund,
)
from app.payments.difference_kinds import ADVICE, DifferenceKind, Repair
from app.payments.gateway import HoldState, PaymentFacts, RefundFacts, RefundState
from app.payments.status import PaymentStatus, RefundStatus
from app.shared.money import Money

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
P, H, K, R = PaymentStatus, HoldState, DifferenceKind, Repair


def our(status: PaymentStatus, **changes) -> OurPayment:
    facts = {
        "id": 1,
        "order_id": 7,
        "amount": Money(3500),
        "provider_id": "sq1",
        "created_at": NOW - timedelta(days=1),
    }
    return OurPayment(status=status, **facts | changes)


def their(state: HoldState, **changes) -> PaymentFacts:
    return PaymentFacts(state=state, **{"provider_id": "sq1", "amount": Money(3500)} | changes)


def judged(ours: OurPayment | None, theirs: PaymentFacts) -> tuple[DifferenceKind, Repair] | None:
    found = compare_payment(ours, theirs)
    return (found.kind, found.repair) if found else None


# Ours, theirs → what it is; everything not named here is a difference of status, or none where nothing is held.
AGREED = {
    (P.AUTHORIZED, H.AUTHORIZED), (P.AUTHORIZED, H.PENDING), (P.CAPTURED, H.CAPTURED), (P.CAPTURING, H.AUTHORIZED),
    *((ended, gone) for ended in (P.DECLINED, P.VOIDED, P.LAPSED, P.FAILED) for gone in (H.VOIDED, H.FAILED, H.PENDING)),
}  # fmt: skip


@pytest.mark.parametrize("status", list(P))
@pytest.mark.parametrize("state", list(H))
def test_every_pair_of_statuses_has_its_verdict(status, state):
    verdict = judged(our(status), their(state))
    if (status, state) in AGREED:
        assert verdict is None
    elif status in {P.DECLINED, P.VOIDED, P.LAPSED, P.FAILED} and state is H.AUTHORIZED:
        assert verdict == (K.ORPHAN_HOLD, R.VOID)
    else:
        is_safe = status in {P.CREATED, P.UNKNOWN, P.AUTHORIZED, P.CAPTURING} and state is not H.PENDING
        assert verdict == (K.PAYMENT_STATUS, R.APPLY if is_safe else R.NONE)


@pytest.mark.parametrize("state", [H.AUTHORIZED, H.PENDING, H.CAPTURED])
def test_money_of_a_payment_the_shop_does_not_know_is_listed(state):
    assert judged(None, their(state)) == (K.UNKNOWN_PAYMENT, R.NONE)


@pytest.mark.parametrize("state", [H.VOIDED, H.FAILED])
def test_an_unknown_payment_that_moved_no_money_is_not(state):
    assert judged(None, their(state)) is None


def test_a_second_charge_for_a_paid_order_is_one_until_it_was_given_back():
    lapsed = our(P.LAPSED, has_paid_sibling=True)
    assert judged(lapsed, their(H.CAPTURED)) == (K.CHARGED_TWICE, R.NONE)
    assert judged(lapsed, their(H.CAPTURED, refunded=Money(3499))) == (K.CHARGED_TWICE, R.NONE)
    assert judged(lapsed, their(H.CAPTURED, refunded=Money(3500))) is None


def test_another_payment_under_the_reference_of_a_captured_one_is_a_second_charge_or_an_orphan():
    captured = our(P.CAPTURED)
    assert judged(captured, their(H.CAPTURED, provider_id="sq2")) == (K.CHARGED_TWICE, R.NONE)
    assert judged(captured, their(H.AUTHORIZED, provider_id="sq2")) == (K.ORPHAN_HOLD, R.VOID)
    assert judged(captured, their(H.FAILED, provider_id="sq2")) is None
    assert judged(our(P.LAPSED), their(H.CAPTURED, provider_id="sq2")) == (K.PAYMENT_STATUS, R.NONE)


def test_another_amount_is_listed_and_never_taken_over():
    assert judged(our(P.CAPTURED), their(H.CAPTURED, amount=Money(3499))) == (K.PAYMENT_AMOUNT, R.NONE)
    assert judged(our(P.UNKNOWN), their(H.AUTHORIZED, amount=Money(1))) == (K.PAYMENT_AMOUNT, R.NONE)


@pytest.mark.parametrize(
    "status, state, cents, verdict",
    [
        (P.AUTHORIZED, H.AUTHORIZED, 9000, None),
        (P.AUTHORIZED, H.AUTHORIZED, 8000, None),
        (P.CAPTURING, H.AUTHORIZED, 8000, None),
        (P.CAPTURING, H.CAPTURED, 8000, (K.PAYMENT_STATUS, R.APPLY)),
        (P.AUTHORIZED, H.AUTHORIZED, 8001, (K.PAYMENT_AMOUNT, R.NONE)),
        (P.CAPTURED, H.CAPTURED, 8000, (K.PAYMENT_AMOUNT, R.NONE)),
    ],
)
def test_a_hold_may_be_lowered_to_its_orders_total_and_to_nothing_else(status, state, cents, verdict):
    ours = our(status, amount=Money(9000), order_total=Money(8000))
    assert judged(ours, their(state, amount=Money(cents))) == verdict


def test_what_is_being_worked_on_is_in_motion_for_a_while():
    young = NOW - timedelta(minutes=5)
    assert is_payment_in_motion(our(P.UNKNOWN, created_at=young), NOW)
    assert not is_payment_in_motion(our(P.UNKNOWN), NOW)
    assert is_payment_in_motion(our(P.VOIDED, created_at=young, provider_id=""), NOW)
    assert not is_payment_in_motion(our(P.VOIDED, created_at=young), NOW)
    assert is_payment_in_motion(our(P.CAPTURING, claimed_at=young), NOW)
    assert not is_payment_in_motion(our(P.CAPTURING, claimed_at=NOW - timedelta(hours=1)), NOW)


def refund(status: RefundStatus, **changes) -> OurRefund:
    facts = {
        "id": 1,
        "payment_id": 2,
        "order_id": 7,
        "amount": Money(900),
        "provider_id": "r1",
        "created_at": NOW - timedelta(days=1),
    }
    return OurRefund(status=status, **facts | changes)


@pytest.mark.parametrize(
    "status, state, verdict",
    [
        (RefundStatus.PENDING, RefundState.PENDING, None),
        (RefundStatus.PENDING, RefundState.COMPLETED, (K.REFUND_STATUS, R.APPLY)),
        (RefundStatus.PENDING, RefundState.FAILED, (K.REFUND_STATUS, R.APPLY)),
        (RefundStatus.COMPLETED, RefundState.COMPLETED, None),
        (RefundStatus.COMPLETED, RefundState.FAILED, (K.REFUND_STATUS, R.APPLY)),
        (RefundStatus.COMPLETED, RefundState.PENDING, (K.REFUND_STATUS, R.NONE)),
        (RefundStatus.REJECTED, RefundState.FAILED, None),
        (RefundStatus.FAILED, RefundState.COMPLETED, (K.REFUND_STATUS, R.NONE)),
    ],
)
def test_refunds_are_compared_the_same_way(status, state, verdict):
    found = compare_refund(refund(status), RefundFacts(provider_id="r1", state=state, amount=Money(900)))
    assert (found and (found.kind, found.repair)) == verdict


def test_a_refund_of_another_amount_or_of_nobody_is_listed():
    theirs = RefundFacts(provider_id="r1", state=RefundState.COMPLETED, amount=Money(901))
    other = compare_refund(refund(RefundStatus.COMPLETED), theirs)
    assert other is not None
    assert (other.kind, other.ours, other.theirs) == (K.REFUND_AMOUNT, "Completed, $9.00", "Completed, $9.01")
    unknown = compare_refund(None, theirs, order_id=7, payment_id=2)
    assert unknown is not None
    assert (unknown.kind, unknown.order_id) == (K.UNKNOWN_REFUND, 7)
    failed = RefundFacts(provider_id="r1", state=RefundState.FAILED, amount=Money(901))
    assert compare_refund(None, failed) is None


def test_a_young_refund_on_its_way_is_in_motion():
    assert is_refund_in_motion(refund(RefundStatus.PENDING, created_at=NOW), NOW)
    assert not is_refund_in_motion(refund(RefundStatus.PENDING), NOW)
    assert not is_refund_in_motion(refund(RefundStatus.COMPLETED, created_at=NOW), NOW)


def test_what_the_provider_lost_is_listed_with_our_own_words():
    assert missing_payment(our(P.CAPTURED)).theirs == "Not known"
    assert missing_refund(refund(RefundStatus.COMPLETED)).refund_id == 1


def test_every_kind_of_difference_tells_a_person_what_to_do():
    assert set(ADVICE) == set(K)
