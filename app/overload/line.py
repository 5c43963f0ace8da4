"""Rules: when the line in front of the shop has been too long for too long, and who is let in all the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from threading import Lock

# In multiples of the wait that is too long. One slow moment, after which the line is short again, is no overload: only a
# line that does not get shorter is. Once people are sent away it takes as long a calm to end that, or line and refusals
# would take turns. The way to tell a standing line from a burst is CoDel's (RFC 8289, section 3).
_STANDS = 2
_CALM = 4
# Whoever has filled a cart is sent away after twice the wait of whoever only looks around.
_CART_PATIENCE = 2


class Urgency(Enum):
    """What a request is to the shop: `ALWAYS` is never sent away."""

    BROWSING = "browsing"
    CART = "cart"
    ALWAYS = "always"


# By how an address begins. Paying and what leads to it is never cut off in the middle; whoever asks whether the shop lives,
# and the payment provider's news, cost little and matter most; and staff must see what is going on.
_BY_START: Mapping[str, Urgency] = {
    "/checkout": Urgency.ALWAYS,
    "/pay/": Urgency.ALWAYS,
    "/webhooks/": Urgency.ALWAYS,
    "/healthz": Urgency.ALWAYS,
    "/readyz": Urgency.ALWAYS,
    "/metrics": Urgency.ALWAYS,
    "/admin": Urgency.ALWAYS,
    "/static/": Urgency.ALWAYS,
    "/media/": Urgency.ALWAYS,
    "/cart": Urgency.CART,
}


def urgency_of(path: str) -> Urgency:
    """By the address alone: nothing else is known before a session is read."""
    return next((urgency for start, urgency in _BY_START.items() if path.startswith(start)), Urgency.BROWSING)


@dataclass
class Line:
    """What one process has seen of its line. `limit`: a wait of so many seconds is too long; 0 = nobody is sent away.

    Times are seconds of one clock that never goes back. Threads share it.
    """

    limit: float
    _long_since: float | None = None
    _last_long: float = 0.0
    _busy_until: float = 0.0
    _lock: Lock = field(default_factory=Lock)

    def must_leave(self, waited: float, urgency: Urgency, at: float) -> bool:
        """Note how long this request stood in line, and say whether it is to be sent away now."""
        if not self.limit:
            return False
        is_busy = self._note(waited, at)
        patience = self.limit * (_CART_PATIENCE if urgency is Urgency.CART else 1)
        return is_busy and urgency is not Urgency.ALWAYS and waited > patience

    def _note(self, waited: float, at: float) -> bool:
        """Whether the line is standing: everybody has waited too long for a while, or did a moment ago."""
        with self._lock:
            if waited > self.limit:
                # Who came long after the last long wait does not stand in the same line.
                if self._long_since is None or at - waited > self._last_long + _CALM * self.limit:
                    self._long_since = at
                self._last_long = at
                if at - self._long_since >= _STANDS * self.limit:
                    self._busy_until = at + _CALM * self.limit
            elif at >= self._busy_until:
                self._long_since = None
            return at < self._busy_until
