"""The control API: how tests and curious people make the look-alike misbehave. Never part of Square."""

from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, jsonify, request

from sandbox.square import payments, refunds
from sandbox.square.books import PAYMENT, REFUND
from sandbox.square.errors import Json, SquareError, invalid
from sandbox.square.faults import read_fault
from sandbox.square.office import office

control = Blueprint("control", __name__, url_prefix="/_control")

LARGEST_NUMBER = 10 * 365 * 86400  # ten years in seconds: what moments can still be reckoned with
SETTINGS: dict[str, Any] = {
    "list_lag_seconds": (int, float),
    "refund_delay_seconds": (int, float),
    "refund_outcome": str,
}
WEBHOOK_SETTINGS: dict[str, Any] = {
    "url": (str, type(None)), "key": str, "duplicates": int, "delay_seconds": (int, float), "reorder": bool,
}  # fmt: skip


@control.errorhandler(SquareError)
def refuse(error: SquareError) -> tuple[Response, int]:
    """Say what is wrong with a control request, in Square's own shape."""
    return jsonify(error.to_body()), error.status


def _given(known: dict[str, Any]) -> Json:
    """The JSON object sent. A page on another site cannot send this content type, so it can turn nothing."""
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise invalid(
            "EXPECTED_JSON_BODY", "Send a JSON object with Content-Type: application/json.", status=415
        )
    for name, value in body.items():
        is_flag = isinstance(value, bool) and known.get(name) is not bool
        if name not in known or not isinstance(value, known[name]) or is_flag:
            raise invalid("INVALID_VALUE", f"{name} is not known here or has the wrong type.", name)
        if isinstance(value, (int, float)) and not 0 <= value <= LARGEST_NUMBER:
            raise invalid("INVALID_VALUE", f"{name} lies between 0 and {LARGEST_NUMBER}.", name)
    return body


@control.get("/ledger")
def ledger() -> Response:
    """Every payment and refund as it is now, without the list lag, oldest first."""
    books = office().books
    refunds.settle_due(books)
    as_of = books.now()
    found = {f"{kind}s": books.store.all_as_of(kind, as_of) for kind in (PAYMENT, REFUND)}
    return jsonify(found | {"now": as_of})


@control.get("/calls")
def calls() -> Response:
    """The last calls that came in, oldest first: `{"calls": [{"call", "at"}]}`."""
    return jsonify({"calls": office().calls()})


@control.post("/reset")
def reset() -> Response:
    """Forget everything but the clock and the settings."""
    _given({})
    office().wipe()
    return jsonify({})


@control.get("/clock")
def read_clock() -> Response:
    """The look-alike's present moment, and how far it runs ahead."""
    books = office().books
    return jsonify({"now": books.now(), "ahead_seconds": books.clock.ahead.total_seconds()})


@control.post("/clock")
def advance_clock() -> Response:
    """Move forward by `advance_seconds`; what falls due in between happens at once."""
    seconds = _given({"advance_seconds": (int, float)}).get("advance_seconds", 0)
    books = office().books
    books.advance(seconds)
    refunds.settle_due(books)
    return read_clock()


@control.get("/faults")
def list_faults() -> Response:
    """Every rule in force, with how often it fired."""
    return jsonify({"faults": [fault.to_json() for fault in office().faults.rules()]})


@control.post("/faults")
def add_fault() -> Response:
    """Put a rule in force."""
    if not request.is_json:
        raise invalid(
            "EXPECTED_JSON_BODY", "Send a JSON object with Content-Type: application/json.", status=415
        )
    return jsonify(office().faults.add(read_fault(request.get_json(silent=True))).to_json())


@control.delete("/faults")
@control.delete("/faults/<int:number>")
def remove_faults(number: int | None = None) -> Response:
    """Remove one rule, or all."""
    office().faults.clear(number)
    return jsonify({})


@control.post("/tokens")
def mint_token() -> Response:
    """A fresh single-use source token for a test card `number`, as a card form would get one."""
    number = _given({"number": str}).get("number", "")
    return jsonify({"source_id": payments.mint_token(office().books, number)})


@control.post("/refunds/<refund_id>/bounce")
def bounce_refund(refund_id: str) -> Response:
    """Let a completed refund fail after all, as a bank may send it back."""
    _given({})
    return jsonify({REFUND: refunds.bounce(office().books, refund_id)})


@control.get("/settings")
def read_settings() -> Response:
    """List lag, refund delay, and what becomes of refunds."""
    options = office().books.options
    return jsonify({name: getattr(options, name) for name in SETTINGS})


@control.post("/settings")
def change_settings() -> Response:
    """Change some of the settings, until the look-alike stops."""
    given = _given(SETTINGS)
    if given.get("refund_outcome", refunds.OUTCOMES[0]) not in refunds.OUTCOMES:
        raise invalid("INVALID_ENUM_VALUE", f"One of {', '.join(refunds.OUTCOMES)}.", "refund_outcome")
    for name, value in given.items():
        setattr(office().books.options, name, value)
    return read_settings()


@control.get("/webhooks")
def read_webhooks() -> Response:
    """Where events go and how, and every delivery with its state (waiting, arrived, dropped)."""
    here = office().books
    rows = here.store.rows("SELECT seq, event_id, type, due_at, attempts, state FROM deliveries ORDER BY seq")
    return jsonify(asdict(here.options.webhooks) | {"deliveries": [dict(row) for row in rows]})


@control.post("/webhooks")
def change_webhooks() -> Response:
    """Change url, key, duplicates, delay_seconds or reorder for events from now on."""
    given = _given(WEBHOOK_SETTINGS)
    if given.get("url") and not given["url"].startswith(("http://", "https://")):
        raise invalid("INVALID_VALUE", "url is a web address or null.", "url")
    for name, value in given.items():
        setattr(office().books.options.webhooks, name, value)
    return read_webhooks()


@control.post("/webhooks/deliver")
def deliver_webhooks() -> Response:
    """Send everything that waits now, due or not: `{"arrived": n}`."""
    _given({})
    return jsonify({"arrived": office().courier.deliver()})
