"""What came of asking a service with what was typed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Outcome:
    """`words` are for the owner: what was found, or what is wrong and what to do about it."""

    is_good: bool
    words: str


def good(words: str) -> Outcome:
    return Outcome(True, words)


def bad(words: str) -> Outcome:
    return Outcome(False, words)
