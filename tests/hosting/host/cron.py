"""The host's cron, run every few seconds instead of once a minute, and two at a time: overlapping must do no harm."""

from __future__ import annotations

import subprocess
import threading

from tests.hosting.host.account import Account

_EVERY_SECONDS = 6


class Cron(threading.Thread):
    """Runs the very command the set-up showed, with cron's shell and cron's bare environment, as the account's user."""

    def __init__(self, account: Account, command: str):
        super().__init__(daemon=True)
        self.runs = 0
        self.failed: list[str] = []
        self._account = account
        self._command = command
        self._told = threading.Event()

    def run(self) -> None:
        while not self._told.is_set():
            both = [
                self._account.start(["/bin/sh", "-c", self._command], stdin=subprocess.DEVNULL)
                for _ in range(2)
            ]
            for process in both:
                self.runs += 1
                if process.wait():
                    log = self._account.instance / "cron.log"
                    self.failed.append(log.read_text(errors="replace")[-1500:] if log.is_file() else "no log")
            self._told.wait(_EVERY_SECONDS)

    def stop(self) -> None:
        self._told.set()
        self.join(timeout=90)
