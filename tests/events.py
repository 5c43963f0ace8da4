"""Events of the payment provider as it would sign and send them."""

from __future__ import annotations

import itertools
import json

from werkzeug.test import TestResponse

from app.payments.webhook_event import SIGNATURE_HEADER
from sandbox.square.webhooks import sign
from tests.client import ShopClient
from tests.worlds import SITE_URL, WEBHOOK_KEY

ADDRESS = "/webhooks/square"
_numbers = itertools.count(1)


def event(subject: str, kind: str = "payment.updated", event_id: str = "", status: str = "COMPLETED") -> str:
    """The body of an event about a payment or refund; what it says of its status is not to be believed."""
    name = kind.partition(".")[0]
    thing = {"id": subject, "status": status, "amount_money": {"amount": 1, "currency": "USD"}}
    data = {"type": name, "id": subject, "object": {name: thing}}
    return json.dumps({"event_id": event_id or f"event-{next(_numbers)}", "type": kind, "data": data})


def send(client: ShopClient, body: str, signature: str | None = None) -> TestResponse:
    """Post it without a CSRF token; signed rightly unless told otherwise ("" leaves the header out)."""
    if signature is None:
        signature = sign(WEBHOOK_KEY, SITE_URL + ADDRESS, body)
    headers = {SIGNATURE_HEADER: signature} if signature else {}
    return client.post(ADDRESS, data=body, headers=headers, content_type="application/json", csrf=False)
