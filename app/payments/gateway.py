"""The contract with whoever moves the money: a handful of calls and exactly three outcomes.

An answer, `Declined`, or `OutcomeUnknown`. No provider's own type crosses this line.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from app.shared.errors import AppError, OutsideFault
from app.shared.money import ZERO, Money
from app.shared.status import LabelEnum


class HoldState(LabelEnum):
    """What the provider says a payment is now."""

    AUTHORIZED = "authorized", "Authorized"
    PENDING = "pending", "Pending"
    CAPTURED = "captured", "Captured"
    VOIDED = "voided", "Voided"
    FAILED = "failed", "Failed"


class RefundState(LabelEnum):
    PENDING = "pending", "Pending"
    COMPLETED = "completed", "Completed"
    REJECTED = "rejected", "Rejected"
    FAILED = "failed", "Failed"


@dataclass(frozen=True, kw_only=True)
class Charge:
    """What to authorize. `key` makes a repeat harmless and is committed before the call; `reference` finds it again."""

    source: str
    amount: Money
    key: str
    reference: str
    buyer_email: str = ""
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class PaymentFacts:
    """What the provider knows of one payment. `answer` is its own words, redacted, for the record."""

    provider_id: str
    state: HoldState
    amount: Money
    reference: str = ""
    version_token: str = ""
    lapses_at: datetime | None = None
    card_brand: str = ""
    card_last4: str = ""
    # What went back of it so far, and at which of the seller's places it was made.
    refunded: Money = ZERO
    location: str = ""
    answer: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class RefundFacts:
    provider_id: str
    state: RefundState
    amount: Money
    payment_provider_id: str = ""
    location: str = ""
    answer: dict[str, Any] = field(default_factory=dict)


class Declined(AppError):
    """The provider said no, and why in words for the buyer; nothing is held."""

    def __init__(self, message: str, code: str, answer: dict[str, Any] | None = None):
        super().__init__(message)
        self.code = code
        self.answer = answer or {}


class OutcomeUnknown(OutsideFault):
    """No usable answer came: it may or may not have happened. `cause` is for staff, without secrets."""

    def __init__(self, cause: str):
        super().__init__(cause)
        self.cause = cause


class ProviderDown(OutcomeUnknown):
    """No answer came at all, or one that says the fault is theirs: enough of these and it is left alone for a while."""


class NotThere(OutcomeUnknown):
    """The provider answered that it has nothing of this id."""


class KeysRefused(OutcomeUnknown):
    """The provider does not take the shop's keys: nothing was done, and nothing will be until they are right."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """One of the seller's places at the provider, where sales are booked."""

    id: str
    name: str
    is_active: bool
    currency: str
    takes_cards: bool


@dataclass(frozen=True, kw_only=True)
class Places:
    """All of them, and what time it is at the provider's, where it says so."""

    places: tuple[Place, ...]
    time_there: datetime | None = None


class PaymentGateway(Protocol):
    """Every method may raise OutcomeUnknown (NotThere for an unknown id); those that ask for something may raise
    Declined. `location` is the shop's place at this provider."""

    name: str
    location: str

    def authorize(self, charge: Charge) -> PaymentFacts:
        """Hold the amount on the card, or Declined."""

    def get(self, provider_id: str) -> PaymentFacts:
        """What the payment is now."""

    def find(self, reference: str, *, begin: datetime, end: datetime) -> PaymentFacts | None:
        """The newest payment with this reference made in the window. Lists lag some seconds behind."""

    def capture(self, provider_id: str, version_token: str = "") -> PaymentFacts:
        """Take the held money. Has no idempotency key: a resumed capture asks `get` first."""

    def lower(self, provider_id: str, amount: Money, key: str, version_token: str) -> PaymentFacts:
        """Hold less than was authorized; OutcomeUnknown when the payment changed since this version of it."""

    def void(self, provider_id: str) -> PaymentFacts:
        """Let the held money go."""

    def cancel_by_key(self, key: str) -> None:
        """Void whatever was authorized under this key; an unknown key is no error and does nothing."""

    def refund(self, provider_id: str, amount: Money, key: str, reason: str) -> RefundFacts:
        """Give back part or all of what was captured."""

    def get_refund(self, provider_id: str) -> RefundFacts:
        """What the refund is now."""

    def list_payments(self, begin: datetime, end: datetime) -> list[PaymentFacts]:
        """Every payment made at the shop's place in the window, refused ones too. Lists lag some seconds behind."""

    def list_refunds(self, begin: datetime, end: datetime) -> list[RefundFacts]:
        """Every refund made at the shop's place in the window."""
