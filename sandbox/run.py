"""`make run`: the whole shop on this machine, with stand-ins for whatever of the outside world is not given."""

import argparse
import json
import os
import signal
import sys
import threading
import time
import urllib.error
import urllib.request

from sandbox.running.children import Child, Job, stop_all
from sandbox.running.once import RunLock, RunsAlready
from sandbox.running.plan import ROOT, Plan, PortNotANumber, find_instance, make_plan, read_port
from sandbox.running.ports import NoFreePort, is_free, is_tradepost
from sandbox.running.settings_file import SettingsFile, SettingsFileBroken
from sandbox.running.words import say_where

_START_SECONDS = 60
_STOP_SECONDS = 15
# More ends than that within a minute, and something is broken that starting again does not mend.
_MOST_ENDS, _MINUTE = 6, 60.0


class CannotStart(Exception):
    """The message is a sentence for whoever called `make run`."""


class Stopped(Exception):
    """Told to stop before everything was up."""


class Run:
    """The processes of one run, in the order they were started, and whether somebody wants them to stop."""

    def __init__(self, plan: Plan):
        self.plan = plan
        self.children: list[Child] = []
        self._told = threading.Event()
        self._signals = 0

    def listen(self) -> None:
        """From here on Ctrl-C and SIGTERM mean: stop all of it. A second one means: at once."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._stop)

    def _stop(self, *_: object) -> None:
        self._signals += 1
        self._told.set()

    def start(self, *jobs: Job) -> None:
        for job in jobs:
            log = self.plan.logs / job.log_name
            self.children.append(Child(job, self.plan.environment, ROOT, log))

    def finish(self, job: Job) -> None:
        """Run one step to its end, in the terminal; CannotStart when it fails, Stopped when told to stop."""
        step = Child(job, self.plan.environment, ROOT)
        try:
            while step.is_running:
                self._pause(0.05)
                self.raise_for_dead()
        finally:
            step.end()
        if step.process.returncode:
            raise CannotStart("The shop was not started: see above.")

    def wait_for(self, name: str, url: str) -> None:
        """Until that address answers 200; CannotStart says what it answered instead."""
        deadline = time.monotonic() + _START_SECONDS
        while not (answer := _ask(url)).is_good:
            self.raise_for_dead()
            if time.monotonic() > deadline:
                raise CannotStart(
                    f"{name} is not well after {_START_SECONDS} seconds. {url} says: {answer.words}"
                )
            self._pause(0.1)

    def watch(self) -> None:
        """Until told to stop: what ends is started again, as a host's service manager would. CannotStart when processes
        end again and again."""
        ends: list[float] = []
        try:
            while True:
                self._pause(0.5)
                for place, child in enumerate(self.children):
                    if not child.is_running:
                        ends = [at for at in ends if at > time.monotonic() - _MINUTE] + [time.monotonic()]
                        self.children[place] = self._start_again(child, len(ends))
        except Stopped:
            return

    def _start_again(self, ended: Child, ends: int) -> Child:
        if ends > _MOST_ENDS:
            self.raise_for_dead()
        ended.end()  # whatever it left behind may still hold its port
        status = ended.process.returncode
        print(f"{ended.job.name} ended (status {status}) and is started again.", flush=True)
        return Child(ended.job, self.plan.environment, ROOT, ended.log)

    def raise_for_dead(self) -> None:
        dead = next((child for child in self.children if not child.is_running), None)
        if dead:
            raise CannotStart(
                f"{dead.job.name} ended by itself (status {dead.process.returncode}), so everything is stopped. "
                f"The end of {dead.log}:\n{dead.last_words()}"
            )

    def _pause(self, seconds: float) -> None:
        if self._told.wait(seconds):
            raise Stopped

    def stop(self) -> None:
        """The shop first, so that its last mail and its last question to the bank still find somebody."""
        waits_since = self._signals
        for inner in (True, False):
            group = [child for child in self.children if (child.job.name in _INNER) is inner]
            stop_all(group, _STOP_SECONDS, lambda: self._signals > max(waits_since, 1))


class _Answer:
    def __init__(self, is_good: bool, words: str):
        self.is_good = is_good
        self.words = words


def _ask(url: str) -> _Answer:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return _Answer(True, answer.read(2000).decode(errors="replace"))
    except urllib.error.HTTPError as error:
        return _Answer(False, error.read(2000).decode(errors="replace"))
    except OSError as error:
        return _Answer(False, str(error))


# The shop's own processes; the others are the world around it.
_INNER = {"Web", "Worker", "Cron"}


def _stand_ins(plan: Plan) -> list[Job]:
    jobs = []
    if plan.square_port:
        state = str(plan.sandbox / "square.db")
        jobs.append(
            Job("Square look-alike", ("sandbox.square", "--port", str(plan.square_port), "--state", state))
        )
    if plan.mailbox_port:
        ports = ("--smtp-port", str(plan.smtp_port), "--http-port", str(plan.mailbox_port))
        jobs.append(Job("Mail catcher", ("sandbox.mail", *ports, "--folder", str(plan.sandbox / "mails"))))
    return jobs


def _shop(plan: Plan) -> list[Job]:
    web = ("gunicorn", "wsgi:app", "--workers", "2", "--threads", "4", "--bind", f"{plan.host}:{plan.port}")
    options = ("--graceful-timeout", "5", "--no-control-socket")
    if plan.jobs == "drain":
        worker = Job("Cron", ("sandbox.running.cron",))
    else:
        worker = Job("Worker", ("flask", "--app", "wsgi", "jobs", "work"))
    return [Job("Web", (*web, *options)), worker]


def _check_port(host: str, port: int) -> None:
    if is_free(port, host):
        return
    if is_tradepost(port):
        who = (
            f"a Tradepost shop runs there already (http://127.0.0.1:{port}/). Use that one, or stop it first"
        )
    else:
        who = "another program listens there. Stop that one"
    raise CannotStart(
        f"Port {port} is taken: {who}. Or start this shop elsewhere: make run PORT={port + 100}"
    )


def _open(run: Run, pictures: str) -> None:
    """Everything up to the moment the shop answers."""
    plan = run.plan
    run.start(*_stand_ins(plan))
    for name, url in (("Square look-alike", plan.square_url), ("Mail catcher", plan.mailbox_url)):
        if url:
            run.wait_for(name, f"{url}/healthz")
    quiet = () if sys.stderr.isatty() else ("--quiet",)
    run.finish(Job("Preparation", ("sandbox.running.prepare", "--pictures", pictures, *quiet)))
    run.start(*_shop(plan))
    run.wait_for("The shop", f"{plan.shop_url}/readyz")


def _run(lock: RunLock, plan: Plan, pictures: str) -> None:
    run = Run(plan)
    run.listen()
    try:
        print("Starting the shop ...", flush=True)
        _open(run, pictures)
        lock.note(_note(plan))
        print(_say_where(plan), flush=True)
        run.watch()
        print("\nStopping ...", flush=True)
    except Stopped:
        print("\nStopping before everything was up ...", flush=True)
    finally:
        run.stop()


def _note(plan: Plan) -> dict[str, object]:
    return {
        "pid": os.getpid(),
        "shop": plan.shop_url,
        "mailbox": plan.mailbox_url,
        "square": plan.square_url,
        "jobs": plan.jobs,
    }


def _say_where(plan: Plan) -> str:
    note = json.loads((plan.sandbox / "prepared.json").read_text())
    return say_where(plan, is_demo=note["is_demo"], engine=note["engine"])


def main() -> int:
    """Run until told to stop. Status 1 when the shop cannot start, or its processes end again and again."""
    parser = argparse.ArgumentParser(prog="python -m sandbox.run", description=__doc__)
    parser.add_argument(
        "--pictures",
        choices=["all", "main", "none"],
        default="all",
        help="how many pictures an empty database gets: every color, one a product, or none",
    )
    pictures = parser.parse_args().pictures
    # Papers of applicants, mail and the database are nobody else's on this machine.
    os.umask(0o077)
    try:
        instance = find_instance(os.environ)
        file = SettingsFile(instance / "settings.toml")
        port = read_port(os.environ.get("PORT") or file.given.get("PORT", ""))
        lock = RunLock(instance / "sandbox" / "run.lock")
        try:
            _check_port(os.environ.get("HOST") or "127.0.0.1", port)
            _run(lock, make_plan(os.environ, file, instance, port), pictures)
        finally:
            lock.release()
    except (CannotStart, RunsAlready, PortNotANumber, NoFreePort, SettingsFileBroken) as refusal:
        print(refusal, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
