"""How a handler says that it is too early, which is no failure."""

from __future__ import annotations


class ComeBackLater(Exception):
    """Run this work again in some seconds; it does not count as a failed try. What holds it up should not: it grows old."""

    def __init__(self, seconds: int, why: str):
        super().__init__(why)
        self.seconds = seconds


class LookAgain(ComeBackLater):
    """What this look was for has not happened yet, and nothing holds anything up: the next look is owed only when it is
    due. Not for waiting until a service answers or a lock is free, which must be seen to grow old."""
