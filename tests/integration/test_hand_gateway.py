"""Payment without a card keeps the contract of every provider, as far as its promises go."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest

from app.payments.gateway import Charge, Declined, HoldState, NotThere, RefundState
from app.payments.hand_gateway import HandGateway
from app.payments.providers import get_gateway
from app.payments.status import BY_HAND, PROMISES, RECEIPTS, PaymentStatus
from app.shared import clock
from app.shared.money import Money
from app.shared.transaction import transaction
from tests.on_account import make_account, place, receive
from tests.placing import payments_of

pytestmark = pytest.mark.usefixtures("app")

TOTAL = Money(3500)
_HOUR = timedelta(hours=1)


def charge() -> Charge:
    key = str(uuid4())
    return Charge(source="", amount=TOTAL, key=key, reference=key)


@pytest.mark.parametrize("name", sorted(PROMISES))
def test_a_promise_is_accepted_at_once_and_has_no_end(name: str) -> None:
    facts = get_gateway(name).authorize(charge())
    assert (facts.state, facts.amount, facts.lapses_at) == (HoldState.AUTHORIZED, TOTAL, None)


@pytest.mark.parametrize("name", sorted(RECEIPTS))
def test_a_receipt_is_money_that_is_there(name: str) -> None:
    assert get_gateway(name).authorize(charge()).state is HoldState.CAPTURED


@pytest.mark.parametrize("name", sorted(BY_HAND))
def test_the_same_key_is_the_same_payment_with_an_id_that_fits(name: str) -> None:
    asked = charge()
    first, second = (get_gateway(name).authorize(asked) for _ in range(2))
    assert first.provider_id == second.provider_id
    assert len(first.provider_id) <= 64


@pytest.mark.parametrize("name", sorted(BY_HAND))
def test_nothing_is_asked_while_a_transaction_is_open(name: str) -> None:
    gateway = get_gateway(name)
    now = clock.now()
    steps: list[Callable[[], object]] = [
        lambda: gateway.authorize(charge()),
        lambda: gateway.get("x"),
        lambda: gateway.find("x", begin=now, end=now),
        lambda: gateway.cancel_by_key("x"),
    ]
    with transaction():
        for step in steps:
            with pytest.raises(RuntimeError):
                step()


@pytest.mark.parametrize("name", sorted(BY_HAND))
def test_what_is_on_no_book_is_not_there(name: str) -> None:
    gateway = get_gateway(name)
    now = clock.now()
    for step in (
        lambda: gateway.get("x"),
        lambda: gateway.capture("x"),
        lambda: gateway.void("x"),
        lambda: gateway.get_refund("x"),
    ):
        with pytest.raises(NotThere):
            step()
    assert gateway.find("x", begin=now - _HOUR, end=now) is None


def test_a_promise_is_found_by_its_reference_and_read_by_its_id() -> None:
    [promise] = payments_of(place(make_account()))
    gateway = get_gateway("terms")
    now = clock.now()
    found = gateway.find(promise.idempotency_key, begin=now - _HOUR, end=now)
    assert found is not None
    assert found == gateway.get(found.provider_id)
    assert found.provider_id == promise.provider_payment_id
    assert gateway.list_payments(now - _HOUR, now + _HOUR) == [found]
    assert get_gateway("on_pickup").list_payments(now - _HOUR, now + _HOUR) == []


def test_a_capture_says_what_the_books_say() -> None:
    order = place(make_account())
    [promise] = payments_of(order)
    gateway, provider_id = get_gateway("terms"), promise.provider_payment_id or ""
    receive(order, Money(3499))
    assert gateway.capture(provider_id).state is HoldState.AUTHORIZED
    receive(order, Money(1))
    assert gateway.capture(provider_id).state is HoldState.CAPTURED
    with pytest.raises(Declined):
        gateway.void(provider_id)


def test_a_promise_that_stands_can_be_let_go() -> None:
    [promise] = payments_of(place(make_account()))
    assert get_gateway("terms").void(promise.provider_payment_id or "").state is HoldState.VOIDED


def test_money_in_hand_is_given_back_once_and_never_more_than_came() -> None:
    receipt = receive(place(make_account()), Money(2000))
    gateway, provider_id = get_gateway("check"), receipt.provider_payment_id or ""
    assert receipt.status is PaymentStatus.CAPTURED
    first, second = (gateway.refund(provider_id, Money(500), "key-1", "Torn") for _ in range(2))
    assert first == second
    assert (first.state, first.amount) == (RefundState.COMPLETED, Money(500))
    with pytest.raises(Declined):
        gateway.refund(provider_id, Money(2001), "key-2", "Too much")


def test_a_name_that_is_no_way_to_pay_by_hand_is_refused() -> None:
    with pytest.raises(ValueError, match="barter"):
        HandGateway("barter")
