"""Which shop the tour walks through: a running one, or a fresh one it starts and removes."""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.running.children import Child, Job, stop_all
from sandbox.running.once import find_running
from sandbox.running.plan import ROOT, find_instance, read_port
from sandbox.running.ports import is_free, is_tradepost
from sandbox.touring.trouble import CannotTour

_FIRST_SPARE_PORT = 8400
_START_SECONDS = 120
_STOP_SECONDS = 30
# Beyond these nothing that happens in the background may take.
_PATIENCE = {"database": 30.0, "rq": 30.0, "drain": 60.0}


@dataclass(frozen=True)
class Shop:
    url: str
    mailbox: str
    square: str
    jobs: str
    # TRADEPOST_PATIENCE, for a machine that is busy with other things; 0: what is usual.
    own_patience: float = 0.0

    @property
    def patience(self) -> float:
        """Seconds that work in the background may take."""
        return self.own_patience or _PATIENCE.get(self.jobs, 60.0)


@contextmanager
def open_shop(environ: Mapping[str, str], *, is_fresh: bool) -> Iterator[Shop]:
    """The shop that runs, by TRADEPOST_URL, PORT, or the note in instance/; a fresh one where there is none."""
    note = {} if is_fresh else _find(environ)
    if note:
        yield _read(note)
        return
    with _start(environ) as started:
        yield _read(started)


def _find(environ: Mapping[str, str]) -> dict[str, Any]:
    """What is known about the running shop; empty when none runs where it was looked for."""
    note = find_running(find_instance(environ) / "sandbox" / "run.lock")
    wanted = environ.get("TRADEPOST_URL", "").rstrip("/")
    if not wanted and environ.get("PORT"):
        port = read_port(environ["PORT"])
        if not is_tradepost(port):
            return {}
        wanted = f"http://127.0.0.1:{port}"
    if not wanted or wanted == note.get("shop"):
        return note if note.get("shop") else {}
    return {
        "shop": wanted,
        "mailbox": environ.get("TRADEPOST_MAILBOX"),
        "square": environ.get("SQUARE_BASE_URL"),
        "jobs": environ.get("JOBS"),
        "patience": environ.get("TRADEPOST_PATIENCE"),
    }


def _read(note: Mapping[str, Any]) -> Shop:
    shop = str(note["shop"])
    if not note.get("mailbox"):
        raise CannotTour(
            f"The shop at {shop} does not send its mail to the sandbox, so nobody can read the links in it. "
            "If it does, say where the mailbox is: TRADEPOST_MAILBOX=http://127.0.0.1:8003"
        )
    if not note.get("square") or "squareup" in str(note["square"]):
        raise CannotTour(
            f"The shop at {shop} takes cards with Square's own script, which only a browser can run. "
            "If it uses the look-alike, say where that is: SQUARE_BASE_URL=http://127.0.0.1:8001"
        )
    return Shop(
        shop,
        str(note["mailbox"]),
        str(note["square"]),
        str(note.get("jobs") or "database"),
        float(note.get("patience") or 0),
    )


@contextmanager
def _start(environ: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """`make run` in a temporary folder on a spare port; stopped and removed afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="tradepost-tour-"))
    port = environ.get("PORT") or str(_spare_port())
    own = {**environ, "TRADEPOST_INSTANCE": str(folder), "PORT": port}
    own.pop("SITE_URL", None)
    print(f"No shop runs here: starting one on port {port} for the tour.", flush=True)
    run = Child(Job("Run", ("sandbox.run", "--pictures", "none")), own, ROOT, folder / "run.log")
    try:
        yield _wait(run, folder)
    finally:
        stop_all([run], _STOP_SECONDS, lambda: False)
        shutil.rmtree(folder, ignore_errors=True)


def _wait(run: Child, folder: Path) -> dict[str, Any]:
    deadline = time.monotonic() + _START_SECONDS
    while not (note := find_running(folder / "sandbox" / "run.lock")).get("shop"):
        if not run.is_running or time.monotonic() > deadline:
            raise CannotTour(f"A shop for the tour did not start:\n{run.last_words(40)}")
        time.sleep(0.1)
    return note


def _spare_port() -> int:
    """Differs by process, so that two tours at once do not reach for the same."""
    first = _FIRST_SPARE_PORT + os.getpid() % 100 * 10
    return next(port for port in range(first, first + 1000) if is_free(port))
