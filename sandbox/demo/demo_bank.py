"""What became of the money of the demo's orders: really asked of a stand-in for Square, or told as history.

With a gateway every authorization, capture, void and refund is made there, so that staff can go on with these orders.
Without one, or once it does not answer, the same facts are told with made-up ids. No transaction is open here.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from app.payments.decline_words import words_for
from app.payments.gateway import (
    Charge,
    Declined,
    HoldState,
    OutcomeUnknown,
    PaymentFacts,
    PaymentGateway,
    RefundFacts,
    RefundState,
)
from app.payments.status import PaymentStatus
from app.shared.money import Money

CARD_OK = "cnon:card-nonce-ok"
CARD_DECLINED = "cnon:card-nonce-declined"
DECLINE_CODE = "GENERIC_DECLINE"
# Square lets go of an uncaptured card payment after seven days.
HOLD = timedelta(days=7)

_P = PaymentStatus


@dataclass(frozen=True, kw_only=True)
class Bill:
    """What one order asks of the bank, and where its payment is to end."""

    key: str
    refund_key: str
    amount: Money
    buyer_email: str
    note: str
    ends: PaymentStatus
    is_refunded: bool
    placed_at: datetime


@dataclass(frozen=True)
class Story:
    """The provider's words about one payment; `facts` is None where it never held anything."""

    facts: PaymentFacts | None
    refund: RefundFacts | None = None
    decline: Declined | None = None


class DemoBank:
    """Asks the gateway as long as it answers."""

    def __init__(self, gateway: PaymentGateway | None):
        self._gateway = gateway

    @property
    def is_asked(self) -> bool:
        """Whether there is (still) somebody to ask."""
        return self._gateway is not None

    def settle(self, bill: Bill) -> Story:
        """Bring the bill's payment where it is to end."""
        if bill.ends is _P.UNKNOWN:
            return Story(None)
        if bill.ends is _P.DECLINED:
            return Story(None, decline=self._decline(bill))
        if self._gateway is not None:
            try:
                return _ask(self._gateway, bill)
            except (OutcomeUnknown, Declined):
                self._gateway = None
        return _tell(bill)

    def _decline(self, bill: Bill) -> Declined:
        if self._gateway is not None:
            try:
                self._gateway.authorize(_charge(bill, CARD_DECLINED))
            except Declined as declined:
                return declined
            except OutcomeUnknown:
                self._gateway = None
        return Declined(words_for(DECLINE_CODE), DECLINE_CODE)


def _charge(bill: Bill, source: str) -> Charge:
    return Charge(
        source=source,
        amount=bill.amount,
        key=bill.key,
        reference=bill.key,
        buyer_email=bill.buyer_email,
        note=bill.note,
    )


def _ask(gateway: PaymentGateway, bill: Bill) -> Story:
    """The key is the same at every seeding, so the payment may be there and further on already."""
    held = gateway.authorize(_charge(bill, CARD_OK))
    now = gateway.get(held.provider_id)
    if bill.ends is _P.CAPTURED and now.state is HoldState.AUTHORIZED:
        now = gateway.capture(held.provider_id)
    if bill.ends in {_P.VOIDED, _P.LAPSED} and now.state is HoldState.AUTHORIZED:
        now = gateway.void(held.provider_id)
    refund = None
    if bill.is_refunded and now.state is HoldState.CAPTURED:
        refund = gateway.refund(held.provider_id, bill.amount, bill.refund_key, "Order cancelled")
    return Story(replace(now, lapses_at=held.lapses_at), refund)


def _tell(bill: Bill) -> Story:
    states = {_P.AUTHORIZED: HoldState.AUTHORIZED, _P.CAPTURED: HoldState.CAPTURED}
    facts = PaymentFacts(
        provider_id=f"DEMO{bill.key.replace('-', '').upper()}",
        state=states.get(bill.ends, HoldState.VOIDED),
        amount=bill.amount,
        reference=bill.key,
        lapses_at=bill.placed_at + HOLD,
        card_brand="VISA",
        card_last4="1111",
    )
    if not bill.is_refunded:
        return Story(facts)
    refund = RefundFacts(provider_id=f"{facts.provider_id}R", state=RefundState.COMPLETED, amount=bill.amount)
    return Story(facts, refund)
