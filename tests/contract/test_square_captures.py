"""The real Square SDK against the look-alike: capture, void, and capture of less."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from square import Square
from square.core.api_error import ApiError

from tests.contract.square_calls import ONCE, authorize, dollars, read, refund, refusal

CALLERS_FAULT = "INVALID_REQUEST_ERROR"


def test_capturing_completes_and_a_second_capture_is_refused(square: Square) -> None:
    payment = authorize(square)
    done = square.payments.complete(payment.id, version_token=payment.version_token).payment
    assert (done.status, done.id) == ("COMPLETED", payment.id)
    assert read(square, payment).status == "COMPLETED"
    with pytest.raises(ApiError) as error:
        square.payments.complete(payment.id)
    assert refusal(error) == (CALLERS_FAULT, "BAD_REQUEST")


def test_voiding_cancels_and_a_canceled_payment_stays_canceled(square: Square) -> None:
    payment = authorize(square)
    canceled = square.payments.cancel(payment.id).payment
    assert (canceled.status, canceled.card_details.status) == ("CANCELED", "VOIDED")
    for call in (square.payments.complete, square.payments.cancel):
        with pytest.raises(ApiError) as error:
            call(payment.id)
        assert refusal(error) == (CALLERS_FAULT, "BAD_REQUEST")
    assert read(square, payment).status == "CANCELED"


def test_capture_and_void_at_the_same_time_have_one_winner(square: Square) -> None:
    payment = authorize(square)

    def attempt(call: Any) -> bool:
        try:
            call(payment.id, request_options=ONCE)
        except ApiError:
            return False
        return True

    with ThreadPoolExecutor(10) as threads:
        won = list(threads.map(attempt, [square.payments.complete, square.payments.cancel] * 5))
    assert won.count(True) == 1
    assert read(square, payment).status == ("COMPLETED" if won.index(True) % 2 == 0 else "CANCELED")


def test_a_missing_payment_is_not_found(square: Square) -> None:
    for call in (square.payments.get, square.payments.complete, square.payments.cancel):
        with pytest.raises(ApiError) as error:
            call("nothing")
        assert (refusal(error), error.value.status_code) == ((CALLERS_FAULT, "NOT_FOUND"), 404)


def test_an_unknown_create_is_voided_by_its_key(square: Square) -> None:
    payment = authorize(square, idempotency_key="lost")
    square.payments.cancel_by_idempotency_key(idempotency_key="lost")
    assert read(square, payment).status == "CANCELED"
    square.payments.cancel_by_idempotency_key(idempotency_key="lost")
    square.payments.cancel_by_idempotency_key(idempotency_key="never-seen")


def test_a_captured_payment_cannot_be_voided_by_its_key(square: Square) -> None:
    payment = authorize(square, autocomplete=True, idempotency_key="done")
    with pytest.raises(ApiError) as error:
        square.payments.cancel_by_idempotency_key(idempotency_key="done")
    assert refusal(error) == (CALLERS_FAULT, "BAD_REQUEST")
    assert read(square, payment).status == "COMPLETED"


def test_less_than_was_held_can_be_captured(square: Square) -> None:
    payment = authorize(square, 5000)
    change: Any = {"amount_money": dollars(4000), "version_token": payment.version_token}
    lowered = square.payments.update(payment.id, idempotency_key="lower", payment=change).payment
    assert (lowered.total_money.amount, lowered.approved_money.amount) == (4000, 5000)
    assert square.payments.update(payment.id, idempotency_key="lower", payment=change).payment == lowered
    assert square.payments.complete(payment.id).payment.total_money.amount == 4000


def test_an_amount_cannot_be_raised(square: Square) -> None:
    payment = authorize(square, 5000)
    with pytest.raises(ApiError) as error:
        square.payments.update(payment.id, idempotency_key="raise", payment={"amount_money": dollars(5001)})
    assert refusal(error) == (CALLERS_FAULT, "AMOUNT_TOO_HIGH")


def test_an_old_version_token_is_refused_everywhere(square: Square) -> None:
    payment = authorize(square, 5000)
    old: Any = {"amount_money": dollars(4000), "version_token": payment.version_token}
    square.payments.update(payment.id, idempotency_key="one", payment=old)
    with pytest.raises(ApiError) as again:
        square.payments.update(
            payment.id, idempotency_key="two", payment=old | {"amount_money": dollars(3000)}
        )
    with pytest.raises(ApiError) as capture:
        square.payments.complete(payment.id, version_token=payment.version_token, request_options=ONCE)
    square.payments.complete(payment.id)
    with pytest.raises(ApiError) as giving_back:
        refund(square, payment, 100, payment_version_token=payment.version_token)
    codes = [refusal(error)[1] for error in (again, capture, giving_back)]
    assert codes == ["VERSION_MISMATCH"] * 3
