"""A shop without settings: the set-up page behind its one-time code, and the same as `flask install`."""

from __future__ import annotations

from flask import Flask

from app.late_command import LateCommand


def init_first_run_cli(app: Flask) -> None:
    """Add `flask install` to a shop that is set up already, where it says so and changes nothing."""
    app.cli.add_command(
        LateCommand("install", "app.first_run.cli:install_command", "Set up a new shop, without a browser.")
    )
