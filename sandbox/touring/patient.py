"""Reload, as a person does whose page did not come: a process that was killed is back within seconds."""

import time
from collections.abc import Callable

import httpx

_SECONDS = 20
_PAUSE = 0.5


def reload(step: Callable[[], httpx.Response], *, only_unsent: bool = False) -> httpx.Response:
    """The answer of the step, tried again for a while where none came; httpx.TransportError after that.

    `only_unsent`: only where nothing was sent, for what must not be pressed twice without looking.
    """
    again = httpx.ConnectError if only_unsent else httpx.TransportError
    deadline = time.monotonic() + _SECONDS
    while True:
        try:
            return step()
        except again:
            if time.monotonic() > deadline:
                raise
            time.sleep(_PAUSE)
