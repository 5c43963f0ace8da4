"""`make run` looks after its processes as a host's service manager would: pull the plug on one, and it comes back."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from sandbox.run import CannotStart, Run
from sandbox.running.children import Job

_PATIENCE = 60


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run(SimpleNamespace(logs=tmp_path, environment=dict(os.environ)))  # type: ignore[arg-type]


def test_a_process_that_was_killed_is_started_again(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    sleeper = Job("Worker", ("timeit", "-n", "1", "-r", "1", "import time; time.sleep(60)"))
    run.start(sleeper)
    first = run.children[0].process.pid

    def pull_the_plug() -> None:
        os.kill(first, signal.SIGKILL)
        deadline = time.monotonic() + _PATIENCE
        while run.children[0].process.pid == first and time.monotonic() < deadline:
            time.sleep(0.05)
        run._stop()

    puller = threading.Thread(target=pull_the_plug)
    puller.start()
    run.watch()
    puller.join()
    [child] = run.children
    assert child.process.pid != first
    assert child.is_running
    child.end()
    assert "Worker ended (status -9) and is started again." in capsys.readouterr().out


def test_what_ends_again_and_again_is_broken_and_ends_the_run(run: Run) -> None:
    run.start(Job("Worker", ("no_such_module",)))
    with pytest.raises(CannotStart, match="No module named no_such_module"):
        run.watch()
