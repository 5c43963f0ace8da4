"""Everything one running look-alike consists of, in one place."""

from collections import deque

from flask import current_app

from sandbox.square.books import Books, Options
from sandbox.square.errors import Json
from sandbox.square.faults import Faults
from sandbox.square.store import Store
from sandbox.square.webhooks import Courier

CALLS_KEPT = 2000


class Office:
    """The books, the faults, the courier, and the last calls that came in."""

    def __init__(self, state: str, options: Options) -> None:
        self.books = Books(Store(state), options)
        self.faults = Faults()
        self.courier = Courier(self.books)
        self._calls: deque[Json] = deque(maxlen=CALLS_KEPT)

    def note_call(self, call: str) -> None:
        """Remember that a call came in, whatever became of it."""
        self._calls.append({"call": call, "at": self.books.now()})

    def calls(self) -> list[Json]:
        """The last calls, oldest first."""
        return list(self._calls)

    def wipe(self) -> None:
        """Forget payments, refunds, keys, tokens, events, faults and calls; the clock stays where it is."""
        self.faults.clear()
        self._calls.clear()
        self.books.store.wipe()

    def close(self) -> None:
        """Stop the courier, let held requests go, close the file."""
        self.faults.stopping.set()
        self.courier.stop()
        self.books.store.close()


def office() -> Office:
    """The office of the running application."""
    here = current_app.extensions["square_office"]
    assert isinstance(here, Office)
    return here
