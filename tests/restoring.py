"""`python -m tests.restoring FILE STEP COUNT`: a restore that is killed -9 when a step has come so far."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from app import create_app
from app.backup.restore_backup import RestoreBackup, restore_backup


class Killer:
    """Counts what is told of one step, and kills this process at that count."""

    def __init__(self, step: str, count: int):
        self._step = step
        self._left = count
        self._is_there = False

    def begin(self, step: str, total: int, unit: str) -> None:
        """See whether this is the step."""
        self._is_there = step == self._step

    def advance(self, count: int) -> None:
        """Count on."""
        if self._is_there:
            self._left -= 1
            if not self._left:
                os.kill(os.getpid(), signal.SIGKILL)


def main(path: str, step: str, count: str) -> None:
    """Restore over the shop the environment tells of."""
    app = create_app()
    with app.app_context():
        command = RestoreBackup(path=Path(path), replace=True)
        restore_backup(command, settings=app.extensions["settings"], progress=Killer(step, int(count)))


if __name__ == "__main__":
    main(*sys.argv[1:])
