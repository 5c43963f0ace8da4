"""Square behind our contract: the only file that knows its SDK. Loaded on first use; importing it costs half a second."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

import httpx
from square import Square
from square.core.api_error import ApiError

from app.payments.decline_words import DECLINE_WORDS, words_for
from app.payments.gateway import (
    Charge,
    Declined,
    HoldState,
    KeysRefused,
    NotThere,
    OutcomeUnknown,
    PaymentFacts,
    Place,
    Places,
    ProviderDown,
    RefundFacts,
    RefundState,
)
from app.settings import Settings
from app.shared.money import ZERO, Money
from app.shared.transaction import in_transaction

T = TypeVar("T")

# The SDK puts ids into addresses unquoted; anything else could change the path of the call.
_SAFE_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")
# Declines are told by category and code, never by HTTP status, which Square does not document.
_DECLINE_CATEGORY = "PAYMENT_METHOD_ERROR"
# In the refusals' categories, but a repeat under the same key may still succeed: so nothing is decided yet.
_NOT_DECIDED = frozenset({"TEMPORARY_ERROR", "REFUND_ALREADY_PENDING"})
_REFUND_CATEGORY = "REFUND_ERROR"
_KEYS_CATEGORY = "AUTHENTICATION_ERROR"
_THEIR_FAULT = 500
_HOLD_STATES = {
    "APPROVED": HoldState.AUTHORIZED,
    "PENDING": HoldState.PENDING,
    "COMPLETED": HoldState.CAPTURED,
    "CANCELED": HoldState.VOIDED,
    "FAILED": HoldState.FAILED,
}
_REFUND_STATES = {
    "PENDING": RefundState.PENDING,
    "COMPLETED": RefundState.COMPLETED,
    "REJECTED": RefundState.REJECTED,
    "FAILED": RefundState.FAILED,
}


class SquareGateway:
    name = "square"

    def __init__(self, settings: Settings):
        self.location = self._location_id = settings.square_location_id
        self._client = Square(
            base_url=settings.square_base_url,
            token=settings.square_access_token,
            timeout=settings.square_timeout_seconds,
            # The token goes to this one address; an answer that points elsewhere is no answer.
            follow_redirects=False,
        )
        # The SDK's own retries would hold a web worker for minutes; the outbox retries instead.
        self._options: Any = {"max_retries": 0, "timeout_in_seconds": settings.square_timeout_seconds}

    def authorize(self, charge: Charge) -> PaymentFacts:
        """Hold the amount: an uncaptured payment lapses after at most seven days (Square, delayed capture)."""
        answer = self._call(
            self._client.payments.create,
            source_id=charge.source,
            idempotency_key=charge.key,
            amount_money={"amount": charge.amount.cents, "currency": "USD"},
            autocomplete=False,
            reference_id=charge.reference,
            location_id=self._location_id,
            buyer_email_address=charge.buyer_email or None,
            note=charge.note or None,
        )
        facts = _payment_facts(answer.payment)
        if facts.state is HoldState.FAILED:
            raise Declined(words_for("GENERIC_DECLINE"), "GENERIC_DECLINE", facts.answer)
        return facts

    def get(self, provider_id: str) -> PaymentFacts:
        return _payment_facts(self._call(self._client.payments.get, _safe(provider_id)).payment)

    def find(self, reference: str, *, begin: datetime, end: datetime) -> PaymentFacts | None:
        """Square has no filter by reference, so the window is read and matched here. A decline leaves a FAILED
        payment behind, so anything else with the reference goes before it."""
        pages = self._call(
            self._client.payments.list,
            begin_time=begin.isoformat(),
            end_time=(end + timedelta(minutes=1)).isoformat(),
            location_id=self._location_id,
            sort_order="DESC",
        )
        found = self._guarded(lambda: [each for each in pages if each.reference_id == reference])
        facts = sorted(
            (_payment_facts(each) for each in found), key=lambda each: each.state is HoldState.FAILED
        )
        return facts[0] if facts else None

    def capture(self, provider_id: str, version_token: str = "") -> PaymentFacts:
        options = {"version_token": version_token} if version_token else {}
        return _payment_facts(
            self._call(self._client.payments.complete, _safe(provider_id), **options).payment
        )

    def lower(self, provider_id: str, amount: Money, key: str, version_token: str) -> PaymentFacts:
        """An APPROVED payment only; VERSION_MISMATCH where another change came in between (Square, UpdatePayment)."""
        change = {"amount_money": {"amount": amount.cents, "currency": "USD"}, "version_token": version_token}
        answer = self._call(
            self._client.payments.update, _safe(provider_id), idempotency_key=key, payment=change
        )
        return _payment_facts(answer.payment)

    def void(self, provider_id: str) -> PaymentFacts:
        return _payment_facts(self._call(self._client.payments.cancel, _safe(provider_id)).payment)

    def cancel_by_key(self, key: str) -> None:
        self._call(self._client.payments.cancel_by_idempotency_key, idempotency_key=key)

    def refund(self, provider_id: str, amount: Money, key: str, reason: str) -> RefundFacts:
        answer = self._call(
            self._client.refunds.refund_payment,
            idempotency_key=key,
            payment_id=_safe(provider_id),
            amount_money={"amount": amount.cents, "currency": "USD"},
            reason=reason[:192],
        )
        return _refund_facts(answer.refund)

    def get_refund(self, provider_id: str) -> RefundFacts:
        return _refund_facts(self._call(self._client.refunds.get, _safe(provider_id)).refund)

    def list_payments(self, begin: datetime, end: datetime) -> list[PaymentFacts]:
        return [_payment_facts(each) for each in self._window(self._client.payments.list, begin, end)]

    def list_refunds(self, begin: datetime, end: datetime) -> list[RefundFacts]:
        return [_refund_facts(each) for each in self._window(self._client.refunds.list, begin, end)]

    def list_places(self) -> Places:
        """The seller's places, for the check of the shop's keys; KeysRefused where the token is not taken."""
        answer = self._call(self._client.locations.with_raw_response.list)
        date = answer.headers.get("date")
        places = tuple(_place(each) for each in answer.data.locations or ())
        return Places(places=places, time_there=parsedate_to_datetime(date) if date else None)

    def _window(self, list_all: Callable[..., Any], begin: datetime, end: datetime) -> list[Any]:
        """Every page of a list over a window of creation times, at the shop's own location."""
        pages = self._call(
            list_all,
            begin_time=begin.isoformat(),
            end_time=end.isoformat(),
            location_id=self._location_id,
            sort_order="ASC",
            limit=100,
        )
        return self._guarded(lambda: list(pages))

    def _call(self, method: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        return self._guarded(lambda: method(*args, **kwargs, request_options=self._options))

    def _guarded(self, call: Callable[[], T]) -> T:
        """Turn Square's faults into our three outcomes. Transport faults arrive as httpx errors, not ApiError."""
        if in_transaction():
            raise RuntimeError("no transaction may be open while a provider is called")
        try:
            return call()
        except httpx.HTTPError as error:
            raise ProviderDown(f"no answer from Square ({type(error).__name__})") from error
        except ApiError as error:
            raise _outcome(error) from error


def _outcome(error: ApiError) -> Declined | OutcomeUnknown:
    faults = [(str(each.category), str(each.code)) for each in error.errors or []]
    for category, code in faults:
        if code in _NOT_DECIDED:
            continue
        # Square files some of a card's own faults, like CARD_TOKEN_USED, under other categories.
        if category == _DECLINE_CATEGORY or code in DECLINE_WORDS:
            return Declined(words_for(code), code, {"errors": faults})
        if category == _REFUND_CATEGORY:
            return Declined("Square did not accept this refund.", code, {"errors": faults})
    named = ", ".join(code for _, code in faults) or "no reason given"
    if any(category == _KEYS_CATEGORY for category, _ in faults):
        return KeysRefused(f"Square answered {error.status_code}: {named}")
    if any(code == "NOT_FOUND" for _, code in faults):
        return NotThere(f"Square answered {error.status_code}: {named}")
    if (error.status_code or 0) >= _THEIR_FAULT:
        return ProviderDown(f"Square answered {error.status_code}: {named}")
    return OutcomeUnknown(f"Square answered {error.status_code}: {named}")


def _safe(provider_id: str) -> str:
    if not _SAFE_ID.fullmatch(provider_id):
        raise ValueError("not an id of the provider")
    return provider_id


def _payment_facts(payment: Any) -> PaymentFacts:
    if (
        payment is None
        or payment.id is None
        or payment.status not in _HOLD_STATES
        or not payment.amount_money
    ):
        raise OutcomeUnknown("Square's answer holds no payment")
    card = payment.card_details.card if payment.card_details else None
    return PaymentFacts(
        provider_id=payment.id,
        state=_HOLD_STATES[payment.status],
        amount=Money(int(payment.amount_money.amount)),
        reference=payment.reference_id or "",
        version_token=payment.version_token or "",
        lapses_at=_moment(payment.delayed_until),
        card_brand=(card.card_brand or "") if card else "",
        card_last4=(card.last4 or "") if card else "",
        refunded=Money(int(payment.refunded_money.amount or 0)) if payment.refunded_money else ZERO,
        location=payment.location_id or "",
        answer=_redacted(payment),
    )


def _refund_facts(refund: Any) -> RefundFacts:
    if refund is None or refund.id is None or refund.status not in _REFUND_STATES or not refund.amount_money:
        raise OutcomeUnknown("Square's answer holds no refund")
    return RefundFacts(
        provider_id=refund.id,
        state=_REFUND_STATES[refund.status],
        amount=Money(int(refund.amount_money.amount)),
        payment_provider_id=refund.payment_id or "",
        location=refund.location_id or "",
        answer=_redacted(refund),
    )


def _place(location: Any) -> Place:
    return Place(
        id=location.id or "",
        name=location.name or "",
        is_active=location.status == "ACTIVE",
        currency=location.currency or "",
        takes_cards="CREDIT_CARD_PROCESSING" in (location.capabilities or ()),
    )


_KEPT = (
    "id", "status", "created_at", "updated_at", "amount_money", "approved_money", "reference_id", "delayed_until",
    "version_token", "payment_id", "reason", "receipt_number", "location_id",
)  # fmt: skip


def _redacted(answer: Any) -> dict[str, Any]:
    """Only what is named here is kept: no card data, no address, no e-mail."""
    given = answer.model_dump(mode="json", include=set(_KEPT))
    return {key: value for key, value in given.items() if value is not None}


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(UTC) if text else None
