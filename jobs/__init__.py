"""The worker door: background work, by a loop over the database, by RQ, or in bursts from cron."""

from flask import Flask

from app.late_command import LateCommand


def init_jobs_cli(app: Flask) -> None:
    """Add `flask jobs …`; RQ and the handlers are imported when it is called."""
    app.cli.add_command(LateCommand("jobs", "jobs.cli:jobs_cli", "Background work: capture, mail, upkeep."))
