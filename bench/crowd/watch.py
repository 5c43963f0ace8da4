"""What the machine does meanwhile: memory and processor time of each process, and how long every queue is."""

from __future__ import annotations

import os
import statistics
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from app.extensions import db
from app.outbox.models import OutboxRow
from app.shared import clock
from bench.crowd.shop import Shop
from sandbox.running.children import list_session

EVERY_SECONDS = 10.0
_QUEUES = ("payments", "mail", "default")
_ESTABLISHED = "01"
_MIB = 1024
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Sample:
    """One look. `memory`: MiB (proportional set size) by process; `busy`: processor seconds so far, by group."""

    at: float
    memory: dict[str, float]
    busy: dict[str, float]
    line: int = 0
    outbox_due: int = 0
    outbox_seconds: float = 0.0
    tickets: int = 0


@dataclass
class Watch:
    """Looks every ten seconds, in a thread, from entering the block to leaving it."""

    shop: Shop
    samples: list[Sample] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def __enter__(self) -> Watch:
        self._thread = threading.Thread(target=self._look_on, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        if self._thread:
            self._thread.join()

    def _look_on(self) -> None:
        with self.shop.app.app_context():
            while not self._stop.wait(EVERY_SECONDS):
                self.samples.append(self._look())

    def _look(self) -> Sample:
        groups = {name: list_session(child.process.pid) for name, child in self.shop.children.items()}
        groups |= {"mariadb": [self.shop.database.number], "redis": [self.shop.redis.number]}
        busy = {name: sum(_processor_seconds(pid) for pid in pids) for name, pids in groups.items()}
        sample = Sample(time.time(), _memory_by_process(groups), busy, line=count_line(self.shop.port))
        with suppress(SQLAlchemyError):
            sample.outbox_due, sample.outbox_seconds = _outbox()
        with suppress(RedisError), Redis.from_url(self.shop.redis.url) as redis:
            sample.tickets = count_tickets(redis)
        return sample


def _outbox() -> tuple[int, float]:
    """How many rows are due, and for how long the oldest of them."""
    now = clock.now()
    due = (
        OutboxRow.closed_at.is_(None),
        OutboxRow.needs_person_at.is_(None),
        OutboxRow.created_at <= now,
        OutboxRow.due_at <= now,
    )
    try:
        count, oldest = db.session.execute(select(func.count(), func.min(OutboxRow.due_at)).where(*due)).one()
        return count, (now - oldest).total_seconds() if oldest else 0.0
    finally:
        db.session.remove()


def count_tickets(redis: Redis) -> int:
    """Work that was handed over to RQ and that no worker has taken."""
    return sum(redis.llen(f"rq:queue:{name}") for name in _QUEUES)


def count_line(port: int) -> int:
    """Requests that arrived and that no thread has begun to read: connections of the shop with unread bytes."""
    with suppress(OSError):
        rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
        wanted = f":{port:04X}"
        return sum(
            row[1].endswith(wanted) and row[3] == _ESTABLISHED and not row[4].endswith(":00000000")
            for row in rows
        )
    return 0


def _memory_by_process(groups: dict[str, list[int]]) -> dict[str, float]:
    """ "web", "web 2" and so on in the order of their numbers; what a job worker forks for one job is left out."""
    found: dict[str, float] = {}
    for name, pids in groups.items():
        known = set(pids)
        older = [
            pid for pid in sorted(pids) if _parent(pid) not in known or _parent(_parent(pid)) not in known
        ]
        for position, pid in enumerate(older):
            size = _pss(pid)
            if size:
                found[name if position == 0 else f"{name} {position + 1}"] = size
    return found


def _pss(pid: int) -> float:
    with suppress(OSError, ValueError, StopIteration):
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        return int(next(line for line in lines if line.startswith("Pss:")).split()[1]) / _MIB
    return 0.0


def _parent(pid: int) -> int:
    fields = _stat(pid)
    return int(fields[1]) if fields else 0


def _processor_seconds(pid: int) -> float:
    """Its own, and those of children it has waited for."""
    fields = _stat(pid)
    return sum(map(int, fields[11:15])) / _TICKS if fields else 0.0


def _stat(pid: int) -> list[str]:
    """After the name in brackets: state, parent, …"""
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return []


@dataclass(frozen=True)
class Growth:
    """One process over the time after warming up; MiB, and MiB an hour along the straight line through all samples."""

    name: str
    first: float
    last: float
    early: float
    late: float
    an_hour: float

    @property
    def is_flat(self) -> bool:
        """The rule of bench/load.md: a twentieth or 4 MiB between the second quarter of the time and the last."""
        return self.late - self.early <= max(self.early / 20, 4.0)


def growth_of(name: str, samples: Sequence[Sample]) -> Growth | None:
    """None where there are too few samples to say anything."""
    points = [(each.at, each.memory[name]) for each in samples if name in each.memory]
    if len(points) < 8:
        return None
    quarter = len(points) // 4
    sizes = [size for _, size in points]
    warm = points[quarter:]
    slope = statistics.linear_regression([at for at, _ in warm], [size for _, size in warm]).slope
    return Growth(
        name, sizes[0], sizes[-1], statistics.median(sizes[quarter : 2 * quarter]), statistics.median(sizes[-quarter:]),
        slope * 3600,
    )  # fmt: skip
