"""Refunds: PENDING at first, settled a little later, and never above what was captured."""

from typing import Any

from sandbox.square import checks
from sandbox.square.books import PAYMENT, REFUND, Answer, Books, new_identity
from sandbox.square.errors import Json, SquareError, invalid, not_found, version_mismatch
from sandbox.square.payments import finish_authorization, get_payment

FIELDS = frozenset({
    "idempotency_key", "amount_money", "payment_id", "reason", "payment_version_token", "app_fee_money",
    "app_fee_allocations", "destination_id", "unlinked", "location_id", "customer_id", "team_member_id",
    "cash_details", "external_details",
})  # fmt: skip
SUPPORTED = frozenset({"idempotency_key", "amount_money", "payment_id", "reason", "payment_version_token"})
OUTCOMES = ("COMPLETED", "REJECTED", "FAILED")


def create_refund(books: Books, sent: Any) -> Answer:
    """Give back all or part of a COMPLETED payment, once per idempotency key.

    Raises REFUND_ERROR_PAYMENT_NEEDS_COMPLETION, PAYMENT_NOT_REFUNDABLE, REFUND_AMOUNT_INVALID or
    VERSION_MISMATCH.
    """
    body = checks.known_fields(sent, FIELDS)
    key = checks.take_key(body)
    checks.require(body, "payment_id")
    checks.check_texts(body)
    for name in sorted(body.keys() - SUPPORTED):
        raise invalid("SANDBOX_NOT_SUPPORTED", f"This look-alike does not know {name}.", name)
    amount = checks.take_amount(body, books.options.currency)
    with books.store.transaction():
        return books.answer_once("refunds.create", key, body, lambda: _refund(books, body, amount))


def _refund(books: Books, body: Json, amount: int) -> Answer:
    payment = get_payment(books, body["payment_id"])
    if body.get("payment_version_token") not in (None, payment["version_token"]):
        raise version_mismatch("payment_version_token")
    _check_refundable(payment, amount)
    refund = {
        "id": f"{payment['id']}_{new_identity(32)}",
        "status": "PENDING",
        "amount_money": body["amount_money"],
        "payment_id": payment["id"],
        "location_id": payment["location_id"],
        "destination_type": "CARD",
    }
    if "reason" in body:
        refund["reason"] = body["reason"]
    refund = books.record(REFUND, refund)
    books.store.set_timer(REFUND, refund["id"], books.after(books.options.refund_delay_seconds))
    payment["refund_ids"] = [*payment.get("refund_ids", []), refund["id"]]
    _add_refunded(books, payment, amount)
    return Answer(200, {REFUND: refund})


def _check_refundable(payment: Json, amount: int) -> None:
    if payment["status"] == "APPROVED":
        detail = "The payment was not captured yet; void it instead."
        raise SquareError("REFUND_ERROR", "REFUND_ERROR_PAYMENT_NEEDS_COMPLETION", detail)
    if payment["status"] != "COMPLETED":
        raise SquareError("REFUND_ERROR", "PAYMENT_NOT_REFUNDABLE", f"The payment is {payment['status']}.")
    if amount > payment["total_money"]["amount"] - _refunded(payment):
        detail = "That is more than was captured and not yet given back."
        raise SquareError("REFUND_ERROR", "REFUND_AMOUNT_INVALID", detail, field="amount_money.amount")


def _refunded(payment: Json) -> int:
    return int(payment["refunded_money"]["amount"]) if "refunded_money" in payment else 0


def _add_refunded(books: Books, payment: Json, amount: int) -> None:
    total = _refunded(payment) + amount
    payment["refunded_money"] = {"amount": total, "currency": payment["total_money"]["currency"]}
    books.record(PAYMENT, payment)


def get_refund(books: Books, refund_id: str) -> Json:
    """The refund as it is now. Raises 404 NOT_FOUND."""
    refund = books.store.find(REFUND, refund_id)
    if refund is None:
        raise not_found("refund", refund_id)
    return refund


def settle_due(books: Books) -> None:
    """Do what time alone brings about: authorizations run out, refunds go through or do not."""
    now = books.now()
    if not books.store.rows("SELECT 1 FROM timers WHERE due_at <= ? LIMIT 1", now):
        return
    with books.store.transaction():
        for timer in books.store.rows("SELECT * FROM timers WHERE due_at <= ? ORDER BY due_at", now):
            if timer["kind"] == PAYMENT:
                payment = get_payment(books, timer["id"])
                finish_authorization(books, payment, payment["delay_action"])
            else:
                _settle_refund(books, get_refund(books, timer["id"]))


def _settle_refund(books: Books, refund: Json) -> None:
    books.store.drop_timer(REFUND, refund["id"])
    outcome = books.options.refund_outcome
    books.record(REFUND, refund | {"status": outcome})
    if outcome != "COMPLETED":
        _add_refunded(books, get_payment(books, refund["payment_id"]), -refund["amount_money"]["amount"])


def bounce(books: Books, refund_id: str) -> Json:
    """A COMPLETED refund comes back days later: the card's bank sent it back, and the money is with the seller again.

    Raises BAD_REQUEST in any other status.
    """
    with books.store.transaction():
        refund = get_refund(books, refund_id)
        if refund["status"] != "COMPLETED":
            raise invalid(
                "BAD_REQUEST", f"The refund is {refund['status']}; only a COMPLETED one can come back."
            )
        back = books.record(REFUND, refund | {"status": "FAILED"})
        _add_refunded(books, get_payment(books, refund["payment_id"]), -refund["amount_money"]["amount"])
        return back
