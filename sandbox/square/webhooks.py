"""Signed events on their way to the shop, as untidily as asked: late, twice, out of order."""

import base64
import hashlib
import hmac
import http.client
import threading
import urllib.error
import urllib.request

from sandbox.square.books import Books
from sandbox.square.refunds import settle_due

RETRY_SECONDS = (1, 2, 5, 15, 60)
TIMEOUT_SECONDS = 10
BEAT_SECONDS = 0.05


def sign(key: str, url: str, body: str) -> str:
    """Square's signature: base64(HMAC-SHA256(signature key, notification URL + raw body))."""
    return base64.b64encode(hmac.new(key.encode(), (url + body).encode(), hashlib.sha256).digest()).decode()


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        """A redirect is a failed delivery, as with Square."""


class Courier:
    """Delivers due events, and lets time pass over authorizations and refunds, in its own thread."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self._stopping = threading.Event()
        self._at_the_door = threading.Lock()
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect)
        self._thread = threading.Thread(target=self._run, name="square-courier", daemon=True)

    def start(self) -> None:
        """Begin the rounds."""
        self._thread.start()

    def stop(self) -> None:
        """End the rounds; an event under way is finished first."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.wait(BEAT_SECONDS):
            settle_due(self._books)
            self.deliver(only_due=True)

    def deliver(self, only_due: bool = False) -> int:
        """Send what waits (all, or what is due), newest first if reordering. Returns how many arrived."""
        webhooks, store = self._books.options.webhooks, self._books.store
        order = "DESC" if webhooks.reorder else "ASC"
        latest = self._books.now() if only_due else "9999"
        with self._at_the_door:
            waiting = store.rows(
                f"SELECT * FROM deliveries WHERE state = 'waiting' AND due_at <= ? ORDER BY seq {order}",
                latest,
            )
            return sum(self._hand_over(row["seq"], row["body"], row["attempts"]) for row in waiting)

    def _hand_over(self, seq: int, body: str, attempts: int) -> bool:
        is_there = self._post(body)
        state = "arrived" if is_there else "waiting" if attempts < len(RETRY_SECONDS) else "dropped"
        pause = RETRY_SECONDS[min(attempts, len(RETRY_SECONDS) - 1)]
        with self._books.store.transaction():
            self._books.store.rows(
                "UPDATE deliveries SET state = ?, attempts = ?, due_at = ? WHERE seq = ?",
                state, attempts + 1, self._books.after(pause), seq,
            )  # fmt: skip
        return is_there

    def _post(self, body: str) -> bool:
        webhooks = self._books.options.webhooks
        if not webhooks.url:
            return False
        headers = {
            "Content-Type": "application/json",
            "x-square-hmacsha256-signature": sign(webhooks.key, webhooks.url, body),
        }
        message = urllib.request.Request(webhooks.url, data=body.encode(), headers=headers, method="POST")
        try:
            with self._opener.open(message, timeout=TIMEOUT_SECONDS) as answer:
                return bool(200 <= answer.status < 300)
        except urllib.error.HTTPError as refusal:
            refusal.close()
            return False
        except (OSError, http.client.HTTPException):
            return False
