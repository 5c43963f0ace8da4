"""What stands in front of several machines: each request goes to any of those that say they are ready."""

from __future__ import annotations

import random
import threading
import time
from contextlib import suppress
from types import TracebackType
from typing import Self

import httpx

_LOOK_SECONDS = 0.5
_ANSWER_SECONDS = 3


class Balancer:
    """Asks every web process for /readyz twice a second. People see one address; where nobody is ready, anybody is asked,
    for a shop that is closed says so itself."""

    def __init__(self, ports: list[int]):
        self._ports = ports
        self._ready = list(ports)
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._dice = random.Random(20261120)
        # Each moment at which a web process came or went: (seconds since 1970, port, whether it is ready now).
        self.changes: list[tuple[float, int, bool]] = []

    def way(self) -> httpx.BaseTransport:
        """For one browser's client."""
        return _AnyMachine(self)

    def pick(self) -> int:
        """The port for the next request, whoever asks: no visitor belongs to a machine."""
        return self._dice.choice(self._ready or self._ports)

    @property
    def any_ready(self) -> bool:
        return bool(self._ready)

    def is_ready(self, port: int) -> bool:
        return port in self._ready

    def _look(self) -> None:
        with httpx.Client(timeout=_ANSWER_SECONDS) as asking:
            while not self._ends.is_set():
                ready = [port for port in self._ports if _says_ready(asking, port)]
                for port in set(ready) ^ set(self._ready):
                    self.changes.append((time.time(), port, port in ready))
                self._ready = ready
                self._ends.wait(_LOOK_SECONDS)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._ends.set()
        self._thread.join()


class _AnyMachine(httpx.BaseTransport):
    """Sends a request to the machine the balancer picks; cookies, addresses and redirects know nothing of it."""

    def __init__(self, balancer: Balancer):
        self._balancer = balancer
        self._http = httpx.HTTPTransport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        sent = httpx.Request(
            request.method, request.url.copy_with(port=self._balancer.pick()), headers=request.headers,
            stream=request.stream, extensions=request.extensions,
        )  # fmt: skip
        return self._http.handle_request(sent)

    def close(self) -> None:
        self._http.close()


def _says_ready(asking: httpx.Client, port: int) -> bool:
    with suppress(httpx.HTTPError):
        return asking.get(f"http://127.0.0.1:{port}/readyz").status_code == httpx.codes.OK
    return False
