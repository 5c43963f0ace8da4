"""Payments: authorize, capture, void, lower. Each function is one call of Square's Payments API."""

from typing import Any

from sandbox.clock import stamp
from sandbox.square import cards, checks
from sandbox.square.books import PAYMENT, Answer, Books, decline_answer, new_identity
from sandbox.square.errors import Json, SquareError, invalid, not_found, version_mismatch

CREATE_FIELDS = frozenset({
    "source_id", "idempotency_key", "amount_money", "tip_money", "app_fee_money", "app_fee_allocations",
    "delay_duration", "delay_action", "autocomplete", "order_id", "customer_id", "location_id",
    "team_member_id", "reference_id", "verification_token", "accept_partial_authorization",
    "buyer_email_address", "buyer_phone_number", "billing_address", "shipping_address", "note",
    "statement_description_identifier", "cash_details", "external_details", "customer_details",
    "offline_payment_details",
})  # fmt: skip
UNSUPPORTED = ("tip_money", "app_fee_money", "app_fee_allocations", "cash_details", "external_details")
KEPT_AS_GIVEN = (
    "reference_id", "note", "order_id", "customer_id", "team_member_id", "buyer_email_address",
    "billing_address", "shipping_address", "statement_description_identifier",
)  # fmt: skip


def create_payment(books: Books, sent: Any, forced_decline: str | None = None) -> Answer:
    """Authorize (`autocomplete` false) or charge a card, once per idempotency key.

    A decline answers with the error and leaves a FAILED payment. `forced_decline` is an error code with which
    the bank says no whatever the card.
    """
    body = checks.known_fields(sent, CREATE_FIELDS)
    key = checks.take_key(body)
    checks.require(body, "source_id")
    checks.check_texts(body)
    for name in UNSUPPORTED:
        if name in body:
            raise invalid("SANDBOX_NOT_SUPPORTED", f"This look-alike does not know {name}.", name)
    if body.get("location_id", books.options.location_id) != books.options.location_id:
        raise invalid("INVALID_LOCATION", "The seller has no such location.", "location_id")
    payment = _new_payment(books, body)
    with books.store.transaction():
        return books.answer_once(
            "payments.create", key, body, lambda: _authorize(books, payment, body, forced_decline)
        )


def _new_payment(books: Books, body: Json) -> Json:
    money = {"amount": checks.take_amount(body, books.options.currency), "currency": books.options.currency}
    is_delayed = not checks.take_flag(body, "autocomplete", True)
    delay = checks.take_delay(body, is_delayed)
    delay_action = checks.take_choice(body, "delay_action", ("CANCEL", "COMPLETE"))
    now = books.clock.now()
    identity = new_identity(29)
    return {name: body[name] for name in KEPT_AS_GIVEN if name in body} | {
        "id": identity,
        "created_at": stamp(now),
        "amount_money": money,
        "total_money": money,
        "approved_money": money,
        "status": "APPROVED" if is_delayed else "COMPLETED",
        "delay_duration": checks.duration_text(delay),
        "delay_action": delay_action,
        "delayed_until": stamp(now + delay),
        "source_type": "CARD",
        "location_id": books.options.location_id,
        "receipt_number": identity[:4],
        "application_details": {"square_product": "ECOMMERCE_API"},
    }


def _authorize(books: Books, payment: Json, body: Json, forced_decline: str | None) -> Answer:
    card = _use_token(books, body)
    payment["card_details"] = _card_details(payment, body, card)
    code = forced_decline or card.decline
    if card is cards.CARDS[cards.VERIFY] and body.get("verification_token") and not forced_decline:
        code = None
    if code:
        return _declined(books, payment, code)
    timeline = payment["card_details"]["card_payment_timeline"] = {"authorized_at": payment["created_at"]}
    if payment["status"] == "COMPLETED":
        _capture(payment, timeline, payment["created_at"])
        payment = books.record(PAYMENT, payment)
    else:
        payment["card_details"]["status"] = "AUTHORIZED"
        payment["capabilities"] = ["EDIT_AMOUNT_DOWN"]
        payment = books.record(PAYMENT, payment)
        books.store.set_timer(PAYMENT, payment["id"], payment["delayed_until"])
    return Answer(200, {PAYMENT: payment}, payment["id"])


def _use_token(books: Books, body: Json) -> cards.TestCard:
    """The card behind the source token; a single-use token is spent, whatever the bank then says."""
    source_id = body["source_id"]
    if source_id.startswith("ccof:"):
        checks.require(body, "customer_id")
    kept = books.store.rows("SELECT card, used FROM tokens WHERE token = ?", source_id)
    name = kept[0]["card"] if kept else cards.find_card_name(source_id)
    if name is None:
        raise invalid("NOT_FOUND", "This source token is not known here.", "source_id", status=404)
    if name == cards.ALREADY_USED or (kept and kept[0]["used"]):
        detail = "This card token was used before; ask the buyer for the card again."
        raise SquareError("PAYMENT_METHOD_ERROR", "CARD_TOKEN_USED", detail, field="source_id")
    if not cards.is_reusable(source_id):
        spend = "INSERT OR REPLACE INTO tokens (token, card, used) VALUES (?, ?, 1)"
        books.store.rows(spend, source_id, name)
    return cards.CARDS[name]


def mint_token(books: Books, number: str) -> str:
    """A new single-use token for a test card number, as the card form of the real Square makes them."""
    fixed = cards.find_token_for_number(number)
    if fixed is None:
        raise invalid("INVALID_CARD", "Only the sandbox's own test card numbers are taken.", "number")
    token = f"cnon:{new_identity(32)}"
    with books.store.transaction():
        books.store.rows("INSERT INTO tokens (token, card) VALUES (?, ?)", token, cards.find_card_name(fixed))
    return token


def _card_details(payment: Json, body: Json, card: cards.TestCard) -> Json:
    return {
        "card": {
            "card_brand": card.brand,
            "last_4": card.last_4,
            "exp_month": 12,
            "exp_year": int(payment["created_at"][:4]) + 3,
            "fingerprint": f"sq-1-sandbox-{card.last_4}",
            "card_type": "CREDIT",
            "prepaid_type": "NOT_PREPAID",
            "bin": card.number[:6],
        },
        "entry_method": "ON_FILE" if body["source_id"].startswith("ccof:") else "KEYED",
        "cvv_status": card.cvv_status,
        "avs_status": card.avs_status,
        "auth_result_code": payment["id"][:6],
        "statement_description": "SQ *HARBOR & PINE",
    }


def _declined(books: Books, payment: Json, code: str) -> Answer:
    error = SquareError("PAYMENT_METHOD_ERROR", code, f"The bank declined this payment ({code}).")
    payment["status"] = payment["card_details"]["status"] = "FAILED"
    payment["card_details"]["errors"] = error.to_body()["errors"]
    del payment["approved_money"], payment["delayed_until"]
    return decline_answer(error, books.record(PAYMENT, payment))


def _capture(payment: Json, timeline: Json, now: str) -> None:
    amount, currency = payment["total_money"]["amount"], payment["total_money"]["currency"]
    timeline["captured_at"] = now
    payment["status"], payment["card_details"]["status"] = "COMPLETED", "CAPTURED"
    payment.pop("capabilities", None)
    # Square's published price for online cards in the US: 2.9 % and 30 cents.
    fee = {"amount": amount * 29 // 1000 + 30, "currency": currency}
    payment["processing_fee"] = [{"type": "INITIAL", "effective_at": now, "amount_money": fee}]


def get_payment(books: Books, payment_id: str) -> Json:
    """The payment as it is now. Raises 404 NOT_FOUND."""
    payment = books.store.find(PAYMENT, payment_id)
    if payment is None:
        raise not_found("payment", payment_id)
    return payment


def complete_payment(books: Books, payment_id: str, sent: Any) -> Answer:
    """Capture an APPROVED payment in full.

    Raises BAD_REQUEST in any other status, VERSION_MISMATCH on an old token.
    """
    body = checks.known_fields(sent, frozenset({"version_token"}))
    with books.store.transaction():
        payment = _take_approved(books, payment_id, body.get("version_token"), "version_token")
        return Answer(200, {PAYMENT: finish_authorization(books, payment, "COMPLETE")})


def cancel_payment(books: Books, payment_id: str) -> Answer:
    """Void an APPROVED payment. Raises BAD_REQUEST in any other status."""
    with books.store.transaction():
        payment = _take_approved(books, payment_id, None, "version_token")
        return Answer(200, {PAYMENT: finish_authorization(books, payment, "CANCEL")})


def cancel_by_key(books: Books, sent: Any) -> Answer:
    """Void whatever a create call with this key made; nothing to void is a success too."""
    key = checks.take_key(checks.known_fields(sent, frozenset({"idempotency_key"})))
    with books.store.transaction():
        made = books.find_payment_by_key(key)
        if made is not None and made["status"] not in ("CANCELED", "FAILED"):
            payment = _take_approved(books, made["id"], None, "idempotency_key")
            finish_authorization(books, payment, "CANCEL")
        return Answer(200, {})


def finish_authorization(books: Books, payment: Json, action: str) -> Json:
    """Turn an APPROVED payment into COMPLETED or CANCELED."""
    timeline = payment["card_details"]["card_payment_timeline"]
    if action == "COMPLETE":
        _capture(payment, timeline, books.now())
    else:
        payment["status"], payment["card_details"]["status"] = "CANCELED", "VOIDED"
        timeline["voided_at"] = books.now()
        payment.pop("capabilities", None)
    books.store.drop_timer(PAYMENT, payment["id"])
    return books.record(PAYMENT, payment)


def update_payment(books: Books, payment_id: str, sent: Any) -> Answer:
    """Lower the amount of an APPROVED payment, before it is captured."""
    body = checks.known_fields(sent, frozenset({"payment", "idempotency_key"}))
    key = checks.take_key(body)
    change = checks.known_fields(body.get("payment", {}), frozenset({"amount_money", "version_token"}))
    amount = checks.take_amount(change, books.options.currency)

    def lower() -> Answer:
        payment = _take_approved(books, payment_id, change.get("version_token"), "payment.version_token")
        if amount > payment["amount_money"]["amount"]:
            raise invalid("AMOUNT_TOO_HIGH", "The amount can only be lowered.", "payment.amount_money.amount")
        money = {"amount": amount, "currency": books.options.currency}
        lowered = payment | {"amount_money": money, "total_money": money}
        return Answer(200, {PAYMENT: books.record(PAYMENT, lowered)})

    with books.store.transaction():
        return books.answer_once("payments.update", key, [payment_id, body], lower)


def _take_approved(books: Books, payment_id: str, version: object, field: str) -> Json:
    payment = get_payment(books, payment_id)
    if version is not None and version != payment["version_token"]:
        raise version_mismatch(field)
    if payment["status"] != "APPROVED":
        detail = f"The payment is {payment['status']}; only an APPROVED one can be changed."
        raise invalid("BAD_REQUEST", detail)
    return payment
