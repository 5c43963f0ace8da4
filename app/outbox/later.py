"""How a handler says that it is too early, which is no failure."""

from __future__ import annotations


class ComeBackLater(Exception):
    """Run this work again in some seconds; it does not count as a failed try."""

    def __init__(self, seconds: int, why: str):
        super().__init__(why)
        self.seconds = seconds
