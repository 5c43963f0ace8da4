"""The seller's books: payments and refunds with their versions, events and timers."""

import json
import secrets
import string
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sandbox.clock import MovableClock, stamp
from sandbox.square.errors import Json, SquareError, invalid
from sandbox.square.store import Store

ALPHABET = string.ascii_letters + string.digits
PAYMENT, REFUND = "payment", "refund"


@dataclass
class Webhooks:
    """Where events go, and how untidily. No url: no events are kept."""

    url: str | None = None
    key: str = "sandbox-webhook-key"
    duplicates: int = 0
    delay_seconds: float = 0
    reorder: bool = False


@dataclass
class Options:
    """How this seller's account behaves. Seconds are seconds of the movable clock."""

    token: str = "sandbox-token"
    location_id: str = "SANDBOX_MAIN"
    merchant_id: str = "SANDBOX_MERCHANT"
    currency: str = "USD"
    list_lag_seconds: float = 2
    refund_delay_seconds: float = 3
    refund_outcome: str = "COMPLETED"
    webhooks: Webhooks = field(default_factory=Webhooks)


@dataclass(frozen=True)
class Answer:
    """What goes back over HTTP."""

    status: int
    body: Json
    payment_id: str | None = None


def new_identity(length: int = 24) -> str:
    """A fresh id, letters and digits only, as Square's are."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


class Books:
    """The store, the clock and the options together; the writing methods expect an open transaction."""

    def __init__(self, store: Store, options: Options) -> None:
        self.store = store
        self.options = options
        self.clock = MovableClock(timedelta(seconds=float(store.find_fact("clock_ahead_seconds") or 0)))

    def now(self) -> str:
        """The present moment as Square writes it."""
        return stamp(self.clock.now())

    def after(self, seconds: float) -> str:
        """The moment some seconds (or, negative, before) now."""
        return stamp(self.clock.now() + timedelta(seconds=seconds))

    def advance(self, seconds: float) -> None:
        """Move the clock forward and keep it there over a restart. ValueError when negative."""
        self.clock.advance(timedelta(seconds=seconds))
        with self.store.transaction():
            self.store.remember("clock_ahead_seconds", str(self.clock.ahead.total_seconds()))

    def record(self, kind: str, body: Json) -> Json:
        """Write a new version of a payment or refund, and its event. Returns what was written."""
        now = self.now()
        word = "updated" if self.store.find(kind, body["id"]) else "created"
        body = {"created_at": now} | body | {"updated_at": now}
        if kind == PAYMENT:
            body["version_token"] = new_identity(44) + "6o"
        self.store.write(kind, body, now)
        if self.options.webhooks.url:
            self._post_event(f"{kind}.{word}", kind, body)
        return body

    def _post_event(self, event_type: str, kind: str, body: Json) -> None:
        webhooks, event_id = self.options.webhooks, new_identity(32)
        event = {
            "merchant_id": self.options.merchant_id,
            "type": event_type,
            "event_id": event_id,
            "created_at": body["updated_at"],
            "data": {"type": kind, "id": body["id"], "object": {kind: body}},
        }
        for _ in range(1 + webhooks.duplicates):
            self.store.rows(
                "INSERT INTO deliveries (event_id, type, body, due_at) VALUES (?, ?, ?, ?)",
                event_id, event_type, json.dumps(event), self.after(webhooks.delay_seconds),
            )  # fmt: skip

    def answer_once(self, endpoint: str, key: str, request: Any, act: Callable[[], Answer]) -> Answer:
        """Do something once per idempotency key and endpoint, and give the first answer again ever after.

        An answer that refuses the request's form (a raised SquareError) is not kept: nothing happened.
        Raises IDEMPOTENCY_KEY_REUSED when the key comes with another body.
        """
        wording = json.dumps(request, sort_keys=True)
        earlier = self.store.rows("SELECT * FROM answers WHERE endpoint = ? AND key = ?", endpoint, key)
        if earlier:
            if earlier[0]["request"] != wording:
                raise invalid(
                    "IDEMPOTENCY_KEY_REUSED",
                    "This idempotency key came before with another request body.",
                    "idempotency_key",
                )
            return Answer(earlier[0]["status"], json.loads(earlier[0]["answer"]))
        answer = act()
        self.store.rows(
            "INSERT INTO answers (endpoint, key, request, status, answer, payment_id)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            endpoint, key, wording, answer.status, json.dumps(answer.body), answer.payment_id,
        )  # fmt: skip
        return answer

    def find_payment_by_key(self, key: str) -> Json | None:
        """The payment that a create call with this idempotency key made, as it is now."""
        rows = self.store.rows(
            "SELECT payment_id FROM answers WHERE endpoint = ? AND key = ?", "payments.create", key
        )
        return self.store.find(PAYMENT, rows[0]["payment_id"]) if rows else None


def decline_answer(error: SquareError, payment: Json) -> Answer:
    """A bank's no: the error, and beside it the FAILED payment it left behind."""
    return Answer(error.status, error.to_body() | {PAYMENT: payment}, payment["id"])
