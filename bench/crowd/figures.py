"""What the buyers' diary comes to: times by kind, and how it went over time."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from bench.crowd.watch import Sample
from bench.load import Figures

# What issue 4 asks for, in milliseconds at the 95th of 100.
TARGETS = {"listing": 200, "cart fragment": 100}
MOST_ERRORS = 0.001
_ORDER = (
    "home", "listing", "product", "search", "cart fragment", "cart page", "checkout", "placing", "confirmation", "orders",
    "order", "sign in",
)  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """One answer: when it ended (seconds since 1970), of what kind, how many seconds it took, and what came of it."""

    at: float
    kind: str
    seconds: float
    status: int
    outcome: str


@dataclass(frozen=True)
class Told:
    """The diary as the buyers left it, of the measured time alone; orders are all they were ever told of."""

    began: float
    ended: float
    signed_in: int
    entries: list[Entry]
    placed: list[str]
    failures: dict[str, int]

    @classmethod
    def from_file(cls, kept: dict[str, Any]) -> Told:
        """From the file's JSON."""
        entries = [Entry(*each) for each in kept["entries"] if kept["began"] <= each[0] <= kept["ended"]]
        return cls(kept["began"], kept["ended"], kept["signed_in"], entries, kept["placed"], kept["failures"])

    @property
    def seconds(self) -> float:
        return self.ended - self.began

    def count(self, outcome: str) -> int:
        return sum(entry.outcome == outcome for entry in self.entries)

    @property
    def error_share(self) -> float:
        """Errors among all answers. Who was asked to come again got an answer, and comes again."""
        return self.count("error") / max(len(self.entries), 1)

    def by_kind(self) -> list[Figures]:
        """Times of answered requests; errors beside them."""
        found = {kind: Figures(kind, self.seconds) for kind in _ORDER}
        for entry in self.entries:
            found[entry.kind].errors += entry.outcome == "error"
            if entry.outcome == "ok":
                found[entry.kind].times.append(entry.seconds)
        return [each for each in found.values() if each.times]

    def sent_away(self) -> Counter[str]:
        """How many were sent away, by kind."""
        return Counter(entry.kind for entry in self.entries if entry.outcome == "sent away")


@dataclass(frozen=True)
class Moment:
    """A stretch of the run: requests a second, p95 in milliseconds, sent away and errors, and the queues at its end."""

    seconds: float
    rate: float
    p95: float
    sent_away: int
    errors: int
    sample: Sample


def over_time(told: Told, samples: Sequence[Sample], rows: int = 12) -> list[Moment]:
    """The run in a dozen stretches."""
    length = told.seconds / rows
    buckets: dict[int, list[Entry]] = defaultdict(list)
    for entry in told.entries:
        buckets[min(int((entry.at - told.began) / length), rows - 1)].append(entry)
    return [_moment(number, length, buckets[number], told.began, samples) for number in range(rows)]


def _moment(
    number: int, length: float, entries: list[Entry], began: float, samples: Iterable[Sample]
) -> Moment:
    end = began + (number + 1) * length
    answered = Figures("", length, [entry.seconds for entry in entries if entry.outcome == "ok"])
    sent_away = sum(entry.outcome == "sent away" for entry in entries)
    errors = sum(entry.outcome == "error" for entry in entries)
    within = [each for each in samples if end - length < each.at <= end]
    # The longest line of the stretch says more than the one at its end.
    worst = max(within, key=lambda each: each.line, default=Sample(end, {}, {}))
    p95 = answered.percentile(0.95) if answered.times else 0.0
    return Moment((number + 1) * length, answered.rate, p95, sent_away, errors, worst)
