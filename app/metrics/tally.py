"""Counters and histograms in files that all processes of this machine add up to, whoever of them is asked.

prometheus-client's own way of several processes is one file for each process number that ever was, and its directory must
be emptied by hand. Here a process takes the first free slot and locks it; when it ends, however it ends, the next one goes
on counting there. So nothing is ever lost or goes backwards, and there are as many files as processes at a time.
"""

from __future__ import annotations

import fcntl
import os
import struct
import threading
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from io import BufferedRandom
from pathlib import Path
from typing import Any

from prometheus_client.metrics_core import Metric
from prometheus_client.mmap_dict import MmapedDict, mmap_key
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.utils import floatToGoString

_MOST_SLOTS = 256
_ENDLESS = float("inf")
# More than every route in every class of status comes to (a test works it out). Taken once for each process at a time.
ROOM = {"counter": 1024 * 1024, "histogram": 4 * 1024 * 1024, "gauge": 64 * 1024}
# prometheus-client reads from a file's name what is in it, and that gauges are to be added up.
_GAUGE = "gauge_livesum_"
_STARTS = {"counter": "counter_", "histogram": "histogram_", "gauge": _GAUGE}


@dataclass(frozen=True)
class Counted:
    """Something counted, by its labels. With `buckets` a histogram of values, else a counter or a gauge."""

    name: str
    words: str
    labels: tuple[str, ...]
    buckets: tuple[float, ...] = ()


class Tally:
    """This process's part of the count. Threads share it; a forked child takes a slot of its own at its first count."""

    def __init__(self, folder: Path):
        self._folder = folder
        self._lock = threading.Lock()
        self._process = 0
        self._slot: BufferedRandom | None = None
        self._files: dict[str, MmapedDict] = {}
        self._shown: set[tuple[str, tuple[str, ...]]] = set()
        self._keys: dict[tuple[str, str, tuple[str, ...]], str] = {}

    def count(self, what: Counted, *labels: str, by: float = 1.0) -> None:
        """Add to a counter."""
        with self._lock, suppress(OSError):  # no room, or too many processes: a page goes before its figure
            self._add("counter", self._key(what, f"{what.name}_total", labels), by)

    def shift(self, what: Counted, by: float) -> None:
        """Add to a gauge of what is going on now. What an ended process had under way is forgotten with it."""
        with self._lock, suppress(OSError):
            self._add("gauge", self._key(what, what.name, ()), by)

    def observe(self, what: Counted, value: float, *labels: str) -> None:
        """Add a value to a histogram: to its sum, and to the smallest bucket that holds it."""
        bucket = next((top for top in what.buckets if value <= top), _ENDLESS)
        with self._lock, suppress(OSError):
            self._add("histogram", self._key(what, f"{what.name}_sum", labels), value)
            if (what.name, labels) not in self._shown:
                # Empty buckets stand there, too: without the last one nothing can be worked out from the others.
                for top in (*what.buckets, _ENDLESS):
                    self._add("histogram", self._bucket_key(what, labels, top), 0.0)
                self._shown.add((what.name, labels))
            self._add("histogram", self._bucket_key(what, labels, bucket), 1.0)

    def collect(self) -> Iterable[Metric]:
        """The sums over all processes of this machine, those that ended too; gauges over those that live."""
        paths = [path for path in self._folder.glob("*.db") if not _is_leftover(path)]
        found: Iterable[Metric] = MultiProcessCollector.merge([str(path) for path in paths])
        return found

    def __del__(self) -> None:
        self.close()

    def close(self) -> None:
        """Let the slot go. What a child inherited stays locked by its parent."""
        for each in self._files.values():
            each.close()
        if self._slot is not None:
            self._slot.close()
        self._files, self._slot, self._process = {}, None, 0
        self._shown = set()

    def _bucket_key(self, what: Counted, labels: tuple[str, ...], top: float) -> str:
        return self._key(what, f"{what.name}_bucket", labels, floatToGoString(top))

    def _key(self, what: Counted, sample: str, labels: tuple[str, ...], bucket: str = "") -> str:
        known = (sample, bucket, labels)
        if known not in self._keys:
            names: Sequence[str] = (*what.labels, "le") if bucket else what.labels
            values: Sequence[str] = (*labels, bucket) if bucket else labels
            self._keys[known] = mmap_key(what.name, sample, list(names), list(values), what.words)
        return self._keys[known]

    def _add(self, kind: str, key: str, amount: float) -> None:
        if self._process != os.getpid():
            self._take_slot()
        file = self._files[kind]
        file.write_value(key, file.read_value(key)[0] + amount, 0.0)

    def _take_slot(self) -> None:
        """The first slot no living process holds; what was inherited at a fork is the parent's."""
        self.close()
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for number in range(_MOST_SLOTS):
            slot = (self._folder / f"slot_{number}.lock").open("a+b")
            try:
                fcntl.flock(slot, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                slot.close()
                continue
            self._slot = slot
            # Of the process before this one, and no longer true.
            (self._folder / f"{_GAUGE}{number}.db").unlink(missing_ok=True)
            for kind, start in _STARTS.items():
                self._files[kind] = _open(self._folder / f"{start}{number}.db", ROOM[kind])
            self._process = os.getpid()
            return
        raise OSError(f"more than {_MOST_SLOTS} processes count at a time")


def _is_leftover(path: Path) -> bool:
    """Whether a gauge was left by a process that ended: then nobody holds its slot."""
    if not path.name.startswith(_GAUGE):
        return False
    number = path.stem.removeprefix(_GAUGE)
    with path.with_name(f"slot_{number}.lock").open("a+b") as slot:
        try:
            fcntl.flock(slot, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def _open(path: Path, room: int) -> Any:
    """The file of a slot; one that a full disk or a crash of the machine left in pieces begins anew."""
    if path.exists():
        try:
            list(MmapedDict.read_all_values_from_file(str(path)))
        except (RuntimeError, ValueError, struct.error):
            path.unlink()
    # Room is taken now, where a full disk is an error: a write to memory that has none behind it would end the process.
    with path.open("ab") as file:
        os.posix_fallocate(file.fileno(), 0, room)
    return MmapedDict(str(path))
