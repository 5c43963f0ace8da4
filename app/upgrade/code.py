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
_WORDS = 1500


class CommandFailed(UpgradeRefused):
    """A command of the shop ended badly; the message is what it said last."""


class Code:
    """`folder` is the release, `instance` the shop's own folder."""

    def __init__(self, folder: Path, instance: Path):
        self.folder = folder
        # As it is here, but for: who asks, whose data, and that nothing is written into a folder about to be moved.
        self._as = [
            "env",
            "-u",
            "FLASK_RUN_FROM_CLI",
            f"{_OWN}=1",
            f"TRADEPOST_INSTANCE={instance}",
            "PYTHONDONTWRITEBYTECODE=1",
        ]

    def flask(self, *arguments: str, may_fail: bool = False) -> str:
        """What the command wrote to standard output; CommandFailed with its last words."""
        command = [*self._as, sys.executable, "-m", "flask", "--app", "wsgi", *arguments]
        done = subprocess.run(  # noqa: S603  # nosec B603  # our own command
            command, cwd=self.folder, capture_output=True, text=True, check=False,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
        if done.returncode and not may_fail:
            said = (done.stderr.strip() or done.stdout.strip())[-_WORDS:]
            raise CommandFailed(f"`flask {' '.join(arguments[:2])}` of {self.folder.name} said:\n{said}")
        return done.stdout

    def step(self, *arguments: str) -> dict[str, Any]:
        """One of steps.py, which answers in one line of JSON."""
        lines = self.flask("upgrade-step", *arguments).strip().splitlines()
        try:
            answer: dict[str, Any] = json.loads(lines[-1])
        except (IndexError, ValueError):
            raise CommandFailed(f"`flask upgrade-step {arguments[0]}` gave no answer.") from None
        return answer

    def bad_lines(self) -> dict[str, str]:
        """What `flask check` calls bad here, without asking anybody outside: name → what it says and how to right it."""
        told = json.loads(self.flask("check", "--here", "--json", may_fail=True) or "{}")
        if "lines" not in told:
            raise CommandFailed(f"`flask check` of {self.folder.name} could not look at the shop.")
        return {
            line["name"]: f"{line['says']} {line['fix']}".strip()
            for line in told["lines"]
            if line["verdict"] == "bad"
        }
