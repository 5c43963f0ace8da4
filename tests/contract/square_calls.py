"""The calls that the tests of the Square look-alike make again and again."""

import uuid
from typing import Any

import pytest
from square import Square
from square.core.api_error import ApiError
from square.types.payment import Payment
from square.types.payment_refund import PaymentRefund

ONCE: Any = {"max_retries": 0}


def dollars(cents: int) -> Any:
    """Square's money."""
    return {"amount": cents, "currency": "USD"}


def authorize(square: Square, cents: int = 5000, source: str = "cnon:card-nonce-ok", **more: Any) -> Payment:
    """Hold an amount on a test card, under a fresh key unless one is given."""
    wanted = {"idempotency_key": str(uuid.uuid4()), "autocomplete": False, "request_options": ONCE} | more
    payment = square.payments.create(source_id=source, amount_money=dollars(cents), **wanted).payment
    assert payment is not None
    return payment


def charge(square: Square, cents: int = 5000) -> Payment:
    """Hold and capture at once."""
    return authorize(square, cents, autocomplete=True)


def refund(square: Square, payment: Payment, cents: int, **more: Any) -> PaymentRefund:
    """Give some of it back."""
    wanted = {"idempotency_key": str(uuid.uuid4()), "request_options": ONCE} | more
    made = square.refunds.refund_payment(payment_id=payment.id, amount_money=dollars(cents), **wanted).refund
    assert made is not None
    return made


def read(square: Square, payment: Payment) -> Payment:
    """The payment as it is now."""
    assert payment.id is not None
    found = square.payments.get(payment.id, request_options=ONCE).payment
    assert found is not None
    return found


def refusal(error: pytest.ExceptionInfo[ApiError]) -> tuple[str, str]:
    """Category and code of a refused call."""
    first = error.value.errors[0]
    return first.category, first.code
