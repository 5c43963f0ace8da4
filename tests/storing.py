"""Places for files in tests: an S3 look-alike, a store that misbehaves, and shelves of both kinds."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import boto3
import httpx
from moto.moto_server.threaded_moto_server import ThreadedMotoServer

KEY, SECRET = "AKIATESTSONLY", "a secret of the store that nobody may read"
BUCKET = "shop-files"
_HALF = 100
_WHOLE = 1000


@dataclass
class S3Store:
    """A running look-alike with one bucket; `settings()` are what a shop needs for it."""

    url: str
    _client: Any = field(repr=False)

    def settings(self, **changes: Any) -> dict[str, Any]:
        return {
            "s3_bucket": BUCKET,
            "s3_endpoint": self.url,
            "s3_access_key": KEY,
            "s3_secret_key": SECRET,
            "s3_timeout_seconds": 5,
        } | changes

    def names(self) -> list[str]:
        return sorted(each["Key"] for each in self._client.list_objects_v2(Bucket=BUCKET).get("Contents", ()))

    def head(self, key: str) -> Any:
        return self._client.head_object(Bucket=BUCKET, Key=key)

    def read(self, key: str) -> bytes:
        content: bytes = self._client.get_object(Bucket=BUCKET, Key=key)["Body"].read()
        return content

    def put(self, key: str, content: bytes) -> None:
        self._client.put_object(Bucket=BUCKET, Key=key, Body=content)

    def empty(self) -> None:
        httpx.post(f"{self.url}/moto-api/reset")
        self._client.create_bucket(Bucket=BUCKET)


@contextmanager
def s3_store() -> Iterator[S3Store]:
    """moto's server on a free port, with an empty bucket."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    client = boto3.session.Session().client(
        "s3", endpoint_url=url, region_name="us-east-1", aws_access_key_id=KEY, aws_secret_access_key=SECRET
    )
    try:
        store = S3Store(url, client)
        store.empty()
        yield store
    finally:
        server.stop()


class BrokenStore:
    """Answers as it is told: "silent", "refuses", "busy", "half" of a file, "drips" it, or is "open" to all."""

    def __init__(self) -> None:
        self.mood = "busy"
        self.asked = 0
        self.stopped = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self.stopped.set()
        self._server.shutdown()
        self._server.server_close()

    def _handler(store) -> type[BaseHTTPRequestHandler]:  # noqa: N805  # the handler has a self of its own
        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                store.asked += 1
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                self.close_connection = True
                getattr(self, store.mood)()

            do_GET = do_PUT = do_HEAD = do_DELETE = answer  # noqa: N815  # the library's names

            def silent(self) -> None:
                store.stopped.wait(20)

            def refuses(self) -> None:
                self._say(403, "AccessDenied")

            def busy(self) -> None:
                self._say(503, "SlowDown")

            def half(self) -> None:
                self._begin_file()
                self.wfile.write(b"x" * _HALF)

            def open(self) -> None:
                self._begin_file()
                self.wfile.write(b"x" * _WHOLE)

            def drips(self) -> None:
                self._begin_file()
                for _ in range(_WHOLE):
                    if store.stopped.wait(0.2):
                        return
                    self.wfile.write(b"x")
                    self.wfile.flush()

            def _begin_file(self) -> None:
                self.send_response(200)
                self.send_header("Content-Length", str(_WHOLE))
                self.end_headers()

            def _say(self, status: int, code: str) -> None:
                text = f"<Error><Code>{code}</Code><Message>no</Message></Error>".encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/xml")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(text)

            def handle(self) -> None:
                try:
                    super().handle()
                except ConnectionError:
                    time.sleep(0)  # who asked has gone away, as it should

            def log_message(self, *_: Any) -> None:
                """Nothing is written."""

        return Handler


@contextmanager
def broken_store(mood: str) -> Iterator[BrokenStore]:
    store = BrokenStore()
    store.mood = mood
    try:
        yield store
    finally:
        store.stop()
