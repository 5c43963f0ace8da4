"""What can be made to go wrong on purpose: calls that fail, and answers that never come."""

import time
from typing import Any

import httpx
import pytest
from square import Square
from square.core.api_error import ApiError

from sandbox.square import SquareServer
from tests.contract import plain_http
from tests.contract.conftest import Control, connect
from tests.contract.square_calls import authorize, charge, read, refund, refusal


@pytest.mark.parametrize("moment, made", [("before", 0), ("after", 1)])
def test_a_reset_connection_hides_whether_the_payment_was_made(
    square: Square, control: Control, moment: str, made: int
) -> None:
    control("POST", "faults", call="payments.create", kind="reset", moment=moment, count=1)
    with pytest.raises(httpx.ReadError):
        authorize(square, idempotency_key="k")
    assert len(control("GET", "ledger")["payments"]) == made
    authorize(square, idempotency_key="k")
    assert len(control("GET", "ledger")["payments"]) == 1


def test_no_answer_runs_into_the_callers_timeout_though_the_capture_happened(
    square_server: SquareServer, control: Control
) -> None:
    with connect(square_server, timeout=0.3) as hasty:
        payment = authorize(hasty)
        control(
            "POST", "faults", call="payments.complete", kind="no_answer", moment="after", count=1, seconds=30
        )
        with pytest.raises(httpx.ReadTimeout):
            hasty.payments.complete(payment.id, request_options={"max_retries": 0})
        assert read(hasty, payment).status == "COMPLETED"


def test_a_slow_create_lands_after_its_caller_gave_up_and_voided_it(
    square_server: SquareServer, control: Control
) -> None:
    control("POST", "faults", call="payments.create", kind="latency", count=1, seconds=0.6)
    with connect(square_server, timeout=0.2) as hasty:
        with pytest.raises(httpx.ReadTimeout):
            authorize(hasty, idempotency_key="late")
        hasty.payments.cancel_by_idempotency_key(idempotency_key="late")
        assert control("GET", "ledger")["payments"] == []
        time.sleep(0.7)
        assert [payment["status"] for payment in control("GET", "ledger")["payments"]] == ["APPROVED"]


@pytest.mark.parametrize(
    "kind, status, code", [("500", 500, "INTERNAL_SERVER_ERROR"), ("503", 503, "SERVICE_UNAVAILABLE")]
)
def test_a_server_error_has_squares_shape(
    square: Square, control: Control, kind: str, status: int, code: str
) -> None:
    control("POST", "faults", call="payments.*", kind=kind, count=1)
    with pytest.raises(ApiError) as error:
        authorize(square)
    assert (error.value.status_code, refusal(error)) == (status, ("API_ERROR", code))
    assert authorize(square).status == "APPROVED"


def test_too_many_calls_are_told_when_to_come_back(square: Square, control: Control) -> None:
    control("POST", "faults", call="*", kind="429", retry_after=7, count=1)
    with pytest.raises(ApiError) as error:
        authorize(square)
    assert (error.value.status_code, refusal(error)) == (429, ("RATE_LIMIT_ERROR", "RATE_LIMITED"))
    assert error.value.headers["retry-after"] == "7"


def test_the_sdk_retries_a_429_by_itself_when_left_to(square: Square, control: Control) -> None:
    control("POST", "faults", call="payments.create", kind="429", retry_after=1, count=1)
    assert authorize(square, request_options={"max_retries": 1}).status == "APPROVED"
    assert [call["call"] for call in control("GET", "calls")["calls"]] == ["payments.create"] * 2


def test_any_error_and_any_decline_can_be_ordered(square: Square, control: Control) -> None:
    control("POST", "faults", call="payments.create", kind="decline", code="INSUFFICIENT_FUNDS", count=1)
    with pytest.raises(ApiError) as decline:
        authorize(square)
    assert refusal(decline) == ("PAYMENT_METHOD_ERROR", "INSUFFICIENT_FUNDS")
    assert [payment["status"] for payment in control("GET", "ledger")["payments"]] == ["FAILED"]
    payment = authorize(square)
    temporary = {"category": "PAYMENT_METHOD_ERROR", "code": "TEMPORARY_ERROR", "status": 402}
    control("POST", "faults", call="payments.complete", kind="error", count=1, **temporary)
    with pytest.raises(ApiError) as error:
        square.payments.complete(payment.id)
    assert (error.value.status_code, refusal(error)[1]) == (402, "TEMPORARY_ERROR")
    assert read(square, payment).status == "APPROVED"


def fails(square: Square) -> bool:
    try:
        square.locations.get("main", request_options={"max_retries": 0})
    except ApiError:
        return True
    return False


def test_a_rule_can_let_some_calls_pass_first_and_count_its_hits(square: Square, control: Control) -> None:
    rule = control("POST", "faults", call="locations.get", kind="500", skip=2, count=2)
    assert [fails(square) for _ in range(6)] == [False, False, True, True, False, False]
    assert [(fault["id"], fault["fired"]) for fault in control("GET", "faults")["faults"]] == [
        (rule["id"], 2)
    ]


def test_chance_with_a_seed_repeats_itself(square: Square, control: Control) -> None:
    runs = []
    for _ in range(2):
        control("POST", "faults", call="locations.get", kind="503", probability=0.5, seed=11)
        runs.append([fails(square) for _ in range(20)])
        control("DELETE", "faults")
    assert runs[0] == runs[1]
    assert {True, False} == set(runs[0])
    assert fails(square) is False


@pytest.mark.parametrize(
    "rule",
    [{"call": "payments.create"}, {"call": "x", "kind": "500"}, {"call": "*", "kind": "bad"},
     {"call": "*", "kind": "500", "count": "1"}, {"call": "refunds.create", "kind": "decline"}],
)  # fmt: skip
def test_a_rule_that_makes_no_sense_is_refused(square_server: SquareServer, rule: dict[str, Any]) -> None:
    assert plain_http.post(f"{square_server.url}/_control/faults", json=rule).status_code == 400


def test_a_page_elsewhere_cannot_turn_the_controls(square_server: SquareServer) -> None:
    for path in ("faults", "reset", "clock", "settings", "webhooks", "tokens"):
        answer = plain_http.post(f"{square_server.url}/_control/{path}", data={"url": "http://x"})
        assert answer.status_code == 415


@pytest.mark.parametrize(
    "path, change",
    [
        ("settings", {"list_lag_seconds": -1}),
        ("settings", {"refund_outcome": "LOST"}),
        ("settings", {"surprise": 1}),
        ("webhooks", {"url": "mailto:shop"}),
        ("webhooks", {"delay_seconds": 1e300}),
        ("faults", {"call": "*", "kind": "latency", "seconds": 1e300}),
        ("tokens", {"number": "4242"}),
    ],
)
def test_a_control_that_makes_no_sense_is_refused(
    square_server: SquareServer, path: str, change: Any
) -> None:
    assert plain_http.post(f"{square_server.url}/_control/{path}", json=change).status_code == 400


def test_the_clock_never_goes_back(square_server: SquareServer, control: Control) -> None:
    ahead = control("POST", "clock", advance_seconds=60)["ahead_seconds"]
    answer = plain_http.post(f"{square_server.url}/_control/clock", json={"advance_seconds": -1})
    assert (answer.status_code, ahead, control("GET", "clock")["ahead_seconds"]) == (400, 60, 60)


def test_a_reset_forgets_everything(square: Square, control: Control) -> None:
    first = authorize(square, idempotency_key="k")
    control("POST", "reset")
    assert control("GET", "ledger")["payments"] == []
    assert authorize(square, idempotency_key="k").id != first.id


def test_people_see_what_square_saw(square: Square, square_server: SquareServer, control: Control) -> None:
    assert "Nothing yet" in plain_http.get(square_server.url).text
    payment = charge(square, 1_234_56)
    refund(square, payment, 3_00, reason="<b>Broken</b>")
    with pytest.raises(ApiError):
        authorize(square, source="cnon:card-nonce-rejected-cvv", reference_id="TP-77")
    control("POST", "faults", call="payments.list", kind="503")
    page = plain_http.get(square_server.url)
    for words in ("$1,234.56", "$3.00", "Visa ···· 1111", "CVV_FAILURE", "TP-77", "503 on payments.list"):
        assert words in page.text
    assert "&lt;b&gt;Broken" in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert plain_http.get(f"{square_server.url}/healthz").status_code == 200


def test_a_stopped_server_answers_nothing_even_on_an_open_connection(square_server: SquareServer) -> None:
    with connect(square_server) as square:
        square.locations.list()
        square_server.stop()
        with pytest.raises(httpx.TransportError):
            square.locations.list()
