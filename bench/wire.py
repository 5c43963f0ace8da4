"""A signed-in browser that costs next to nothing: it shares the two cores with the shop it measures."""

from __future__ import annotations

import http.client
import time
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from bench.load import Buyer

TIMEOUT = 30


@dataclass
class Answer:
    """As much of an answer as is measured."""

    status_code: int
    content: bytes
    headers: dict[str, str]


class Wire:
    """One connection that stays open, as a browser keeps it, with a buyer's cookies."""

    def __init__(self, url: str, buyer: Buyer | None = None):
        parts = urlsplit(url)
        self._url = url
        self._connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=TIMEOUT)
        cookies = buyer.http.cookies.items() if buyer else ()
        self._headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies)}
        self._csrf = buyer.csrf if buyer else ""
        # The seconds each request took since somebody emptied it.
        self.spent: list[float] = []

    def get(self, path: str) -> Answer:
        return self._ask("GET", path)

    def post(self, path: str, **data: object) -> Answer:
        return self._ask("POST", path, urlencode({"csrf_token": self._csrf, **data}))

    def _ask(self, method: str, path: str, body: str | None = None) -> Answer:
        headers = dict(self._headers)
        if body is not None:
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "Referer": self._url}
        began = time.perf_counter()
        try:
            self._connection.request(method, path, body, headers)
            answer = self._connection.getresponse()
            return Answer(answer.status, answer.read(), {})
        except (OSError, http.client.HTTPException):
            self._connection.close()
            return Answer(599, b"", {})
        finally:
            self.spent.append(time.perf_counter() - began)
