"""Processes of ours: each in a session of its own, its output in a log file, and none left behind."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

_PR_SET_PDEATHSIG = 1
_LONGEST_LOG = 5_000_000
_POLL_SECONDS = 0.05


@dataclass(frozen=True)
class Job:
    """What to start: a name for people and for the log file, and the arguments after `python -m`."""

    name: str
    arguments: tuple[str, ...]

    @property
    def log_name(self) -> str:
        return self.name.replace(" ", "-").lower() + ".log"


class Child:
    """One running process and whatever it starts itself."""

    def __init__(self, job: Job, environment: dict[str, str], folder: Path, log: Path | None = None):
        self.job = job
        self.log = log
        output = _open_log(log) if log else None
        try:
            self.process = subprocess.Popen(
                [sys.executable, "-m", *job.arguments],
                env=environment,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - one call into the kernel, no Python locks
            )
        finally:
            if output:
                output.close()

    @property
    def is_running(self) -> bool:
        return self.process.poll() is None

    def ask_to_stop(self) -> None:
        """SIGTERM to the process itself, which winds up its own children."""
        if self.is_running:
            self.process.terminate()

    def end(self) -> None:
        """Kill what is left of it: the process, and everything of its session."""
        if self.is_running:
            self.process.kill()
        self.process.wait()
        for number in list_session(self.process.pid):
            _kill(number)

    def last_words(self, lines: int = 15) -> str:
        """The end of its log."""
        if self.log is None or not self.log.is_file():
            return ""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])


def stop_all(children: Sequence[Child], seconds: float, is_hurried: Callable[[], bool]) -> None:
    """Ask all to stop, wait so long at most, then kill. `is_hurried` says that nobody wants to wait any more."""
    for child in children:
        child.ask_to_stop()
    deadline = time.monotonic() + seconds
    while any(child.is_running for child in children):
        if time.monotonic() > deadline or is_hurried():
            break
        time.sleep(_POLL_SECONDS)
    for child in children:
        child.end()


def list_session(session: int) -> list[int]:
    """Processes of a session, whatever group they moved to. Where there is no /proc, the group's leader alone."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            # After the name in brackets: state, parent, group, session.
            fields = entry.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if fields[0] != "Z" and int(fields[3]) == session:
            found.append(int(entry.parent.name))
    return found


def _kill(number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(number, signal.SIGKILL)


def _open_log(path: Path) -> IO[bytes]:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_file() and path.stat().st_size > _LONGEST_LOG:
        path.replace(path.with_suffix(".log.1"))
    return path.open("ab")


def _die_with_parent() -> None:
    """Runs in the child: on Linux the kernel ends it when we are killed without a chance to do it ourselves."""
    if sys.platform == "linux":
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


_libc = ctypes.CDLL(None)
