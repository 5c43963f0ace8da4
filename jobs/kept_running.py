"""A process beside this one that is started again whenever it ends, whoever killed it."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from types import TracebackType
from typing import Self

import structlog

log = structlog.get_logger("jobs")
_STOP_SECONDS = 10


class KeptRunning:
    """Runs a command from entering the block to leaving it; `is_there()` looks after it and is to be called often."""

    def __init__(self, command: Sequence[str]):
        self._command = list(command)
        self._process = subprocess.Popen(self._command)  # nosec B603

    def is_there(self) -> bool:
        """False in the moment in which it was found ended, and started again."""
        status = self._process.poll()
        if status is None:
            return True
        log.warning("worker_ended", status=status)
        self._process = subprocess.Popen(self._command)  # nosec B603
        return False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Ask it to finish what it is at, and end it when it does not."""
        self._process.terminate()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
