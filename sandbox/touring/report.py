"""One line a step with its time, and at the end whether all was well."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from sandbox.touring.trouble import TourFailed


class Report:
    """Prints as it goes, so that a long wait shows where it is."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._steps = 0

    def chapter(self, words: str) -> None:
        print(f"\n{words}", flush=True)

    @contextmanager
    def step(self, words: str) -> Iterator[None]:
        """A step of the story. What goes wrong in it is printed under its line and raised on."""
        began = time.monotonic()
        try:
            yield
        except TourFailed as failure:
            print(f"  {time.monotonic() - began:6.2f} s  WRONG  {words}", flush=True)
            print(
                f"\n    expected: {failure.expected}\n    seen:     {failure.seen or 'nothing'}",
                file=sys.stderr,
            )
            raise
        self._steps += 1
        print(f"  {time.monotonic() - began:6.2f} s  ok     {words}", flush=True)

    def sum_up(self) -> str:
        return (
            f"\nAll {self._steps} steps are as they should be: {time.monotonic() - self._began:.1f} seconds."
        )
