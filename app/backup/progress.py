"""How far a backup or restore has come, told to whoever watches."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Told of each step; a terminal draws a bar, cron nothing."""

    def begin(self, step: str, total: int, unit: str) -> None:
        """The next step begins: so many rows, bytes or files in all."""

    def advance(self, count: int) -> None:
        """So many more are done."""


class Silent:
    """Nobody watches."""

    def begin(self, step: str, total: int, unit: str) -> None:
        """Nothing is drawn."""

    def advance(self, count: int) -> None:
        """Nothing is drawn."""
