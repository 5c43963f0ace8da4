"""`flask jobs work | relay | worker | drain`: the worker door."""

from __future__ import annotations

import re
import sys

import click
from flask import current_app
from flask.cli import AppGroup

from app.settings import Settings
from jobs.kept_running import KeptRunning
from jobs.rq_queue import Handover, run_worker
from jobs.worker import Stop, drain, work

jobs_cli = AppGroup("jobs", help="Background work: capture, mail, upkeep.")


@jobs_cli.command("work")
def work_command() -> None:
    """Run whatever JOBS says until stopped: a loop over the database, or a relay and an RQ worker."""
    settings, stop = _settings(), Stop().listen()
    if settings.jobs != "rq":
        click.echo("Working on the outbox. Stop with Ctrl-C.")
        work(stop)
        return
    handover = Handover(settings)
    with KeptRunning([sys.executable, "-m", "flask", "--app", "wsgi", "jobs", "worker"]) as worker:
        work(stop, handover, handover.beat, lambda: worker.is_there() and handover.has_room())


@jobs_cli.command("relay")
def relay_command() -> None:
    """Only hand due work to RQ, for set-ups that run relay and workers as services of their own."""
    handover = Handover(_settings())
    work(Stop().listen(), handover, handover.beat, handover.has_room)


@jobs_cli.command("worker")
def worker_command() -> None:
    """Only run what is on RQ's queues, beside a relay."""
    run_worker(current_app._get_current_object(), _settings())  # type: ignore[attr-defined]


@jobs_cli.command("drain")
@click.option("--for", "duration", default="50s", show_default=True, help="At most so long, like 50s or 2m.")
def drain_command(duration: str) -> None:
    """Run due work for a while and stop: for cron. Two may overlap."""
    click.echo(f"{drain(_parse_duration(duration))} done.")


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings


def _parse_duration(text: str) -> float:
    found = re.fullmatch(r"(\d+)(s|m)?", text.strip())
    if not found:
        raise click.BadParameter("use seconds or minutes, like 50s or 2m", param_hint="--for")
    return int(found[1]) * (60 if found[2] == "m" else 1)
