"""`python -m tests.faults.workers rq|embedded`: job workers that are started again whenever one is killed.

What a host's service manager does, but the shop is loaded once and forked, so that a killed worker is back at once.
Each writes its process number to a file, so that it can be found and killed.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

from jobs.rq_queue import Handover, run_worker
from jobs.worker import Stop, work
from tests.faults.entry import app, forget_parents_connections
from tests.faults.points import WORKERS

SLOTS = {"rq": ("relay", *WORKERS), "embedded": WORKERS}
# A worker that ends at once, because Redis or the database is away, must not be started a hundred times a second.
_PAUSE = 0.2


def main(mode: str) -> None:
    """Until told to stop (SIGTERM), keep one process in each slot."""
    stop = Stop().listen()
    folder = Path(os.environ["FAULTS_FOLDER"]) / "pids"
    folder.mkdir(parents=True, exist_ok=True)
    running: dict[int, str] = {}
    while not stop.is_set:
        for slot in SLOTS[mode]:
            if slot not in running.values():
                number = _fork(slot, mode)
                running[number] = slot
                (folder / slot).write_text(str(number))
        gone, _ = os.waitpid(-1, os.WNOHANG)
        if gone:
            running.pop(gone, None)
        time.sleep(_PAUSE)
    for number in running:
        os.kill(number, signal.SIGKILL)


def _fork(slot: str, mode: str) -> int:
    number = os.fork()
    if number:
        return number
    status = 1
    try:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        forget_parents_connections()
        _run(slot, mode)
        status = 0
    finally:
        sys.stderr.flush()
        os._exit(status)


def _run(slot: str, mode: str) -> None:
    settings = app.extensions["settings"]
    with app.app_context():
        if mode == "embedded":
            work(Stop().listen())
        elif slot == "relay":
            handover = Handover(settings)
            work(Stop().listen(), handover, handover.beat, handover.has_room)
        else:
            run_worker(app, settings)


if __name__ == "__main__":
    main(sys.argv[1])
