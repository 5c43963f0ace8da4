"""A provider that is slow keeps a few threads waiting, and tells the others at once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from app.payments.gateway import Charge, Declined, HoldState, PaymentFacts
from app.payments.guarded_gateway import CROWDED, GuardedGateway
from app.shared.breaker import Breaker
from app.shared.money import Money

CHARGE = Charge(source="card", amount=Money(100), key="key", reference="key")


class SlowProvider:
    """Answers when it is told to."""

    name = "slow"
    location = "L1"

    def __init__(self) -> None:
        self.asked = threading.Semaphore(0)
        self.may_answer = threading.Event()

    def authorize(self, charge: Charge) -> PaymentFacts:
        self.asked.release()
        assert self.may_answer.wait(10)
        return PaymentFacts(provider_id="p1", state=HoldState.AUTHORIZED, amount=charge.amount)


def never_resting() -> Breaker:
    return Breaker("slow", 0, timedelta(minutes=1), timedelta(minutes=1), lambda _error: False)


@pytest.mark.parametrize("places", [1, 3])
def test_one_more_than_there_are_places_is_told_to_press_again_and_nothing_is_sent(places: int) -> None:
    provider = SlowProvider()
    gateway = GuardedGateway(provider, never_resting(), places)  # type: ignore[arg-type]
    with ThreadPoolExecutor(places) as pool:
        waiting = [pool.submit(gateway.authorize, CHARGE) for _ in range(places)]
        assert all(provider.asked.acquire(timeout=10) for _ in waiting)

        with pytest.raises(Declined) as refused:
            gateway.authorize(CHARGE)
        assert refused.value.code == CROWDED
        assert not provider.asked.acquire(blocking=False)

        provider.may_answer.set()
        assert [each.result(10).state for each in waiting] == [HoldState.AUTHORIZED] * places
    assert gateway.authorize(CHARGE).state is HoldState.AUTHORIZED
