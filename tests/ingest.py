"""A server that takes what Sentry's library sends, and keeps it whole."""

from __future__ import annotations

import gzip
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

_PATIENCE = 20


class Ingest:
    """`events` are the bodies of error events; `raw` is everything that came, headers included, as text."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.raw = ""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.dsn = f"http://publickey@127.0.0.1:{self._server.server_address[1]}/7"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def wait_for(self, count: int) -> list[dict[str, Any]]:
        """The first so many events; fails when they do not come."""
        until = time.monotonic() + _PATIENCE
        while len(self.events) < count:
            assert time.monotonic() < until, f"only {len(self.events)} of {count} events came"
            time.sleep(0.02)
        return self.events[:count]

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _take(self, headers: str, body: bytes) -> None:
        """An envelope: a line of JSON about it, then for each item a line about it and its content."""
        text = (gzip.decompress(body) if body.startswith(b"\x1f\x8b") else body).decode()
        self.raw += headers + text
        lines = text.split("\n")[1:]
        for about, content in zip(lines[::2], lines[1::2], strict=False):
            if json.loads(about).get("type") == "event":
                self.events.append(json.loads(content))

    def _handler(ingest) -> type[BaseHTTPRequestHandler]:  # noqa: N805  # the handler has a self of its own
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                ingest._take(f"{self.path}\n{self.headers}", body)
                self.send_response(200)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_: Any) -> None:
                """Nothing is written."""

        return Handler


@contextmanager
def ingest_server() -> Iterator[Ingest]:
    server = Ingest()
    try:
        yield server
    finally:
        server.stop()
