"""One release's code, wherever it lies, and its commands: each run in a process of its own on the shop's own data."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from app.upgrade.refused import UpgradeRefused

_OWN = "TRADEPOST_UPGRADING"
# How much of what a command said is shown.
_LINES = 6
_WORDS = 600


class CommandFailed(UpgradeRefused):
    """A command of the shop ended badly; the message is what it said last."""


class Code:
    """`folder` is the release, `instance` the shop's own folder; what a command says in the end is kept in `log`."""

    def __init__(self, folder: Path, instance: Path, log: Path):
        self.folder = folder
        self._log = log
        # As it is here, but for: who asks, whose data, and that nothing is written into a folder about to be moved.
        self._as = [
            "env",
            "-u",
            "FLASK_RUN_FROM_CLI",
            f"{_OWN}=1",
            f"TRADEPOST_INSTANCE={instance}",
            "PYTHONDONTWRITEBYTECODE=1",
        ]

    def step(self, name: str, *arguments: str) -> dict[str, Any]:
        """One of steps.py, which answers in a line of JSON; CommandFailed with its last words."""
        command = [
            *self._as,
            sys.executable,
            "-m",
            "flask",
            "--app",
            "wsgi",
            "upgrade-step",
            name,
            *arguments,
        ]
        done = subprocess.run(  # noqa: S603  # nosec B603  # our own command
            command, cwd=self.folder, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
        )
        lines = done.stdout.strip().splitlines()
        if done.returncode or not lines:
            said = done.stderr.strip() or done.stdout.strip() or "nothing"
            with self._log.open("a") as log:
                log.write(f"{said}\n")
            raise CommandFailed(f"{_last_words(said)}\n(All it said is in {self._log}.)")
        answer: dict[str, Any] = json.loads(lines[-1])
        return answer


def _last_words(said: str) -> str:
    """Of a traceback the last line, which names the error."""
    lines = [line for line in said.splitlines() if line.strip() and not line.lstrip().startswith("{")] or [
        said
    ]
    start = next((number for number, line in enumerate(lines) if line.startswith("Traceback")), None)
    if start is None:
        return "\n".join(lines[-_LINES:])
    ends = [
        line for line in lines[start + 1 :] if not line.startswith((" ", "Traceback", "The above", "During"))
    ]
    return (ends or lines)[0][:_WORDS]
