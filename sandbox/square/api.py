"""The v2 addresses of Square, each behind the token check and the faults."""

import hmac
from collections.abc import Callable

from flask import Blueprint, Response, g, jsonify, request
from werkzeug.exceptions import HTTPException

from sandbox.square import listing, payments, refunds
from sandbox.square.books import PAYMENT, REFUND, Answer
from sandbox.square.errors import Json, SquareError, invalid, not_found
from sandbox.square.office import Office, office

api = Blueprint("api", __name__, url_prefix="/v2")


def answer(call: str, act: Callable[[], Answer]) -> Response:
    """Check the token, meet a fault if one waits, act, and put the answer into HTTP."""
    here = office()
    here.note_call(call)
    fault = here.faults.take(call)
    if fault and fault.kind == "decline":
        g.forced_decline = fault.code
        return _respond(here, act)
    struck = here.faults.strike(fault) if fault and fault.moment == "before" else None
    if struck:
        return struck
    right = _respond(here, act)
    struck = here.faults.strike(fault) if fault and fault.moment == "after" else None
    return struck or right


def _respond(here: Office, act: Callable[[], Answer]) -> Response:
    try:
        _check_token(here.books.options.token)
        refunds.settle_due(here.books)
        outcome = act()
    except SquareError as error:
        outcome = Answer(error.status, error.to_body())
    response = jsonify(outcome.body)
    response.status_code = outcome.status
    return response


def _check_token(token: str) -> None:
    given = request.headers.get("Authorization", "")
    if not hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
        detail = "This request could not be authorized: the access token is missing or wrong."
        raise SquareError("AUTHENTICATION_ERROR", "UNAUTHORIZED", detail, status=401)


def sent_body() -> object:
    """The JSON of this request; an empty body counts as an empty object."""
    if not request.get_data():
        return {}
    try:
        return request.get_json(force=True)
    except HTTPException:
        raise invalid("EXPECTED_JSON_BODY", "The body is not JSON.") from None


@api.post("/payments")
def create_payment() -> Response:
    """CreatePayment."""

    def create() -> Answer:
        return payments.create_payment(office().books, sent_body(), g.get("forced_decline"))

    return answer("payments.create", create)


@api.get("/payments")
def list_payments() -> Response:
    """ListPayments."""
    return answer("payments.list", lambda: listing.list_records(office().books, PAYMENT, request.args))


@api.get("/payments/<payment_id>")
def get_payment(payment_id: str) -> Response:
    """GetPayment."""
    return answer(
        "payments.get", lambda: Answer(200, {PAYMENT: payments.get_payment(office().books, payment_id)})
    )


@api.put("/payments/<payment_id>")
def update_payment(payment_id: str) -> Response:
    """UpdatePayment."""
    return answer("payments.update", lambda: payments.update_payment(office().books, payment_id, sent_body()))


@api.post("/payments/<payment_id>/complete")
def complete_payment(payment_id: str) -> Response:
    """CompletePayment."""
    return answer(
        "payments.complete", lambda: payments.complete_payment(office().books, payment_id, sent_body())
    )


@api.post("/payments/<payment_id>/cancel")
def cancel_payment(payment_id: str) -> Response:
    """CancelPayment."""
    return answer("payments.cancel", lambda: payments.cancel_payment(office().books, payment_id))


@api.post("/payments/cancel")
def cancel_by_idempotency_key() -> Response:
    """CancelPaymentByIdempotencyKey."""
    return answer(
        "payments.cancel_by_idempotency_key", lambda: payments.cancel_by_key(office().books, sent_body())
    )


@api.post("/refunds")
def create_refund() -> Response:
    """RefundPayment."""
    return answer("refunds.create", lambda: refunds.create_refund(office().books, sent_body()))


@api.get("/refunds")
def list_refunds() -> Response:
    """ListPaymentRefunds."""
    return answer("refunds.list", lambda: listing.list_records(office().books, REFUND, request.args))


@api.get("/refunds/<refund_id>")
def get_refund(refund_id: str) -> Response:
    """GetPaymentRefund."""
    return answer("refunds.get", lambda: Answer(200, {REFUND: refunds.get_refund(office().books, refund_id)}))


def _location() -> Json:
    options = office().books.options
    return {
        "id": options.location_id,
        "merchant_id": options.merchant_id,
        "name": "Harbor & Pine Supply (sandbox)",
        "status": "ACTIVE",
        "type": "PHYSICAL",
        "country": "US",
        "currency": options.currency,
        "language_code": "en-US",
        "timezone": "America/New_York",
        "capabilities": ["CREDIT_CARD_PROCESSING", "AUTOMATIC_TRANSFERS"],
    }


@api.get("/locations")
def list_locations() -> Response:
    """ListLocations."""
    return answer("locations.list", lambda: Answer(200, {"locations": [_location()]}))


@api.get("/locations/<location_id>")
def get_location(location_id: str) -> Response:
    """RetrieveLocation; `main` names the main location."""

    def find() -> Answer:
        if location_id not in ("main", office().books.options.location_id):
            raise not_found("location", location_id)
        return Answer(200, {"location": _location()})

    return answer("locations.get", find)


@api.route("/<path:_path>", methods=["GET", "POST", "PUT", "DELETE"])
def anything_else(_path: str) -> Response:
    """Square has many more calls; this look-alike says plainly that it has not."""

    def refuse() -> Answer:
        raise invalid("NOT_FOUND", "This look-alike does not know that call.", status=404)

    return answer("unknown", refuse)
