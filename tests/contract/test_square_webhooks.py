"""Events on their way from the look-alike to a shop: signed, late, twice, out of order, sent again."""

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from square import Square
from square.utils.webhooks_helper import verify_signature

from tests.contract.conftest import Control
from tests.contract.square_calls import authorize, charge, refund

KEY = "a-signature-key"


class Shop:
    """Takes events, and can be told to be unwell for the first so many."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.signatures_hold: list[bool] = []
        self.unwell_for = 0
        shop = self

        class Door(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                self.send_response(shop.take(body, self.headers["x-square-hmacsha256-signature"]))
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Keep quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
        # The registered address is what is signed, not the one the request happens to come in on.
        self.url = f"http://127.0.0.1:{self._server.server_port}/webhooks/square"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    def take(self, body: str, signature: str) -> int:
        if self.unwell_for:
            self.unwell_for -= 1
            return 500
        self.signatures_hold.append(
            verify_signature(
                request_body=body, signature_header=signature, signature_key=KEY, notification_url=self.url
            )
        )
        self.events.append(json.loads(body))
        return 200

    def types(self) -> list[str]:
        return [event["type"] for event in self.events]

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def shop(control: Control) -> Iterator[Shop]:
    """A webhook receiver that the look-alike sends to only when told to deliver, an hour late otherwise."""
    receiver = Shop()
    try:
        control("POST", "webhooks", url=receiver.url, key=KEY, delay_seconds=3600)
        yield receiver
    finally:
        receiver.close()


def test_events_are_signed_and_carry_the_payment(square: Square, control: Control, shop: Shop) -> None:
    payment = charge(square)
    refund(square, payment, 100)
    assert shop.events == []
    assert control("POST", "webhooks/deliver")["arrived"] == 3
    assert shop.types() == ["payment.created", "refund.created", "payment.updated"]
    assert shop.signatures_hold == [True] * 3
    first = shop.events[0]
    assert first["data"]["object"]["payment"]["id"] == first["data"]["id"] == payment.id
    assert {"merchant_id", "event_id", "created_at"} <= first.keys()


def test_events_can_come_twice_and_in_the_wrong_order(square: Square, control: Control, shop: Shop) -> None:
    control("POST", "webhooks", duplicates=1, reorder=True)
    payment = authorize(square)
    square.payments.complete(payment.id)
    control("POST", "webhooks/deliver")
    assert shop.types() == ["payment.updated"] * 2 + ["payment.created"] * 2
    assert len({event["event_id"] for event in shop.events}) == 2


def test_a_late_event_comes_when_its_time_has_come(square: Square, control: Control, shop: Shop) -> None:
    authorize(square)
    control("POST", "clock", advance_seconds=3601)
    deadline = time.monotonic() + 5
    while not shop.events and time.monotonic() < deadline:
        time.sleep(0.02)
    assert shop.types() == ["payment.created"]


def test_events_wait_while_the_shop_is_down(square: Square, control: Control, shop: Shop) -> None:
    authorize(square)
    control("POST", "webhooks", url="http://127.0.0.1:9/webhooks/square")
    assert control("POST", "webhooks/deliver")["arrived"] == 0
    control("POST", "webhooks", url=shop.url)
    assert control("POST", "webhooks/deliver")["arrived"] == 1


def test_an_event_that_the_shop_could_not_take_is_sent_again(
    square: Square, control: Control, shop: Shop
) -> None:
    shop.unwell_for = 1
    authorize(square)
    assert control("POST", "webhooks/deliver")["arrived"] == 0
    assert control("POST", "webhooks/deliver")["arrived"] == 1
    (delivery,) = control("GET", "webhooks")["deliveries"]
    assert (delivery["state"], delivery["attempts"]) == ("arrived", 2)


def test_without_an_address_no_event_is_kept(square: Square, control: Control) -> None:
    authorize(square)
    assert control("GET", "webhooks")["deliveries"] == []
