"""From set-up to shop in the same process, at the first request after settings.toml appeared."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from app.first_run.closed import or_closed
from app.settings import is_configured


class SwitchOver:
    """Answers with the set-up until the shop has settings, and from then on with the shop: whichever process wrote them."""

    def __init__(self, set_up: WSGIApplication, build_shop: Callable[[], WSGIApplication]):
        self._set_up = set_up
        self._build_shop = build_shop
        self._shop: WSGIApplication | None = None
        self._lock = threading.Lock()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if self._shop is None and is_configured():
            with self._lock:
                self._shop = self._shop or or_closed(self._build_shop)
        return (self._shop or self._set_up)(environ, start_response)
