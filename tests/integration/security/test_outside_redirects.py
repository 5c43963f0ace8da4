"""The provider's token goes to the provider alone."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from flask import Flask

from app.payments.gateway import OutcomeUnknown
from app.payments.square_gateway import SquareGateway
from app.settings import Settings


class PointsElsewhere(BaseHTTPRequestHandler):
    """Sends whoever asks for a payment on to another address of its own, and remembers who came there."""

    def do_GET(self) -> None:
        self.server.asked.append(self.path)  # type: ignore[attr-defined]
        self.send_response(307)
        self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def elsewhere() -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), PointsElsewhere)
    server.asked = []  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_a_provider_that_points_elsewhere_is_not_followed(app: Flask, elsewhere: ThreadingHTTPServer):
    settings: Settings = app.extensions["settings"]
    url = f"http://127.0.0.1:{elsewhere.server_port}"
    gateway = SquareGateway(replace(settings, square_base_url=url))
    with pytest.raises(OutcomeUnknown):
        gateway.get("payment-1")
    assert elsewhere.asked == ["/v2/payments/payment-1"]  # type: ignore[attr-defined]
