"""A gateway behind the circuit breaker: the same contract, and a provider that does not answer is left alone."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

from app.outbox.later import ComeBackLater
from app.payments.decline_words import words_for
from app.payments.gateway import (
    Charge,
    Declined,
    OutcomeUnknown,
    PaymentFacts,
    PaymentGateway,
    ProviderDown,
    RefundFacts,
)
from app.settings import Settings
from app.shared.breaker import Breaker, NotAsked, whole_seconds
from app.shared.money import Money

T = TypeVar("T")
# The decline codes of a payment that was never asked for: the provider rests, or is slow and many are waiting for it.
LEFT_ALONE = "CARD_SERVICE_DOWN"
CROWDED = "CARD_SERVICE_BUSY"
# How long somebody may stand in line for a place among those who wait for the provider's answer.
_IN_LINE = timedelta(milliseconds=250)


class ProviderLeftAlone(OutcomeUnknown, ComeBackLater):
    """Nothing was asked, because the provider has not been answering; a job comes back without losing a try."""

    def __init__(self, seconds: int):
        self.cause = "not asked: the payment provider has not been answering"
        ComeBackLater.__init__(self, seconds, self.cause)


class GuardedGateway:
    """Every call of the contract, through the breaker. What is not answered at all counts; a decline is an answer.

    At most `places` threads of a process wait for an authorization at a time: a slow provider must not take every
    thread of the shop along (the bulkhead pattern; `make bench-hanging` measures it).
    """

    def __init__(self, gateway: PaymentGateway, breaker: Breaker, places: int):
        self._gateway = gateway
        self._breaker = breaker
        self._places = threading.BoundedSemaphore(places)
        self.name = gateway.name
        self.location = gateway.location

    def authorize(self, charge: Charge) -> PaymentFacts:
        """Declined while the provider is left alone or too many wait for it: nothing was sent, nothing can be held."""
        if not self._places.acquire(timeout=_IN_LINE.total_seconds()):
            raise Declined(words_for(CROWDED), CROWDED)
        try:
            return self._breaker.call(lambda: self._gateway.authorize(charge))
        except NotAsked as silent:
            raise Declined(trouble_words(silent.seconds), LEFT_ALONE) from silent
        finally:
            self._places.release()

    def get(self, provider_id: str) -> PaymentFacts:
        return self._ask(lambda: self._gateway.get(provider_id))

    def find(self, reference: str, *, begin: datetime, end: datetime) -> PaymentFacts | None:
        return self._ask(lambda: self._gateway.find(reference, begin=begin, end=end))

    def capture(self, provider_id: str, version_token: str = "") -> PaymentFacts:
        return self._ask(lambda: self._gateway.capture(provider_id, version_token))

    def lower(self, provider_id: str, amount: Money, key: str, version_token: str) -> PaymentFacts:
        return self._ask(lambda: self._gateway.lower(provider_id, amount, key, version_token))

    def void(self, provider_id: str) -> PaymentFacts:
        return self._ask(lambda: self._gateway.void(provider_id))

    def cancel_by_key(self, key: str) -> None:
        self._ask(lambda: self._gateway.cancel_by_key(key))

    def refund(self, provider_id: str, amount: Money, key: str, reason: str) -> RefundFacts:
        return self._ask(lambda: self._gateway.refund(provider_id, amount, key, reason))

    def get_refund(self, provider_id: str) -> RefundFacts:
        return self._ask(lambda: self._gateway.get_refund(provider_id))

    def list_payments(self, begin: datetime, end: datetime) -> list[PaymentFacts]:
        return self._ask(lambda: self._gateway.list_payments(begin, end))

    def list_refunds(self, begin: datetime, end: datetime) -> list[RefundFacts]:
        return self._ask(lambda: self._gateway.list_refunds(begin, end))

    def _ask(self, step: Callable[[], T]) -> T:
        try:
            return self._breaker.call(step)
        except NotAsked as silent:
            raise ProviderLeftAlone(silent.seconds) from silent


def guard(gateway: PaymentGateway, settings: Settings) -> GuardedGateway:
    """The gateway behind its breaker, with the delays the host set."""
    breaker = Breaker.of(gateway.name, settings, _is_outage)
    return GuardedGateway(gateway, breaker, settings.square_places)


def _is_outage(error: BaseException) -> bool:
    return isinstance(error, ProviderDown)


def find_trouble(provider: str, settings: Settings, now: datetime, *, kept: str = "") -> str:
    """What to tell a buyer while the provider is left alone; "" while it may be asked. Loads no provider's module.

    `kept` says what stays as it is, where that is not the cart.
    """
    circuit = Breaker.of(provider, settings, _is_outage).find(now)
    return trouble_words(whole_seconds(circuit.wait), kept) if circuit.is_resting else ""


def come_back_if_left_alone(provider: str, settings: Settings, now: datetime) -> None:
    """For jobs: ComeBackLater before anything is claimed, while the provider is left alone."""
    circuit = Breaker.of(provider, settings, _is_outage).find(now)
    if circuit.is_resting:
        raise ProviderLeftAlone(whole_seconds(circuit.wait))


def trouble_words(seconds: int, kept: str = "") -> str:
    """Honest words for the checkout: what is wrong, what became of the cart, and when to try again."""
    when = "in a minute" if seconds <= 60 else f"in {-(-seconds // 60)} minutes"
    return (
        f"Card payments are not answering right now. Nothing was charged, and {kept or 'your cart is kept as it is'}. "
        f"Please try again {when}."
    )
