"""`python -m sandbox.running.cron`: the host's cron in a box, for JOBS=drain. Calls `flask jobs drain` again and again."""

import os
import signal
import subprocess
import sys
import threading

# A real host's cron comes once a minute; nobody who tries the shop wants to wait so long.
_EVERY_SECONDS = 10
_DRAIN_SECONDS = 10


def main() -> int:
    """Until SIGINT or SIGTERM; a drain under way is told to stop, too."""
    told_to_stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: told_to_stop.set())
    every = int(os.environ.get("SANDBOX_CRON_SECONDS") or _EVERY_SECONDS)
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "jobs", "drain", "--for", f"{_DRAIN_SECONDS}s"]
    while not told_to_stop.is_set():
        with subprocess.Popen(command) as drain:
            while drain.poll() is None:
                if told_to_stop.wait(0.1):
                    drain.terminate()
                    break
        told_to_stop.wait(every)
    return 0


if __name__ == "__main__":
    sys.exit(main())
