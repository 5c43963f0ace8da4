"""Which outbox row is being worked on, for what a handler sends on its behalf."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from app.mail.deliver import Errand

_present: ContextVar[Errand] = ContextVar("errand")


@contextmanager
def on_errand(errand: Errand) -> Iterator[None]:
    """Inside, `present_errand()` is this one; each thread and each test has its own."""
    token = _present.set(errand)
    try:
        yield
    finally:
        _present.reset(token)


def present_errand() -> Errand:
    """The outbox row being worked on; LookupError outside a run of one, for then a mail would have no row to belong to."""
    return _present.get()
