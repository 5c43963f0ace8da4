"""The real Square SDK against the look-alike: what is given back, and what the lists show."""

from typing import Any

import pytest
from square import Square
from square.core.api_error import ApiError

from tests.contract.conftest import Control
from tests.contract.square_calls import authorize, charge, read, refund, refusal


def test_a_refund_is_pending_at_first_and_completed_a_little_later(square: Square, control: Control) -> None:
    payment = charge(square, 5000)
    made = refund(square, payment, 1200, reason="One case was broken")
    assert (made.status, made.payment_id, made.reason) == ("PENDING", payment.id, "One case was broken")
    control("POST", "clock", advance_seconds=5)
    assert square.refunds.get(made.id).refund.status == "COMPLETED"
    after = read(square, payment)
    assert (after.refunded_money.amount, after.refund_ids) == (1200, [made.id])


def test_refunds_never_exceed_what_was_captured(square: Square) -> None:
    payment = charge(square, 5000)
    refund(square, payment, 3000)
    with pytest.raises(ApiError) as error:
        refund(square, payment, 2001)
    assert refusal(error) == ("REFUND_ERROR", "REFUND_AMOUNT_INVALID")
    refund(square, payment, 2000)
    assert read(square, payment).refunded_money.amount == 5000


def test_a_lowered_capture_limits_the_refund(square: Square) -> None:
    payment = authorize(square, 5000)
    change: Any = {"amount_money": {"amount": 4000, "currency": "USD"}}
    square.payments.update(payment.id, idempotency_key="lower", payment=change)
    square.payments.complete(payment.id)
    with pytest.raises(ApiError) as error:
        refund(square, payment, 4001)
    assert refusal(error) == ("REFUND_ERROR", "REFUND_AMOUNT_INVALID")


@pytest.mark.parametrize("outcome", ["REJECTED", "FAILED"])
def test_a_refund_that_fails_can_be_tried_again(square: Square, control: Control, outcome: str) -> None:
    control("POST", "settings", refund_outcome=outcome)
    payment = charge(square, 5000)
    made = refund(square, payment, 5000)
    control("POST", "clock", advance_seconds=5)
    assert square.refunds.get(made.id).refund.status == outcome
    assert refund(square, payment, 5000).status == "PENDING"


def test_only_a_captured_payment_can_be_refunded(square: Square) -> None:
    held, voided = authorize(square), authorize(square)
    square.payments.cancel(voided.id)
    for payment, code in (
        (held, "REFUND_ERROR_PAYMENT_NEEDS_COMPLETION"),
        (voided, "PAYMENT_NOT_REFUNDABLE"),
    ):
        with pytest.raises(ApiError) as error:
            refund(square, payment, 100)
        assert refusal(error) == ("REFUND_ERROR", code)


def test_a_refund_is_made_once_for_its_key(square: Square, control: Control) -> None:
    payment = charge(square, 5000)
    first = refund(square, payment, 1000, idempotency_key="give-back")
    assert refund(square, payment, 1000, idempotency_key="give-back") == first
    with pytest.raises(ApiError) as error:
        refund(square, payment, 999, idempotency_key="give-back")
    assert refusal(error)[1] == "IDEMPOTENCY_KEY_REUSED"
    assert len(control("GET", "ledger")["refunds"]) == 1


def test_a_reason_has_at_most_192_characters(square: Square) -> None:
    payment = charge(square, 5000)
    with pytest.raises(ApiError) as error:
        refund(square, payment, 1000, reason="x" * 193)
    assert refusal(error)[1] == "VALUE_TOO_LONG"


def test_a_hold_that_runs_out_is_canceled_by_itself(square: Square, control: Control) -> None:
    week, day = authorize(square), authorize(square, delay_duration="P1D", delay_action="COMPLETE")
    control("POST", "clock", advance_seconds=6 * 86400)
    assert (read(square, week).status, read(square, day).status) == ("APPROVED", "COMPLETED")
    control("POST", "clock", advance_seconds=86400)
    assert read(square, week).status == "CANCELED"
    with pytest.raises(ApiError) as error:
        square.payments.complete(week.id)
    assert refusal(error)[1] == "BAD_REQUEST"


def test_a_list_lags_some_seconds_behind_for_new_and_for_changed_payments(
    square: Square, control: Control
) -> None:
    control("POST", "settings", list_lag_seconds=5)
    payment = authorize(square)
    assert read(square, payment).status == "APPROVED"
    assert list(square.payments.list()) == []
    control("POST", "clock", advance_seconds=6)
    square.payments.complete(payment.id)
    assert [seen.status for seen in square.payments.list()] == ["APPROVED"]
    control("POST", "clock", advance_seconds=6)
    assert [seen.status for seen in square.payments.list()] == ["COMPLETED"]


def test_a_list_comes_in_pages_that_follow_each_other(square: Square) -> None:
    made = [authorize(square, reference_id=f"TP-{number}").reference_id for number in range(7)]
    pager = square.payments.list(limit=3, sort_order="ASC")
    assert len(pager.items or []) == 3
    assert [payment.reference_id for payment in pager] == made
    assert [payment.reference_id for payment in square.payments.list(limit=2)] == made[::-1]


def test_a_page_has_at_most_a_hundred_rows(square: Square) -> None:
    made = [authorize(square).id for _ in range(101)]
    pager = square.payments.list(limit=1000)
    assert (len(pager.items or []), len(list(pager))) == (100, len(made))


def test_a_cursor_of_another_list_is_refused(square: Square) -> None:
    for _ in range(2):
        authorize(square)
    cursor = square.payments.list(limit=1).response.cursor
    assert cursor
    for wrong in ({"sort_order": "ASC", "cursor": cursor}, {"cursor": "nonsense"}):
        with pytest.raises(ApiError) as error:
            square.payments.list(limit=1, **wrong)
        assert refusal(error)[1] == "INVALID_CURSOR"


def test_a_list_can_be_narrowed_to_a_window_of_creation_or_of_change(
    square: Square, control: Control
) -> None:
    first = authorize(square)
    control("POST", "clock", advance_seconds=3600)
    between = control("GET", "clock")["now"]
    control("POST", "clock", advance_seconds=3600)
    second = authorize(square)
    square.payments.complete(first.id)

    def listed(**window: Any) -> set[str | None]:
        return {payment.id for payment in square.payments.list(**window)}

    assert listed(begin_time=between) == {second.id}
    assert listed(end_time=between) == {first.id}
    assert listed(updated_at_begin_time=between) == {first.id, second.id}
    assert listed(updated_at_end_time=between) == set()
    assert listed(begin_time=between, end_time=between) == set()


def test_lists_can_be_narrowed_to_location_amount_card_and_refund_status(
    square: Square, control: Control
) -> None:
    payment = charge(square, 4321)
    charge(square, 1000)
    assert [found.id for found in square.payments.list(total=4321, last4="1111", card_brand="VISA")] == [
        payment.id
    ]
    assert list(square.payments.list(location_id="ELSEWHERE")) == []
    assert len(list(square.payments.list(location_id="SANDBOX_MAIN"))) == 2
    done = refund(square, payment, 100)
    control("POST", "clock", advance_seconds=5)
    open_still = refund(square, payment, 200)
    assert [found.id for found in square.refunds.list(status="COMPLETED")] == [done.id]
    assert [found.id for found in square.refunds.list(sort_order="ASC")] == [done.id, open_still.id]


@pytest.mark.parametrize(
    "asked, code",
    [({"begin_time": "yesterday"}, "INVALID_TIME"), ({"sort_order": "UP"}, "INVALID_SORT_ORDER")],
)
def test_a_list_that_makes_no_sense_is_refused(square: Square, asked: Any, code: str) -> None:
    authorize(square)
    with pytest.raises(ApiError) as error:
        square.payments.list(**asked)
    assert refusal(error)[1] == code
