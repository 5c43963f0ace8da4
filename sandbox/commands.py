"""The sandbox's command for `flask`. Apart from the package itself, so that the stand-ins start without the shop."""

from flask import Flask

from app.late_command import LateCommand


def init_sandbox_cli(app: Flask) -> None:
    """Add `flask seed-demo`; what draws and writes the demo shop is imported when it is called."""
    app.cli.add_command(
        LateCommand(
            "seed-demo", "sandbox.cli:seed_demo_command", "Fill an empty database with the demo shop."
        )
    )
