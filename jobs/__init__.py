"""The worker door: background work, by a loop over the database, by RQ, or in bursts from cron."""

from flask import Flask

from app.late_command import LateCommand


def init_jobs_cli(app: Flask) -> None:
    """Add `flask jobs …` and `flask reconcile`; RQ, the handlers and Square are imported when they are called."""
    app.cli.add_command(LateCommand("jobs", "jobs.cli:jobs_cli", "Background work: capture, mail, upkeep."))
    app.cli.add_command(
        LateCommand(
            "reconcile", "jobs.reconcile_cli:reconcile_command", "Compare payments with the provider's books."
        )
    )
