"""bench/load.md: one part for each way of running, the others kept as they are."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.shared import clock
from bench.crowd.figures import MOST_ERRORS, TARGETS, Told, over_time
from bench.crowd.past import Size
from bench.crowd.settle import Settled
from bench.crowd.thinking import THINKING
from bench.crowd.watch import Growth, Sample, growth_of

HEAD = f"""# Under load

`make load` writes these parts anew, each with the command in its title. Buyers are signed in, each with a session of their
own, and think for {THINKING[0]:.0f} to {THINKING[1]:.0f} seconds between two clicks; they look around, search, fill carts with
htmx's requests, order with a test card and look at their orders. gunicorn 2 × 4 without nginx, one RQ worker, MariaDB that
writes its log at every commit, Redis, a look-alike of Square that sends webhooks, a mail catcher: all of it, and the buyers
themselves, share one machine. Times are as the buyers felt them.

Judged: under {MOST_ERRORS:.1%} errors (a 503 with Retry-After is one at the usual number of buyers, and an answer in a crowd),
nothing charged twice, no order lost, nothing oversold, all mails arrived. Memory is flat when the median of no process of the
shop grew by more than a twentieth, or 4 MiB, between the second quarter of the time and the last. Times stand beside their
targets and are not judged: they are the machine's as much as the shop's.
"""
# Of the shop itself: the others keep books in memory, or fill a cache of a fixed size.
_OF_THE_SHOP = ("web", "jobs")


@dataclass(frozen=True)
class Run:
    """Everything one run found."""

    title: str
    size: Size
    buyers: int
    is_crowd: bool
    is_soak: bool
    told: Told
    settled: Settled
    samples: list[Sample]
    slow: list[str]

    @property
    def measured(self) -> list[Sample]:
        return [each for each in self.samples if self.told.began <= each.at <= self.told.ended]

    def failures(self) -> list[str]:
        """What makes the command fail, in words."""
        told, settled = self.told, self.settled
        share = told.error_share + (
            0 if self.is_crowd else told.count("sent away") / max(len(told.entries), 1)
        )
        found = list(settled.findings.lines[:20])
        if share >= MOST_ERRORS:
            found.append(f"{share:.2%} of the answers were errors")
        if told.signed_in < self.buyers:
            found.append(f"only {told.signed_in} of {self.buyers} buyers could sign in")
        if settled.left_open or settled.gave_up:
            found.append(f"{settled.left_open} pieces of work were never done, {settled.gave_up} gave up")
        if self.is_soak:
            found += [f"{name} grew" for name, growth in self.growths() if growth and not growth.is_flat]
        return found

    def growths(self) -> list[tuple[str, Growth | None]]:
        """Of each process of the shop itself."""
        names = sorted(
            {name for each in self.measured for name in each.memory if name.split()[0] in _OF_THE_SHOP}
        )
        return [(name, growth_of(name, self.measured)) for name in names]


def write(run: Run, path: Path) -> str:
    """Put the run's part into the file in place of the one of that title; returns the part."""
    part = "\n".join(_part(run)).strip() + "\n"
    kept = path.read_text().split("\n## ")[1:] if path.exists() else []
    others = [f"## {each.strip()}\n" for each in kept if not each.startswith(f"{run.title}\n")]
    parts = sorted([*others, part], key=lambda each: each.partition("\n")[0])
    path.write_text("\n".join([HEAD, *parts]))
    return part


def _part(run: Run) -> list[str]:
    told, settled, size = run.told, run.settled, run.size
    lines = [
        f"## {run.title}",
        "",
        f"{clock.now():%Y-%m-%d}, {os.cpu_count()} cores, Python {platform.python_version()}. {run.buyers:,} buyers for "
        f"{told.seconds / 60:.0f} minutes; {size.products:,} products, {size.customers:,} customers, {size.orders:,} orders "
        "of the past.",
        "",
        f"- {len(told.entries):,} answers, {len(told.entries) / told.seconds:.1f} a second: {told.count('error')} errors "
        f"({told.error_share:.3%}), {told.count('sent away'):,} sent away with 503 and Retry-After"
        f"{_sent_away_words(told)}, {told.count('refused')} presses refused in words.",
        f"- {len(told.placed):,} orders placed. Compared with Square's ledger: {_findings_words(run)}. {settled.mails:,} mails. "
        f"{settled.seconds:.0f} s after the last click no background work that was due was left.",
        "",
    ]
    lines += _times(run)
    lines += _course(run)
    lines += _memory(run)
    lines += _machine(run)
    return lines


def _sent_away_words(told: Told) -> str:
    kinds = ", ".join(f"{count} × {kind}" for kind, count in told.sent_away().most_common())
    return f" ({kinds})" if kinds else ""


def _findings_words(run: Run) -> str:
    counts = run.settled.findings.counts()
    return ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in counts.items())


def _times(run: Run) -> list[str]:
    lines = [
        "| what | answers | p50 ms | p95 ms | p99 ms | target p95 | errors |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for each in run.told.by_kind():
        p50, p95, p99 = (each.percentile(share) for share in (0.5, 0.95, 0.99))
        target = TARGETS.get(each.name)
        words = f"{target} ({'met' if p95 <= target else 'missed'})" if target else ""
        lines.append(
            f"| {each.name} | {len(each.times):,} | {p50:.0f} | {p95:.0f} | {p99:.0f} | {words} | {each.errors} |"
        )
    return [*lines, ""]


def _course(run: Run) -> list[str]:
    """How long the queues were. `line`: the longest line of requests no thread had begun to read, of looks every ten seconds."""
    lines = [
        "| minute | answers/s | p95 ms | sent away | errors | line | outbox due | oldest s | RQ tickets |",
        "| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    lines += [
        f"| {each.seconds / 60:.1f} | {each.rate:.1f} | {each.p95:.0f} | {each.sent_away} | {each.errors} | {each.sample.line} "
        f"| {each.sample.outbox_due} | {each.sample.outbox_seconds:.0f} | {each.sample.tickets} |"
        for each in over_time(run.told, run.measured)
    ]
    return [*lines, ""]


def _memory(run: Run) -> list[str]:
    lines = [
        "| process | MiB at first | MiB at last | MiB/h after warming up | flat |",
        "| --- | ---: | ---: | ---: | --- |",
    ]
    names = sorted({name for each in run.measured for name in each.memory})
    for name in names:
        growth = growth_of(name, run.measured)
        if growth is None:
            continue
        is_judged = run.is_soak and name.split()[0] in _OF_THE_SHOP
        flat = ("yes" if growth.is_flat else "no") if is_judged else ""
        lines.append(f"| {name} | {growth.first:.0f} | {growth.last:.0f} | {growth.an_hour:+.1f} | {flat} |")
    return [*lines, ""]


def _machine(run: Run) -> list[str]:
    """Where the processor's time went, and what the database was slow at."""
    samples = run.measured
    lines = []
    if len(samples) > 1:
        seconds = samples[-1].at - samples[0].at
        shares = [f"{name} {_busy(samples, name) / seconds:.2f}" for name in sorted(samples[0].busy)]
        lines += [f"Cores in use: {', '.join(shares)}.", ""]
    if run.slow:
        lines += [
            "Slowest statements of the database (over 50 ms):",
            "",
            *[f"- {each}" for each in run.slow],
            "",
        ]
    return lines


def _busy(samples: Sequence[Sample], name: str) -> float:
    return max(samples[-1].busy.get(name, 0.0) - samples[0].busy.get(name, 0.0), 0.0)
