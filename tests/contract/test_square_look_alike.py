"""The real Square SDK against the look-alike: taking a card, and the ways Square says no."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from square import Square
from square.core.api_error import ApiError

from sandbox.square import SquareServer
from sandbox.square.books import Options
from tests.contract import plain_http
from tests.contract.conftest import Control, connect
from tests.contract.square_calls import ONCE, authorize, charge, dollars, refund, refusal

BUYERS_MATTER = "PAYMENT_METHOD_ERROR"
CALLERS_FAULT = "INVALID_REQUEST_ERROR"
DECLINES = [
    ("declined", "GENERIC_DECLINE"),
    ("rejected-cvv", "CVV_FAILURE"),
    ("rejected-postalcode", "ADDRESS_VERIFICATION_FAILURE"),
    ("rejected-expiration", "INVALID_EXPIRATION"),
    ("requires-verification", "CARD_DECLINED_VERIFICATION_REQUIRED"),
]


def moment(text: str | None) -> datetime:
    assert text is not None
    return datetime.fromisoformat(text)


def test_a_good_card_is_held_for_seven_days_and_shows_its_last_four_digits(square: Square) -> None:
    payment = authorize(square, 123_45, reference_id="TP-1001", note="PO 77")
    assert payment.status == "APPROVED"
    assert moment(payment.delayed_until) - moment(payment.created_at) == timedelta(days=7)
    assert payment.delay_action == "CANCEL"
    assert payment.card_details.card.last4 == "1111"
    assert payment.card_details.card.card_brand == "VISA"
    assert payment.card_details.card.exp_year >= moment(payment.created_at).year
    assert payment.card_details.status == "AUTHORIZED"
    assert (payment.reference_id, payment.note, payment.amount_money.amount) == ("TP-1001", "PO 77", 12345)
    assert re.fullmatch(r"[A-Za-z0-9_-]+", payment.id)


def test_autocomplete_captures_at_once(square: Square) -> None:
    payment = charge(square)
    assert (payment.status, payment.card_details.status) == ("COMPLETED", "CAPTURED")


@pytest.mark.parametrize("duration, seconds", [("PT36H", 36 * 3600), ("P2DT12H", 60 * 3600), ("PT1M", 60)])
def test_a_shorter_hold_can_be_asked_for(square: Square, duration: str, seconds: int) -> None:
    payment = authorize(square, delay_duration=duration)
    assert (moment(payment.delayed_until) - moment(payment.created_at)).total_seconds() == seconds


@pytest.mark.parametrize("duration", ["P8D", "PT59S", "soon", "P", "PT99999999999999H"])
def test_a_hold_over_seven_days_or_under_a_minute_is_refused(square: Square, duration: str) -> None:
    with pytest.raises(ApiError) as error:
        authorize(square, delay_duration=duration)
    assert refusal(error) == (CALLERS_FAULT, "INVALID_VALUE")


@pytest.mark.parametrize("name, code", DECLINES)
@pytest.mark.parametrize("prefix", ["cnon:card-nonce-", "ccof:customer-card-id-"])
def test_a_decline_says_why_and_leaves_a_failed_payment(
    square: Square, control: Control, prefix: str, name: str, code: str
) -> None:
    with pytest.raises(ApiError) as error:
        authorize(square, source=prefix + name, reference_id="TP-9", customer_id="BUYER")
    assert refusal(error) == (BUYERS_MATTER, code)
    (left,) = control("GET", "ledger")["payments"]
    assert (left["status"], left["reference_id"], left["card_details"]["errors"][0]["code"]) == (
        "FAILED",
        "TP-9",
        code,
    )
    assert error.value.body["payment"]["id"] == left["id"]


def test_a_verified_buyer_may_use_the_card_that_asks_for_verification(square: Square) -> None:
    payment = authorize(square, source="cnon:card-nonce-requires-verification", verification_token="verf:ok")
    assert payment.status == "APPROVED"


def test_a_card_on_file_pays_for_its_customer_only(square: Square) -> None:
    assert authorize(square, source="ccof:customer-card-id-ok", customer_id="BUYER").status == "APPROVED"
    with pytest.raises(ApiError) as error:
        authorize(square, source="ccof:customer-card-id-ok")
    assert refusal(error) == (CALLERS_FAULT, "MISSING_REQUIRED_PARAMETER")


def test_a_minted_token_pays_once(square: Square, control: Control) -> None:
    token = control("POST", "tokens", number="4111 1111 1111 1111")["source_id"]
    assert authorize(square, source=token).status == "APPROVED"
    with pytest.raises(ApiError) as error:
        authorize(square, source=token)
    assert refusal(error) == (BUYERS_MATTER, "CARD_TOKEN_USED")


@pytest.mark.parametrize("source", ["cnon:card-nonce-already-used", "cnon:card-nonce-ok:tab-1"])
def test_a_used_token_charges_nothing(square: Square, control: Control, source: str) -> None:
    if source.endswith("tab-1"):
        authorize(square, source=source)
    before = control("GET", "ledger")["payments"]
    with pytest.raises(ApiError) as error:
        authorize(square, source=source)
    assert refusal(error) == (BUYERS_MATTER, "CARD_TOKEN_USED")
    assert control("GET", "ledger")["payments"] == before


def test_an_unknown_token_is_not_found(square: Square) -> None:
    with pytest.raises(ApiError) as error:
        authorize(square, source="cnon:made-up")
    assert refusal(error) == (CALLERS_FAULT, "NOT_FOUND")


def test_the_same_key_and_body_give_the_first_answer_again(square: Square, control: Control) -> None:
    first = authorize(square, idempotency_key="checkout-1")
    square.payments.complete(first.id)
    again = authorize(square, idempotency_key="checkout-1")
    assert (again.id, again.status, again.version_token) == (first.id, "APPROVED", first.version_token)
    assert len(control("GET", "ledger")["payments"]) == 1


def test_a_decline_is_repeated_under_its_key_without_a_second_payment(
    square: Square, control: Control
) -> None:
    for _ in range(2):
        with pytest.raises(ApiError) as error:
            authorize(square, source="cnon:card-nonce-declined", idempotency_key="checkout-1")
        assert refusal(error) == (BUYERS_MATTER, "GENERIC_DECLINE")
    assert len(control("GET", "ledger")["payments"]) == 1


def test_the_same_key_with_another_body_is_refused(square: Square) -> None:
    authorize(square, 5000, idempotency_key="checkout-1")
    with pytest.raises(ApiError) as error:
        authorize(square, 5001, idempotency_key="checkout-1")
    assert refusal(error) == (CALLERS_FAULT, "IDEMPOTENCY_KEY_REUSED")
    assert error.value.status_code == 400


def test_a_key_belongs_to_its_endpoint(square: Square) -> None:
    payment = authorize(square, autocomplete=True, idempotency_key="same-key")
    assert refund(square, payment, 100, idempotency_key="same-key").status == "PENDING"


def test_ten_parallel_creates_with_one_key_make_one_payment(square: Square, control: Control) -> None:
    with ThreadPoolExecutor(10) as threads:
        made = list(threads.map(lambda _: authorize(square, idempotency_key="one").id, range(10)))
    assert len(set(made)) == 1
    assert [payment["id"] for payment in control("GET", "ledger")["payments"]] == made[:1]


@pytest.mark.parametrize(
    "field, longest", [("idempotency_key", 45), ("reference_id", 40), ("note", 500), ("statement_description_identifier", 20)]
)  # fmt: skip
def test_texts_may_be_as_long_as_square_takes_and_no_longer(square: Square, field: str, longest: int) -> None:
    assert authorize(square, **{field: "x" * longest}).status == "APPROVED"
    with pytest.raises(ApiError) as error:
        authorize(square, **{field: "y" * (longest + 1)})
    assert refusal(error) == (CALLERS_FAULT, "VALUE_TOO_LONG")


def test_a_key_is_measured_in_bytes(square: Square) -> None:
    with pytest.raises(ApiError) as error:
        authorize(square, idempotency_key="é" * 23)
    assert refusal(error) == (CALLERS_FAULT, "VALUE_TOO_LONG")


@pytest.mark.parametrize(
    "change, code",
    [
        ({"amount_money": {"amount": 0, "currency": "USD"}}, "VALUE_TOO_LOW"),
        ({"amount_money": {"amount": 10.5, "currency": "USD"}}, "EXPECTED_INTEGER"),
        ({"amount_money": {"amount": 10, "currency": "EUR"}}, "INVALID_VALUE"),
        ({"amount_money": None}, "MISSING_REQUIRED_PARAMETER"),
        ({"source_id": None}, "MISSING_REQUIRED_PARAMETER"),
        ({"idempotency_key": ""}, "VALUE_EMPTY"),
        ({"autocomplete": "no"}, "EXPECTED_BOOLEAN"),
        ({"delay_action": "MAYBE"}, "INVALID_ENUM_VALUE"),
        ({"location_id": "ELSEWHERE"}, "INVALID_LOCATION"),
        ({"surprise": 1}, "UNKNOWN_BODY_PARAMETER"),
        ({"note": 5}, "EXPECTED_STRING"),
    ],
)
def test_a_malformed_create_is_refused_and_charges_nothing(
    square_server: SquareServer, control: Control, change: dict[str, Any], code: str
) -> None:
    body = {"source_id": "cnon:card-nonce-ok", "idempotency_key": "k", "amount_money": dollars(100)} | change
    answer = plain_http.post(
        f"{square_server.url}/v2/payments",
        json=body,
        headers={"Authorization": f"Bearer {square_server.token}"},
    )
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, code)
    assert control("GET", "ledger")["payments"] == []


def test_a_wrong_token_is_unauthorized(square_server: SquareServer) -> None:
    with connect(square_server, token="somebody-elses") as stranger, pytest.raises(ApiError) as error:
        stranger.locations.list(request_options=ONCE)
    assert refusal(error) == ("AUTHENTICATION_ERROR", "UNAUTHORIZED")
    assert error.value.status_code == 401


def test_the_location_is_there_for_a_check_of_the_credentials(square: Square) -> None:
    (listed,) = square.locations.list().locations or []
    assert (listed.id, listed.status, listed.currency) == ("SANDBOX_MAIN", "ACTIVE", "USD")
    assert square.locations.get("SANDBOX_MAIN").location == square.locations.get("main").location == listed
    with pytest.raises(ApiError) as error:
        square.locations.get("ELSEWHERE")
    assert refusal(error) == (CALLERS_FAULT, "NOT_FOUND")


def test_the_books_survive_a_restart(tmp_path: Path) -> None:
    state = str(tmp_path / "square.db")
    with SquareServer(state) as server, connect(server) as square:
        payment = authorize(square, idempotency_key="before")
        server.office.books.advance(3600)
    with SquareServer(state, Options(list_lag_seconds=0)) as server, connect(server) as square:
        assert authorize(square, idempotency_key="before").id == payment.id
        assert [listed.id for listed in square.payments.list()] == [payment.id]
        assert server.office.books.clock.ahead == timedelta(hours=1)
