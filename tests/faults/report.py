"""What a run came to, for people and as JSON."""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.outbox.models import OutboxRow
from app.payments.models import Payment, Refund
from tests.faults.books import Findings
from tests.faults.healing import Healed
from tests.faults.points import Fault
from tests.faults.read_books import fresh

_HEAL_MARGIN = 0.001


@dataclass
class Result:
    """One mode's run. `before` is what struck in earlier runs that this one completes. `heal_times` are seconds from a fault until all work on its order's money was done."""

    mode: str
    seed: int
    seconds: float
    orders: int
    by_status: dict[str, int]
    counts: Counter[Fault]
    before: Counter[Fault]
    missing: dict[Fault, int]
    each: int
    findings: Findings
    healed: Healed
    stuck_carts: int
    mails: int
    dead_letters: int
    heal_times: list[float] = field(default_factory=list)
    log_lines: int = 0
    secrets: list[str] = field(default_factory=list)  # what stood in logs and may not

    @property
    def faults(self) -> int:
        return sum(self.counts.values())

    @property
    def zeros(self) -> dict[str, int]:
        """Everything that must be 0."""
        return self.findings.counts() | {
            "stuck_carts": self.stuck_carts,
            "forgotten_work": self.healed.forgotten,
            "differences_the_shop_finds": self.healed.reconciled_open,
            "secrets_in_logs": len(self.secrets),
        }

    @property
    def is_good(self) -> bool:
        return not any(self.zeros.values()) and not self.missing

    def to_json(self) -> dict[str, Any]:
        return {
            "mode": self.mode, "seed": self.seed, "seconds": round(self.seconds), "orders": self.orders,
            "by_status": self.by_status, "faults": self.faults,
            "faults_by_point_and_kind": {str(fault): count for fault, count in sorted(self.counts.items())},
            "not_often_enough": {str(fault): count for fault, count in sorted(self.missing.items())},
            "zeros": self.zeros, "lines": self.findings.lines + self.secrets, "log_lines": self.log_lines,
            "dead_letters": self.dead_letters,
            "heal_seconds": _spread(self.heal_times), "mails": self.mails,
        }  # fmt: skip


def say(result: Result) -> str:
    """The run in words and tables."""
    lines = [
        f"{_MODES[result.mode]}, seed {result.seed}: {result.seconds:.0f} s",
        f"  orders placed      {result.orders:6}   ({', '.join(f'{count} {name}' for name, count in result.by_status.items())})",
        f"  faults injected    {result.faults:6}   ({_by_kind(result.counts)})",
        *(f"  {name.replace('_', ' '):<26} {count:6}" for name, count in result.zeros.items()),
        f"  mails that arrived {result.mails:6}",
        f"  dead letters that staff tried again {result.dead_letters}; at rest {result.healed.seconds:.0f} s after the last fault",
        f"  time to heal: {_in_words(_spread(result.heal_times))}",
        f"  lines of logs looked through for secrets: {result.log_lines}",
        *(f"  ! {line}" for line in [*result.findings.lines[:40], *result.secrets[:10]]),
    ]
    if result.each:
        if result.before:
            lines += ["", f"  With {sum(result.before.values())} faults of earlier runs:"]
        lines += ["", *_table(result.counts + result.before)]
        lines += [f"  ! less than {result.each} times:{words}" for words in _table(Counter(result.missing))]
    return "\n".join(lines)


def say_briefly(figures: Mapping[str, Any]) -> str:
    """A run's `to_json` in three lines, for the end of `make test`."""
    zeros = ", ".join(f"{name.replace('_', ' ')} {count}" for name, count in figures["zeros"].items())
    heal = _in_words(figures["heal_seconds"])
    return "\n".join([
        f"{_MODES[figures['mode']]}, seed {figures['seed']}: {figures['orders']} orders, {figures['faults']} faults "
        f"at {len(figures['faults_by_point_and_kind'])} points and kinds, {figures['seconds']} s",
        f"  {zeros}",
        f"  {figures['mails']} mails arrived, {figures['log_lines']} lines of logs read; time to heal: {heal}",
    ])  # fmt: skip


_MODES = {"rq": "MariaDB, JOBS=rq", "embedded": "SQLite, JOBS=database"}


def _by_kind(counts: Counter[Fault]) -> str:
    kinds: Counter[str] = Counter()
    for fault, count in counts.items():
        kinds[fault.kind if fault.kind != "gone" else f"{fault.point} gone"] += count
    return ", ".join(f"{count} {kind}" for kind, count in kinds.most_common())


def _table(counts: Counter[Fault]) -> list[str]:
    points: dict[str, list[str]] = defaultdict(list)
    for fault, count in sorted(counts.items()):
        points[fault.point].append(f"{fault.kind} {count}")
    return [f"  {point:<20} {', '.join(kinds)}" for point, kinds in points.items()]


def _spread(times: list[float]) -> dict[str, float]:
    if not times:
        return {}
    ordered = sorted(times)
    return {
        "measured": len(ordered),
        "median": round(statistics.median(ordered), 1),
        "p95": round(ordered[min(int(len(ordered) * 0.95), len(ordered) - 1)], 1),
        "max": round(ordered[-1], 1),
    }


def _in_words(spread: Mapping[str, float]) -> str:
    if not spread:
        return "nothing to heal"
    return f"median {spread['median']} s, p95 {spread['p95']} s, max {spread['max']} s, over {spread['measured']} faults"


def heal_times(app: Flask, struck: Iterable[dict[str, Any]]) -> list[float]:
    """For each fault that struck an order: seconds until all work on its money that was open then, and what that work
    posted, was done. The last looks an hour later (here: seconds) are part of it."""
    with fresh(app):
        payments = {row.id: row.order_id for row in db.session.execute(select(Payment.id, Payment.order_id))}
        refunds = {row.id: row.order_id for row in db.session.execute(select(Refund.id, Refund.order_id))}
        rows = db.session.execute(
            select(OutboxRow.ids, OutboxRow.created_at, OutboxRow.closed_at, OutboxRow.kind)
        )
        work: dict[int, list[tuple[float, float]]] = defaultdict(list)
        for ids, created, closed, kind in rows:
            order_id = _order_of(ids, payments, refunds)
            if order_id and closed is not None and kind.queue == "payments":
                work[order_id].append((created.timestamp(), closed.timestamp()))
    times = []
    for each in struck:
        order_id = _order_of(each, payments, refunds)
        if order_id:
            times.append(_end_of(sorted(work[order_id]), each["at"]) - each["at"])
    return times


def _order_of(ids: dict[str, Any], payments: dict[int, int], refunds: dict[int, int]) -> int:
    if "order_id" in ids:
        return int(ids["order_id"])
    if "payment_id" in ids:
        return payments.get(ids["payment_id"], 0)
    return refunds.get(ids.get("refund_id", 0), 0)


def _end_of(work: list[tuple[float, float]], at: float) -> float:
    end = at
    for created, closed in work:
        if created <= end + _HEAL_MARGIN:
            end = max(end, closed)
    return end
