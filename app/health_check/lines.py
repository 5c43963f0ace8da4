"""What a check says: one line, good, warning or bad, and how to put it right."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from app.shared.status import LabelEnum


class Verdict(LabelEnum):
    GOOD = "good", "Good"
    WARNING = "warning", "Warning"
    BAD = "bad", "Bad"


@dataclass(frozen=True)
class Line:
    """One thing looked at. `fix` is one sentence to act on; empty where nothing is to be done. No line holds a secret."""

    name: str
    verdict: Verdict
    says: str
    fix: str = ""


def good(name: str, says: str) -> Line:
    return Line(name, Verdict.GOOD, says)


def warning(name: str, says: str, fix: str) -> Line:
    return Line(name, Verdict.WARNING, says, fix)


def bad(name: str, says: str, fix: str) -> Line:
    return Line(name, Verdict.BAD, says, fix)


def count_verdicts(lines: Iterable[Line]) -> dict[Verdict, int]:
    """How many lines there are of each, the good ones first."""
    counts = dict.fromkeys(Verdict, 0)
    for line in lines:
        counts[line.verdict] += 1
    return counts


def span(length: timedelta) -> str:
    """A length of time in its largest fitting unit: "40 s", "2 min", "3 h", "5 days"."""
    seconds = max(round(length.total_seconds()), 0)
    for size, unit in ((172_800, "days"), (7_200, "h"), (60, "min")):
        if seconds >= size:
            divisor = {"days": 86_400, "h": 3_600, "min": 60}[unit]
            return f"{seconds // divisor} {unit}"
    return f"{seconds} s"
