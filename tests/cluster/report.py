"""What a run came to, for people and as JSON."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tests.cluster.races import RaceResult
from tests.faults.books import Findings
from tests.faults.healing import Healed


@dataclass
class Figures:
    """Times are seconds. `conflicts` are transactions that lost against one of another node and ran again."""

    started_seconds: float
    seconds: float = 0.0
    races: list[RaceResult] = field(default_factory=list)
    race_conflicts: int = 0
    stale_rounds: int = 0
    stale_pages: int = 0
    ordering_seconds: float = 0.0
    conflicts: int = 0
    noticed_seconds: float = 0.0
    stall_seconds: float = 0.0
    rejoin_seconds: float = 0.0
    rejoined_by: str = ""
    away_seconds: float = 0.0
    orders_while_one_was_away: int = 0
    closed_seconds: float = 0.0
    majority_rejoin_seconds: float = 0.0
    reopened_seconds: float = 0.0
    dishonest_pages: list[str] = field(default_factory=list)
    by_status: Counter[str] = field(default_factory=Counter)
    findings: Findings = field(default_factory=Findings)
    healed: Healed = field(default_factory=Healed)
    stuck_carts: int = 0
    gaps_in_numbers: int = 0
    mails: int = 0
    dead_letters: int = 0

    @property
    def orders(self) -> int:
        return sum(self.by_status.values())

    @property
    def zeros(self) -> dict[str, int]:
        """Everything that must be 0."""
        return self.findings.counts() | {
            "stuck_carts": self.stuck_carts,
            "forgotten_work": self.healed.forgotten,
            "differences_the_shop_finds": self.healed.reconciled_open,
            "gaps_in_order_numbers": self.gaps_in_numbers,
            "races_that_broke_a_rule": sum(len(race.broken) for race in self.races),
            "races_that_were_none": sum(race.met == 0 for race in self.races if race.is_met),
            "stale_pages_after_ones_own_change": self.stale_pages,
            "pages_without_503_while_the_database_was_away": len(self.dishonest_pages),
        }

    @property
    def is_good(self) -> bool:
        return self.orders > 0 and not any(self.zeros.values())

    @property
    def lines(self) -> list[str]:
        """What was found wrong, in words."""
        broken = [words for race in self.races for words in race.broken]
        return [*self.findings.lines, *broken, *self.dishonest_pages]

    def to_json(self) -> dict[str, Any]:
        plain = {name: value for name, value in vars(self).items() if isinstance(value, int | float | str)}
        return plain | {
            "orders": self.orders,
            "by_status": dict(self.by_status),
            "zeros": self.zeros,
            "lines": self.lines,
        }


def say(figures: Figures) -> str:
    """The run in words and tables."""
    lines = [
        f"MariaDB Galera, three nodes, a web process and workers at each: {figures.seconds:.0f} s "
        f"({figures.started_seconds:.0f} s of them to start)",
        "  races of two nodes, held back at their commits until both stand there:",
        *(
            f"    {race.name:<68} {race.rounds} times{f', met {race.met}' if race.is_met else ''}"
            for race in figures.races
        ),
        f"    conflicts (1213) that ran again {figures.race_conflicts}",
        f"  own change on the next machine's page: {figures.stale_rounds} looks while that node lagged, {figures.stale_pages} stale",
        f"  orders placed {figures.orders} in {figures.ordering_seconds:.0f} s ({_in_words(figures.by_status)})",
        f"  conflicts (1213) that ran again {figures.conflicts}: {figures.conflicts / max(figures.orders, 1):.1f} an order",
        f"  one node killed: writes stood still for {figures.stall_seconds:.1f} s, out of service after "
        f"{figures.noticed_seconds:.1f} s, rejoined in {figures.rejoin_seconds:.1f} s by {figures.rejoined_by}; "
        f"{figures.orders_while_one_was_away} orders until it was back",
        f"  two of three killed: closed everywhere after {figures.closed_seconds:.1f} s, rejoined in "
        f"{figures.majority_rejoin_seconds:.1f} s, and {figures.reopened_seconds:.1f} s later all machines were open",
        f"  mails that arrived {figures.mails}; dead letters that staff tried again {figures.dead_letters}; "
        f"at rest {figures.healed.seconds:.0f} s after the last order",
        *(f"  {name.replace('_', ' '):<46} {count:6}" for name, count in figures.zeros.items()),
        *(f"  ! {line}" for line in figures.lines[:40]),
    ]
    return "\n".join(lines)


def _in_words(counts: Counter[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.most_common())
