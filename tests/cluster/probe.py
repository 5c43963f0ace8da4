"""Writes to one node all the time, so that one can say for how long nobody could."""

from __future__ import annotations

import threading
import time
from types import TracebackType
from typing import Self

import pymysql

from tests.cluster.galera import Node
from tests.servers import new_database

_PAUSE = 0.02
_ANSWER_SECONDS = 60


class Probe:
    """One small row every 20 ms to a database of its own; keeps when each was confirmed."""

    def __init__(self, node: Node):
        self._node = node
        self._confirmed: list[float] = []
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._write, daemon=True)
        new_database(node, "probe")
        with pymysql.connect(unix_socket=str(node.socket), user="root", database="probe") as connection:
            connection.cursor().execute("CREATE TABLE beats (id INT PRIMARY KEY, beat INT NOT NULL)")
            connection.cursor().execute("INSERT INTO beats VALUES (1, 0)")
            connection.commit()

    def longest_gap(self, since: float) -> float:
        """Seconds between two confirmed writes, the longest that ended after this moment (of time.monotonic)."""
        later = [
            after - before
            for before, after in zip(self._confirmed, self._confirmed[1:], strict=False)
            if after >= since
        ]
        return max(later, default=0.0)

    def _write(self) -> None:
        while not self._ends.is_set():
            try:
                self._write_on_and_on()
            except (pymysql.Error, OSError):
                self._ends.wait(_PAUSE)

    def _write_on_and_on(self) -> None:
        socket = str(self._node.socket)
        with pymysql.connect(
            unix_socket=socket, user="root", database="probe", autocommit=True, read_timeout=_ANSWER_SECONDS
        ) as connection:
            while not self._ends.is_set():
                connection.cursor().execute("UPDATE beats SET beat = beat + 1 WHERE id = 1")
                self._confirmed.append(time.monotonic())
                self._ends.wait(_PAUSE)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._ends.set()
        self._thread.join()
